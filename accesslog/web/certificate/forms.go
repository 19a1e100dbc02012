package certificate

import "encoding/pem"

// forms are those in which the authority is handed out, by the names of files.
var forms = map[string]struct {
	media string
	of    func(der []byte) []byte
}{
	"varuh.crt":          {"application/x-x509-ca-cert", func(der []byte) []byte { return der }},
	"varuh.pem":          {"application/x-pem-file", func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }},
	"varuh.mobileconfig": {"application/x-apple-aspen-config", profile},
}

// Form is an authority, in DER, as the file of a name, with its media type; ok is false for another name.
func Form(name string, der []byte) (data []byte, media string, ok bool) {
	f, ok := forms[name]
	if !ok {
		return nil, "", false
	}
	return f.of(der), f.media, true
}
