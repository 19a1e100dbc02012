package configs

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Pages are off unless somebody switches them on; what can't be listened on, and what is no network, is refused.
func TestPages(t *testing.T) {
	t.Parallel()
	load := func(text string) (*Config, error) {
		return Load(folder(t, map[string]string{"varuh.yml": "store: [a]\n" + text}))
	}
	c, err := load("")
	if err != nil || c.HTTPS != PagesOff || c.HTTP != PagesOff || c.Networks() != nil {
		t.Fatalf("by default %q, %q, %v: %v", c.HTTPS, c.HTTP, c.Premises, err)
	}
	c, err = load("https: :443\nhttp: 192.168.1.5:80\npremises: [192.168.1.0/24, \"fd00:1::/64\"]\ncertificate:\n  file: own.pem\n  key: /etc/own.key\n  names: [kamere.sola.example, 10.0.0.5]\npublished: kamere.sola.example:8443\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("fd00:1::/64")}; !slices.Equal(c.Networks(), want) {
		t.Errorf("premises are %v", c.Networks())
	}
	if c.HTTPS != ":443" || c.Certificate.File != filepath.Join(c.Dir, "own.pem") || c.Certificate.Key != "/etc/own.key" {
		t.Errorf("it became %+v", c)
	}
	for text, want := range map[string]string{
		"https: 443\n":                            `https is "443"; want a port such as :443`,
		"https: :0\n":                             `https is ":0"; want a port`,
		"https: sola.example:443\n":               "want an IP address of this machine",
		"http: :80\n":                             "https is off",
		"https: :443\nhttp: :443\n":               "each needs one of its own",
		"premises: [192.168.1.5/24]\n":            "the network is 192.168.1.0/24",
		"premises: [lan]\n":                       "want a network such as",
		"certificate:\n  file: a.pem\n":           "takes both",
		"certificate:\n  names: [Kamere]\n":       "want a name in lower case",
		"certificate:\n  chain: x\n":              `unknown key "chain"`,
		"published: kamere.sola.example\n":        "https is off",
		"https: :443\npublished: https://sola\n":  "want a name in lower case such as kamere.sola.example",
		"https: :443\npublished: sola:0\n":        "with a port if it is not 443",
		"https: :443\npublished: sola.example\n":  "name it in certificate.names, too",
		"https: :443\nhttp: :80\npremises: lan\n": "premises wants a list",
	} {
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
