package proof

import (
	"fmt"
	"time"
)

// Rotation is the manifest of a key.rotate entry. The checkpoint of the log that ends with this entry
// is signed by both keys, every later one by the new one alone.
type Rotation struct {
	Old, New Key
	Reason   string // such as yearly, or compromise
}

// Encode returns the one form of the manifest.
func (m Rotation) Encode() ([]byte, error) {
	return Encode(map[string]any{"new": m.New.String(), "old": m.Old.String(), "reason": m.Reason})
}

// ParseRotation reads the manifest of a key.rotate entry.
func ParseRotation(b []byte) (m Rotation, err error) {
	r := reader{b: b}
	r.want("{")
	r.wantKey("new")
	next := r.str()
	r.wantKey("old")
	old := r.str()
	r.wantKey("reason")
	m.Reason = r.str()
	r.want("}")
	if err := r.end(); err != nil {
		return Rotation{}, fmt.Errorf("manifest of a key.rotate: %w", err)
	}
	if m.New, err = ParseKey(next); err != nil {
		return Rotation{}, fmt.Errorf("manifest of a key.rotate: %w", err)
	}
	if m.Old, err = ParseKey(old); err != nil {
		return Rotation{}, fmt.Errorf("manifest of a key.rotate: %w", err)
	}
	return m, nil
}

// Evidence says how a prune knew the time without the appliance's clock.
type Evidence string

// The kinds of evidence.
const (
	ByWitness   Evidence = "cosignature" // a witness's cosignature of the checkpoint of Size
	ByTimestamp Evidence = "timestamp"   // an RFC 3161 timestamp of it
	ByPerson    Evidence = "person"      // an approver's confirmation: the entry Confirmed, at least 30 days before
)

// Prune is the manifest of a prune entry: what was destroyed and why that was due. All entries below
// Cut lie in the intervals that the year.close entries up to that of Year end.
type Prune struct {
	Cut       int64     // index of the first entry that is kept
	Year      int       // the latest calendar year whose entries were destroyed
	Term      int       // years they were kept past its end: 2 to 5, but for forged ones
	Evidence  Evidence  //
	Confirmed int64     // index of the entry of the approver's confirmation; ByPerson only
	Size      int64     // of the checkpoint that was cosigned or timestamped; else 0
	Time      time.Time // the outside time; else zero
	Party     string    // name of the witness's key, or of the timestamp's authority
}

// Due is the first moment at which the term of a year's entries is over.
func Due(year, term int) time.Time {
	return time.Date(year+1+term, time.January, 1, 0, 0, 0, 0, time.UTC)
}

// Encode returns the one form of the manifest.
func (m Prune) Encode() ([]byte, error) {
	w := writer{b: []byte("{")}
	if m.Evidence == ByPerson {
		w.key("confirmed")
		w.int(m.Confirmed)
	}
	w.key("cut")
	w.int(m.Cut)
	w.key("evidence")
	w.str(string(m.Evidence))
	w.text("party", m.Party)
	if m.Evidence != ByPerson {
		w.key("size")
		w.int(m.Size)
	}
	w.key("term")
	w.int(int64(m.Term))
	if m.Evidence != ByPerson {
		w.key("time")
		w.time(m.Time)
	}
	w.key("year")
	w.int(int64(m.Year))
	w.raw("}")
	return w.b, w.err
}

// ParsePrune reads the manifest of a prune entry.
func ParsePrune(b []byte) (m Prune, err error) {
	r := reader{b: b}
	r.want("{")
	person := r.key("confirmed")
	if person {
		m.Confirmed = r.int()
	}
	r.wantKey("cut")
	m.Cut = r.int()
	r.wantKey("evidence")
	m.Evidence = Evidence(r.str())
	m.Party = r.text("party")
	if !person {
		r.wantKey("size")
		m.Size = r.int()
	}
	r.wantKey("term")
	m.Term = int(r.int())
	if !person {
		r.wantKey("time")
		m.Time = r.time()
	}
	r.wantKey("year")
	m.Year = int(r.int())
	r.want("}")
	if err := r.end(); err != nil {
		return Prune{}, fmt.Errorf("manifest of a prune: %w", err)
	}
	known := m.Evidence == ByWitness || m.Evidence == ByTimestamp || m.Evidence == ByPerson
	if !known || person != (m.Evidence == ByPerson) || m.Cut < 0 || m.Year < 0 || m.Year > 9000 || m.Term < 0 || m.Term > 100 {
		return Prune{}, fmt.Errorf("manifest of a prune: %w", ErrFormat)
	}
	return m, nil
}
