package anchor

import (
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
)

// Patience is how long the diary may grow without leaving the appliance before that is an alarm.
const Patience = 24 * time.Hour

// State is what is known about the anchors of a diary.
type State struct {
	Size        int64     // entries there are
	Pending     bool      // some of them wait for an anchor; anchor entries alone never do, see [Schedule.Pending]
	Witnesses   time.Time // since when a witness has been configured, zero for none
	Authorities time.Time // since when a time-stamping authority has been configured, zero for none

	KeptSize        int64     // of the longest checkpoint that somebody outside keeps: witnesses by quorum, or paper
	KeptTime        time.Time // since when, zero for never
	TimestampedSize int64     // of the longest checkpoint that was stamped
	TimestampedTime time.Time // when, zero for never
}

// Standing is what a person should know about the anchors of a diary, at every moment.
type Standing struct {
	Alarm bool // for more than [Patience] nothing left the appliance that should have
	proof.Sentence
}

// Stand says what root could still rewrite, and whether the anchors do what they are there for. now is
// the appliance's time; one who sets it back silences the alarm, not the sentence.
func Stand(s State, now time.Time) Standing {
	out := Standing{Sentence: kept(s)}
	if late, since := s.late(now); late {
		out.Alarm = true
		out.SL = fmt.Sprintf("POZOR: od %s ni prišlo nobeno potrdilo od zunaj (%s). %s", since.UTC().Format(timeSL), s.missing(now, "priče", "časovni žigi"), out.SL)
		out.EN = fmt.Sprintf("WARNING: since %s nothing came from outside (%s). %s", since.UTC().Format(timeEN), s.missing(now, "witnesses", "time timestamps"), out.EN)
	}
	return out
}

const (
	timeSL = "2. 1. 2006 ob 15:04 UTC"
	timeEN = "2006-01-02 15:04 UTC"
)

// kept is the standing sentence.
func kept(s State) proof.Sentence {
	rest := s.Size - s.KeptSize
	switch {
	case s.KeptTime.IsZero() && s.TimestampedTime.IsZero():
		return proof.Sentence{
			SL: fmt.Sprintf("Nihče zunaj naprave ne hrani kontrolne točke dnevnika: skrbnik sistema (root) lahko neopazno prepiše vse zapise (%d).", s.Size),
			EN: fmt.Sprintf("Nobody outside the appliance keeps a checkpoint of the diary: its administrator (root) can rewrite all entries (%d) unnoticed.", s.Size),
		}
	case s.KeptTime.IsZero():
		return proof.Sentence{
			SL: fmt.Sprintf("Časovni žig z dne %s kaže, da je prvih %d zapisov takrat obstajalo, vendar nihče zunaj naprave ne hrani kontrolne točke: skrbnik sistema (root) lahko žig zavrže in neopazno prepiše vse zapise (%d).", s.TimestampedTime.UTC().Format(timeSL), s.TimestampedSize, s.Size),
			EN: fmt.Sprintf("A timestamp of %s shows that the first %d entries were there, but nobody outside the appliance keeps a checkpoint: its administrator (root) can drop the stamp and rewrite all entries (%d) unnoticed.", s.TimestampedTime.UTC().Format(timeEN), s.TimestampedSize, s.Size),
		}
	case rest <= 0:
		return proof.Sentence{
			SL: fmt.Sprintf("Zunaj naprave je od %s shranjena kontrolna točka vseh zapisov (%d).", s.KeptTime.UTC().Format(timeSL), s.KeptSize),
			EN: fmt.Sprintf("Since %s a checkpoint of all entries (%d) has been kept outside the appliance.", s.KeptTime.UTC().Format(timeEN), s.KeptSize),
		}
	}
	return proof.Sentence{
		SL: fmt.Sprintf("Zunaj naprave je od %s shranjena kontrolna točka prvih %d zapisov. Novejše (%d) lahko skrbnik sistema (root) še neopazno prepiše.", s.KeptTime.UTC().Format(timeSL), s.KeptSize, rest),
		EN: fmt.Sprintf("Since %s a checkpoint of the first %d entries has been kept outside the appliance. Later ones (%d) its administrator (root) can still rewrite unnoticed.", s.KeptTime.UTC().Format(timeEN), s.KeptSize, rest),
	}
}

// overdue tells whether a kind of party has been silent too long, and since when. The patience begins with the
// first of the kind that was configured.
func (s State) overdue(configured, last, now time.Time) (bool, time.Time) {
	if !s.Pending || configured.IsZero() {
		return false, time.Time{}
	}
	if last.Before(configured) {
		last = configured
	}
	return now.Sub(last) > Patience, last
}

// late is about all kinds; since is the earliest of those that are late.
func (s State) late(now time.Time) (bool, time.Time) {
	witnesses, since := s.overdue(s.Witnesses, s.KeptTime, now)
	authorities, at := s.overdue(s.Authorities, s.TimestampedTime, now)
	if authorities && (!witnesses || at.Before(since)) {
		since = at
	}
	return witnesses || authorities, since
}

// missing names the kinds that are late.
func (s State) missing(now time.Time, witnesses, timestamps string) string {
	w, _ := s.overdue(s.Witnesses, s.KeptTime, now)
	t, _ := s.overdue(s.Authorities, s.TimestampedTime, now)
	switch {
	case w && t:
		return witnesses + ", " + timestamps
	case w:
		return witnesses
	}
	return timestamps
}
