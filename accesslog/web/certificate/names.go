package certificate

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Names are what people call the appliance by in their browsers.
type Names struct {
	DNS       []string // in lower case; the first is the one that is shown
	Addresses []netip.Addr
}

// dnsName is a name that may stand in a certificate.
var dnsName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// NamesOf are those of a host with the addresses of its interfaces: its name, the first part of it with .local, more
// that people gave it, localhost, and every address that a browser can be given. Temporary IPv6 addresses, those for
// privacy, are left out: they change every day.
func NamesOf(host string, more []string, addresses []netip.Prefix, temporary []netip.Addr) Names {
	var n Names
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	label, _, _ := strings.Cut(host, ".")
	for _, name := range slices.Concat(more, []string{host, label, label + ".local", "localhost"}) {
		if name = strings.ToLower(name); dnsName.MatchString(name) && len(name) <= 253 && !isAddress(name) {
			n.DNS = append(n.DNS, name)
		}
	}
	n.DNS = unique(n.DNS)
	for _, p := range addresses {
		ip := p.Addr().Unmap().WithZone("")
		if usable(ip) && !slices.Contains(temporary, ip) {
			n.Addresses = append(n.Addresses, ip)
		}
	}
	slices.SortFunc(n.Addresses, netip.Addr.Compare)
	n.Addresses = slices.Compact(n.Addresses)
	return n
}

// usable tells whether a browser can be given an address: one of link-local IPv6 needs a zone, which browsers take
// none of.
func usable(ip netip.Addr) bool {
	return ip.IsValid() && !ip.IsUnspecified() && !ip.IsMulticast() && (ip.Is4() || !ip.IsLinkLocalUnicast())
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// unique leaves the first of equal names.
func unique(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// LocalNames asks this machine for its names, with more that people gave it.
func LocalNames(more []string) (Names, error) {
	host, err := os.Hostname()
	if err != nil {
		return Names{}, fmt.Errorf("couldn't ask for the name of this machine: %w", err)
	}
	list, err := net.InterfaceAddrs()
	if err != nil {
		return Names{}, fmt.Errorf("couldn't ask for the addresses of this machine: %w", err)
	}
	var addresses []netip.Prefix
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil { // interfaces without IP have other ones
			addresses = append(addresses, p)
		}
	}
	text, err := os.ReadFile("/proc/net/if_inet6")
	if err != nil && !os.IsNotExist(err) { // without IPv6 it is not there
		return Names{}, fmt.Errorf("couldn't tell which addresses of this machine are temporary: %w", err)
	}
	return NamesOf(host, more, addresses, temporary(string(text))), nil
}

// temporary are the addresses in the kernel's list if_inet6 that won't stay: temporary, tentative, failed or
// deprecated ones.
func temporary(list string) (out []netip.Addr) {
	const wontStay = 0x01 | 0x40 | 0x08 | 0x20 // IFA_F_TEMPORARY, _TENTATIVE, _DADFAILED, _DEPRECATED
	for line := range strings.Lines(list) {
		f := strings.Fields(line)
		if len(f) != 6 || len(f[0]) != 32 {
			continue
		}
		flags, err := strconv.ParseUint(f[4], 16, 32)
		var parts []string
		for i := 0; i < 32; i += 4 {
			parts = append(parts, f[0][i:i+4])
		}
		ip, bad := netip.ParseAddr(strings.Join(parts, ":"))
		if err == nil && bad == nil && flags&wontStay != 0 {
			out = append(out, ip)
		}
	}
	return out
}
