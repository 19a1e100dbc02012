package durabletest

import (
	"bytes"
	"path/filepath"
)

// Loss says how much of what was volatile a loss of power leaves.
type Loss int

// The extremes that a disk can come back with.
const (
	KeepsSynced Loss = iota // names and bytes that were synced, nothing else
	KeepsAll                // everything
	KeepsTorn               // everything, but of each file's last write only the first half
	KeepsNames              // all names, only synced bytes: files are short or empty
	KeepsZeros              // all names and lengths; bytes that were not synced are zeros
)

// Losses are all of them, in order.
var Losses = []Loss{KeepsSynced, KeepsAll, KeepsTorn, KeepsNames, KeepsZeros}

func (l Loss) String() string {
	return [...]string{"keeps synced", "keeps all", "keeps torn", "keeps names", "keeps zeros"}[l]
}

func (l Loss) content(n *node) []byte {
	switch l {
	case KeepsAll:
		return bytes.Clone(n.data)
	case KeepsTorn:
		return n.torn()
	case KeepsZeros:
		return n.zeroed()
	}
	return bytes.Clone(n.synced)
}

// AfterPowerLoss is a new disk with what this one would hold if the power failed now. It has no
// faults and no limits, and everything on it is durable. This disk does not change.
func (d *Disk) AfterPowerLoss(l Loss) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := d.names
	if l == KeepsSynced {
		names = d.durable
	}
	after := New()
	copies := map[*node]*node{} // a file under two names stays one file
	for name, n := range names {
		if !reachable(names, name) {
			continue
		}
		if copies[n] == nil {
			b := l.content(n)
			copies[n] = &node{dir: n.dir, perm: n.perm, data: b, synced: bytes.Clone(b)}
		}
		after.names[name], after.durable[name] = copies[n], copies[n]
	}
	return after
}

// reachable says whether every folder above a name is there.
func reachable(names map[string]*node, name string) bool {
	for name != "/" {
		name = filepath.Dir(name)
		if n := names[name]; n == nil || !n.dir {
			return false
		}
	}
	return true
}
