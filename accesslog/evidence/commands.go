package evidence

// Commands verify a package with programs of others, in its folder: openssl 3.0 or later, sha256sum and xxd. The first line
// that they print is the fingerprint of the key, the second the SHA-256 of the manifest: both are on the handover record.
// They are in FORMAT.md and on the page for reading.
const Commands = `key=$(sed 's/.*"key":"\([^"]*\)".*/\1/' manifest.json)
printf %s "$key" | sha256sum | cut -c1-32
sha256sum manifest.json
(printf 302a300506032b6570032100 | xxd -r -p; printf %s "${key##*+}" | openssl base64 -d -A | tail -c 32) |
	openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey /dev/stdin -in manifest.json -sigfile manifest.sig
sha256sum --quiet -c SHA256SUMS.txt
`
