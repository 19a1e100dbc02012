package rtsp

// Pins remembers the certificate of each rtsps camera. Cameras sign their own, so the first one met
// is trusted and every other is refused until a person says that the camera was changed.
type Pins interface {
	// Pinned is the SHA-256 of the public key (SubjectPublicKeyInfo, RFC 7469 section 2.4) known
	// for host, and whether one is.
	Pinned(host string) (sum [32]byte, ok bool)
	// Pin remembers the first one met. An error ends the session.
	Pin(host string, sum [32]byte) error
}
