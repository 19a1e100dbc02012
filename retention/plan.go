package retention

import (
	"iter"
	"time"

	"varuh/recorder/footage"
)

// How far ahead a run looks.
const (
	RunEvery  = time.Hour        // how often the plan is made and carried out
	Tolerance = time.Hour        // how far the certain present may lag behind the machine's clock unheld
	RunTakes  = 15 * time.Minute // how long a run may take and begin late
	Lead      = RunEvery + Tolerance + RunTakes
)

// Situation is all that a plan depends on beside the segments.
type Situation struct {
	Present      Present
	Lead         time.Duration // what falls due so soon goes too: Lead, or less
	Policies     Policies
	Boots        []Boot // as the Guard knows them
	Holds        []Hold
	Restrictions []Restriction
}

// Verdict is what becomes of one segment.
type Verdict struct {
	Begins time.Time // the moment that its term counts from; zero: nobody can tell
	Due    time.Time // when its time is up
	Reason Reason    // ByTerm or ByPolicy
	Kept   bool      // a hold or a restriction stops this erasure
	Bound  bool      // a hold or a restriction stops pressure
	Astray bool      // its date contradicts what is certain: an incident
}

// Relief is what frees a full disk.
type Relief struct {
	Erasures []Erasure // in the order in which they are to go
	Freed    int64     // bytes of their files
	Short    int64     // bytes that could not be found: nothing is left but held and open footage
	Broken   []string  // cameras whose promised depth this breaks, sorted
}

// Segments are the rows that a plan is made from, in any order; an error ends them.
type Segments = iter.Seq2[footage.Segment, error]
