package accesslog

import "varuh/accesslog/people"

// State is whether the door can show footage to anybody, in a word that others put into sentences.
type State string

// The states. Of several that keep it shut, [Door.State] tells the one that a person has to see to first.
const (
	Open     State = "open"     // it shows whoever may see
	Stopping State = "stopping" // the program stops
	Fault    State = "fault"    // the diary went back, see [diary.Fault]: two persons have to look at that
	Down     State = "down"     // the diary did not take the last entry
	Locked   State = "locked"   // nobody who can open the footage key has logged in
)

// State tells whether the door can show footage at present. It asks nothing that takes time, and enters nothing.
func (d *Door) State() State {
	d.mu.Lock()
	closed, down := d.closed, d.down
	d.mu.Unlock()
	switch {
	case closed:
		return Stopping
	case d.o.Diary.Fault() != nil:
		return Fault
	case down:
		return Down
	case d.o.Keys.Locked(people.FootageKey):
		return Locked
	}
	return Open
}
