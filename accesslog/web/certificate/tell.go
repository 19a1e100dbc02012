package certificate

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"strings"
)

// Own tells whether the controller's own certificate is served. Only then may pages say that they are to be reached
// by HTTPS alone (HSTS): with the appliance's, a person whose device lost the authority would be locked out.
func (k *Keeper) Own() bool { return k.Root() == nil }

// Leaf is the certificate that is served, to be told of.
func (k *Keeper) Leaf() *x509.Certificate { return k.current.Load().Leaf }

// Root is the authority that people install, in DER; nil if the controller's own certificate is served.
func (k *Keeper) Root() []byte {
	root := k.root.Load()
	if root == nil {
		return nil
	}
	return root.cert.Raw
}

// Knows tells whether people may call the appliance by a name or an address: it is in the certificate that is served, or
// the machine's.
func (k *Keeper) Knows(host string) bool {
	if k.current.Load().Leaf.VerifyHostname(host) == nil {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return slices.Contains(k.Names().DNS, strings.ToLower(host))
	}
	return slices.Contains(k.Names().Addresses, ip.Unmap())
}

// shown is the name that people are told: that of the machine if the certificate has it, else the first one that
// it has.
func (k *Keeper) shown() string {
	leaf := k.current.Load().Leaf
	for _, name := range slices.Concat(k.Names().DNS, leaf.DNSNames) {
		if leaf.VerifyHostname(name) == nil && !strings.Contains(name, "*") && name != "localhost" {
			return name
		}
	}
	for _, ip := range leaf.IPAddresses {
		if !ip.IsLoopback() {
			return ip.String()
		}
	}
	return "localhost"
}

// authorityName is what devices call the authority of what is served, or "".
func (k *Keeper) authorityName() string {
	root := k.root.Load()
	if root == nil {
		return ""
	}
	return root.cert.Subject.CommonName
}
