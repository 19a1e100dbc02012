package configs

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// PagesOff says that no pages are served.
const PagesOff = "off"

// Certificate says what the pages are served with.
type Certificate struct {
	// File and Key are the controller's own certificate with its chain, leaf first, and its private key, in PEM. They are
	// read again when they change. A relative path starts at the folder of varuh.yml. Default: none; the appliance signs
	// one itself.
	File string `yaml:"file"`
	Key  string `yaml:"key"`

	// Names are names by which people call the appliance beside those that it knows of itself, such as
	// kamere.sola.example.
	Names []string `yaml:"names"`
}

func (c *Config) checkPages(d *document) {
	d.listener("https", c.HTTPS)
	d.listener("http", c.HTTP)
	switch {
	case c.HTTP != PagesOff && c.HTTPS == PagesOff:
		d.fault("http", "is %q, but https is off: there is nothing that browsers could be sent on to", c.HTTP)
	case c.HTTP != PagesOff && c.HTTP == c.HTTPS:
		d.fault("http", "is the port of https; each needs one of its own")
	}
	for i, text := range c.Premises {
		p, err := netip.ParsePrefix(text)
		switch path := fmt.Sprintf("premises[%d]", i); {
		case err != nil:
			d.fault(path, "is %q; want a network such as 192.168.1.0/24 or fd00:1::/64", text)
		case p != p.Masked():
			d.fault(path, "is %q, an address inside a network; the network is %s", text, p.Masked())
		}
	}
	c.checkPublished(d)
	own := &c.Certificate
	if (own.File == "") != (own.Key == "") {
		d.fault("certificate", "has one of file and key; a certificate of your own takes both")
	}
	if own.File != "" {
		own.File, own.Key = c.within(own.File), c.within(own.Key)
	}
	for i, name := range own.Names {
		if _, err := netip.ParseAddr(name); err != nil && !IsDomain(name) {
			d.fault(fmt.Sprintf("certificate.names[%d]", i), "is %q; want a name in lower case such as kamere.sola.example", name)
		}
	}
}

// checkPublished refuses what outsiders could not open.
func (c *Config) checkPublished(d *document) {
	if c.Published == "" {
		return
	}
	name, port, ported := strings.Cut(c.Published, ":")
	n, err := strconv.Atoi(port)
	switch {
	case !IsDomain(name) || ported && (err != nil || n < 1 || n > 65535):
		d.fault("published", "is %q; want a name in lower case such as kamere.sola.example, with a port if it is not 443", c.Published)
	case c.HTTPS == PagesOff:
		d.fault("published", "is %q, but https is off: there are no pages that outsiders could open", c.Published)
	case c.Certificate.File == "" && !slices.Contains(c.Certificate.Names, name):
		d.fault("published", "is %q, which the appliance's certificate does not have: name it in certificate.names, too, or give a certificate of your own", c.Published)
	}
}

// listener refuses what can't be listened on.
func (d *document) listener(key, address string) {
	if address == PagesOff {
		return
	}
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || n < 1 || n > 65535 {
		d.fault(key, "is %q; want a port such as :443, an address and a port, or off", address)
		return
	}
	if host = strings.TrimSpace(host); host != "" {
		if _, err := netip.ParseAddr(host); err != nil {
			d.fault(key, "is %q; want an IP address of this machine before the port, such as 127.0.0.1, or nothing for all of them", address)
		}
	}
}

// Networks are the premises.
func (c *Config) Networks() (list []netip.Prefix) {
	for _, text := range c.Premises {
		if p, err := netip.ParsePrefix(text); err == nil { // they were checked
			list = append(list, p)
		}
	}
	return list
}
