package footage

import (
	"iter"

	"varuh/recorder/keyring"
)

// All walks all segments in the order of their ids, which is roughly by age. It reads them in pages, so that nobody who
// writes waits for it: what comes or goes meanwhile may or may not be met. An error ends it.
func (ix *Index) All() iter.Seq2[Segment, error] {
	return func(yield func(Segment, error) bool) {
		for after := (keyring.ID{}); ; {
			list, err := ix.page(after)
			if err != nil {
				yield(Segment{}, err)
				return
			}
			for _, s := range list {
				if !yield(s, nil) {
					return
				}
			}
			if len(list) < batch {
				return
			}
			after = list[len(list)-1].ID
		}
	}
}
