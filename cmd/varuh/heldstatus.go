package main

import (
	"fmt"
	"slices"
	"time"
)

// nextReview is the day, in the site's zone, on which a hold or a restriction is looked at next, or a provisional hold ends;
// "" where there is none.
func nextReview(s standing, zone *time.Location) string {
	var days []time.Time
	for _, h := range s.Holds {
		days = append(days, h.Review)
	}
	for _, r := range s.Restrictions {
		days = append(days, r.Review)
	}
	if len(days) == 0 {
		return ""
	}
	if zone == nil {
		zone = time.UTC
	}
	return slices.MinFunc(days, time.Time.Compare).In(zone).Format(time.DateOnly)
}

// heldLine says what is held, and what that keeps.
func (st retentionStatus) heldLine() string {
	if st.Holds+st.Restrictions == 0 {
		return ""
	}
	return fmt.Sprintf("held: %s and %s keep %s (%s); next review on %s\n", count(st.Holds, "hold", "holds"),
		count(st.Restrictions, "restriction", "restrictions"), count(st.Held, "segment", "segments"), size(uint64(st.HeldBytes)), st.Review)
}
