package diary

import "bytes"

// LastCheckpoint is the last durable checkpoint, signed, for places on the appliance that are to remember it.
// Unlike [Diary.Checkpoint] it does not count as one that left: nobody may show it to others.
func (d *Diary) LastCheckpoint() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return bytes.Clone(d.note)
}
