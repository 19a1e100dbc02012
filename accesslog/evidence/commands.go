package evidence

// Commands verify a package with programs of others, in its folder: openssl 3.0 or later, and what every system of the kind of
// Debian has. The first line that they print is the fingerprint of the key, the second the SHA-256 of the manifest: both are on
// the handover record. The twelve bytes are those before any Ed25519 key in DER (RFC 8410).
// They are in FORMAT.md and on the page for reading.
const Commands = `key=$(sed 's/.*"key":"\([^"]*\)".*/\1/' manifest.json)
signed() {
	(printf '\060\052\060\005\006\003\053\145\160\003\041\000'; printf %s "${key##*+}" | openssl base64 -d -A | tail -c 32) |
		openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey /dev/stdin -in "$1" -sigfile "$2"
}
printf %s "$key" | sha256sum | cut -c1-32
sha256sum manifest.json
signed manifest.json manifest.sig
signed SHA256SUMS.txt SHA256SUMS.sig
sha256sum --quiet -c SHA256SUMS.txt
`
