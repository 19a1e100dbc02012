package web

import (
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// proveEntry proves an entry in a checkpoint that has it, which counts as one that left the appliance.
func (s *Site) proveEntry(c *call, _ nothing) error {
	i, err := c.entryNumber()
	if err != nil {
		return err
	}
	if i >= s.o.Diary.Head().Size {
		return errNoEntry
	}
	note, err := s.o.Diary.Checkpoint(c.Context())
	if err != nil {
		return err
	}
	checkpoint, err := proof.ReadCheckpoint(note)
	if err != nil {
		return err
	}
	var leaf []byte
	for e, err := range kept(c.Context(), s.o.Diary, i, i+1) {
		if err != nil {
			return err
		}
		leaf = e.Raw
	}
	if leaf == nil { // it is before the cut, and nothing keeps it
		return diary.ErrPruned
	}
	hashes, err := s.o.Diary.Prove(c.Context(), i, checkpoint.Size)
	if err != nil {
		return err
	}
	p := proof.Inclusion{Index: i, Hashes: hashes, Checkpoint: note, Leaf: leaf}
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.w.Write(p.Text()) // an error says that nobody listens any more
	return nil
}

// Checkpoint is a signed checkpoint.
type Checkpoint struct {
	Note  string   `json:"note"`
	Keys  []string `json:"keys"`
	Fault *Line    `json:"fault,omitempty"` // why the diary is not to be trusted
}

func (s *Site) checkpoint(c *call) (Checkpoint, error) {
	note, err := s.o.Diary.Checkpoint(c.Context())
	if err != nil {
		return Checkpoint{}, err
	}
	keys, err := s.o.Diary.Keys(c.Context())
	if err != nil {
		return Checkpoint{}, err
	}
	out := Checkpoint{Note: string(note), Keys: []string{}}
	for _, k := range keys {
		out.Keys = append(out.Keys, k.String())
	}
	out.Fault = s.fault()
	return out, nil
}

// Vouch is an outside party's word that a checkpoint was there.
type Vouch struct {
	Party string `json:"party"`
	Kind  string `json:"kind"`  // witness, tsa (a time-stamping authority) or print (a page that was printed)
	Size  int64  `json:"size"`  // of the checkpoint, in entries
	Time  moment `json:"time"`  // by the party's clock
	Entry int64  `json:"entry"` // that says so
}

// VouchList are the words for checkpoints that have an entry, of each party the first.
type VouchList struct {
	Vouches []Vouch `json:"vouches"`
}

func (s *Site) vouches(c *call) (VouchList, error) {
	out, seen := VouchList{Vouches: []Vouch{}}, map[string]bool{}
	i, err := c.entryNumber()
	if err != nil {
		return out, err
	}
	if i >= s.o.Diary.Head().Size {
		return out, errNoEntry
	}
	anchors, err := s.o.Diary.Anchors(c.Context(), i+1)
	if err != nil {
		return out, err
	}
	for _, a := range anchors {
		if name := a.Kind + " " + a.Party; !seen[name] {
			seen[name] = true
			out.Vouches = append(out.Vouches, Vouch{a.Party, a.Kind, a.Size, moment{a.Time}, a.Index})
		}
	}
	return out, nil
}
