package evidence

// Commands verify a package with programs of others, in its folder: openssl 3.0 or later, and what every system of the kind of
// Debian has. The first line that they print is the fingerprint of the key, the second the SHA-256 of the manifest: both are on
// the handover record. The twelve bytes are those before any Ed25519 key in DER (RFC 8410).
// They are in FORMAT.md and on the page for reading.
const Commands = `key=$(sed 's/.*"key":"\([^"]*\)".*/\1/' manifest.json)
der=$(mktemp)
(printf '\060\052\060\005\006\003\053\145\160\003\041\000'; printf %s "${key##*+}" | openssl base64 -d -A | tail -c 32) > "$der"
printf %s "$key" | sha256sum | cut -c1-32
sha256sum manifest.json
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$der" -in manifest.json -sigfile manifest.sig
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$der" -in SHA256SUMS.txt -sigfile SHA256SUMS.sig
sha256sum --quiet -c SHA256SUMS.txt
rm "$der"
`

// WindowsCommands are for PowerShell, which every Windows since 10 has: they print the SHA-256 of the manifest, and the names of
// files that are not as SHA256SUMS.txt says. It knows no Ed25519: whether that list is signed they can't tell.
// They, too, are in FORMAT.md and on the page.
const WindowsCommands = `(Get-FileHash manifest.json).Hash
Get-Content SHA256SUMS.txt | ForEach-Object { $sum, $name = $_ -split '  ', 2; if ((Get-FileHash -LiteralPath $name).Hash -ne $sum) { $name } }
`
