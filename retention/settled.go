package retention

import (
	"time"

	"varuh/recorder/footage"
)

// longest is how long a segment is at most: twice the longest segment_duration.
const longest = 2 * time.Hour

// writable is how long a segment can be written at most: many times what the configuration allows.
const writable = 24 * time.Hour

// Settled passes rows to [Plan], with those as sealed that are open and that nobody writes any more: they were begun in
// another boot, or more than a day ago in this one, by CLOCK_BOOTTIME, which no setting of a clock moves. A crash can leave
// a segment that no recovery can end; its term ends all the same. As nobody knows where it ends, it counts as as long as
// any can be, so that every hold that may be over it is. They are no footage for [PlanRelief]: what may be
// recovered yet is not to make room.
func Settled(segments Segments, boot [16]byte, uptime time.Duration) Segments {
	return func(yield func(footage.Segment, error) bool) {
		for s, err := range segments {
			if err == nil && !s.Sealed && (s.Boot != boot || uptime-s.BootTime > writable) {
				s.Sealed, s.End = true, s.Start.Add(longest)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}
