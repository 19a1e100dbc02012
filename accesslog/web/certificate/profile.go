package certificate

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"text/template"
)

// profileText is a configuration profile, by which an iPhone or a Mac takes a certificate with fewer steps.
var profileText = template.Must(template.New("profile").Parse(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadContent</key>
	<array>
		<dict>
			<key>PayloadContent</key><data>{{.Certificate}}</data>
			<key>PayloadDisplayName</key><string>varuh</string>
			<key>PayloadIdentifier</key><string>varuh.ca.{{.ID}}</string>
			<key>PayloadType</key><string>com.apple.security.root</string>
			<key>PayloadUUID</key><string>{{.Inner}}</string>
			<key>PayloadVersion</key><integer>1</integer>
		</dict>
	</array>
	<key>PayloadDisplayName</key><string>varuh {{.ID}}</string>
	<key>PayloadIdentifier</key><string>varuh.{{.ID}}</string>
	<key>PayloadType</key><string>Configuration</string>
	<key>PayloadUUID</key><string>{{.Outer}}</string>
	<key>PayloadVersion</key><integer>1</integer>
</dict>
</plist>
`))

// profile is the authority as a configuration profile. The same authority is always the same profile, which replaces
// itself.
func profile(der []byte) []byte {
	sum := sha256.Sum256(der)
	var b bytes.Buffer
	err := profileText.Execute(&b, map[string]string{"Certificate": base64.StdEncoding.EncodeToString(der), "ID": fmt.Sprintf("%x", sum[:4]),
		"Inner": uuid(sum[:16]), "Outer": uuid(sum[16:])})
	if err != nil {
		panic(err) // the values are texts, and a buffer takes all
	}
	return b.Bytes()
}

// uuid writes sixteen bytes as a UUID of version 8, one that is made from other things (RFC 9562).
func uuid(b []byte) string {
	b = bytes.Clone(b)
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
