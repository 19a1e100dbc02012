package web

// sizeStep is how finely sizes of footage are told to whoever has entered no viewing of it, in bytes. It is that of the free
// space in the metrics.
const sizeStep = 4 << 30

// upTo is a size of footage in whole steps, rounded up: to the byte, how much a camera sent tells when something moved before it.
func upTo(bytes int64) int64 { return (bytes + sizeStep - 1) / sizeStep * sizeStep }
