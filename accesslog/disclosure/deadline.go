package disclosure

import "time"

// Rule says by what a deadline counts.
type Rule string

// The rules.
const (
	ByZUP    Rule = "zup"     // Slovenian law: ZUP art. 100 and 101
	ByEU     Rule = "eu"      // the GDPR: art. 3 of Regulation (EEC, Euratom) 1182/71
	Agreed   Rule = "agreed"  // the day that was agreed with the applicant, whatever day that is
	OwnTerm  Rule = "own law" // the day that another law gives, as stated by whoever decides
	ByItself Rule = "house"   // no law: the program's own, counted as ZUP counts
)

var ruleWords = map[Rule]Text{
	ByZUP:    {"rok se izteče s prvim naslednjim delavnikom (101. člen ZUP)", "the term ends on the next working day (ZUP art. 101)"},
	ByEU:     {"rok se izteče s prvim naslednjim delovnim dnem (člen 3(4) Uredbe 1182/71)", "the term ends on the next working day (art. 3(4) of Regulation 1182/71)"},
	Agreed:   {"velja dogovorjeni dan", "the day that was agreed counts"},
	OwnTerm:  {"velja dan po posebnem zakonu", "the day by the other law counts"},
	ByItself: {"lastni rok, zakon ga ne določa", "a term of its own, set by no law"},
}

// In says which day counts, in a language, "sl" or "en".
func (r Rule) In(language string) string { return ruleWords[r].In(language) }

// Deadline is the end of a term. Its days are midnights in the zone that it was counted in.
type Deadline struct {
	Days  int       // of the term; 0 where a day was said
	Last  time.Time // its last day by the calendar
	Ends  time.Time // the day with which it ends by the rule: Last, or the first working day after it
	After time.Time // the first moment after that day
	Rule
}

// Moved tells whether the last day is not the one with which the term ends.
func (d Deadline) Moved() bool { return !d.Last.Equal(d.Ends) }

// Late tells whether the last day by the calendar is over: the appliance calls late what the law may still allow.
func (d Deadline) Late(now time.Time) bool { return !now.Before(midnight(d.Last, 1)) }

// Over tells whether the term is over by its rule.
func (d Deadline) Over(now time.Time) bool { return !now.Before(d.After) }

// Count counts a term of days from a moment, by the clock of a zone. The day of the moment itself does not count.
func Count(from time.Time, days int, rule Rule, zone *time.Location) Deadline {
	d := Deadline{Days: days, Last: midnight(from.In(zone), days), Rule: rule}
	d.Ends = workingFrom(d.Last)
	d.After = midnight(d.Ends, 1)
	return d
}

// on is the deadline that somebody said: it ends with its day, whatever day that is.
func on(day time.Time, rule Rule) Deadline {
	return Deadline{Last: day, Ends: day, After: midnight(day, 1), Rule: rule}
}

// workingFrom is a day, or the first working one after it.
func workingFrom(day time.Time) time.Time {
	for !Working(day) {
		day = midnight(day, 1)
	}
	return day
}

// midnight is the beginning of the day that comes so many days after that of a time, in its zone.
func midnight(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, t.Location())
}

// The terms, in days.
const (
	answerDays  = 15 // ZVOP-2 art. 41(2), from a complete request
	subjectDays = 30 // GDPR art. 12(3), from the request; the rulebook says 30 days for its month
	buildBefore = 3  // before the first footage comes to its term
	paperDays   = 3  // for the paper of an oral request
)

// BuildBy is until when a package has to be built: 15 days from the decision, whatever day that is, or 3 days before the
// first footage comes to its term. Either may be zero: nobody has decided yet, or the footage comes to none; of both, the
// answer is zero, too.
func BuildBy(decided, footage time.Time, zone *time.Location) (by time.Time) {
	if !decided.IsZero() {
		by = midnight(decided.In(zone), answerDays+1)
	}
	if footage.IsZero() {
		return by
	}
	if before := footage.In(zone).AddDate(0, 0, -buildBefore); by.IsZero() || before.Before(by) {
		return before
	}
	return by
}

// Deadline is until when a request is to be decided, and false where no law says. That of a person concerned runs from the
// receipt, all others from when the request is complete.
func (q Request) Deadline(zone *time.Location) (Deadline, bool) {
	switch {
	case q.State == OwnLaw && q.Due.IsZero():
		return Deadline{}, false
	case !q.Due.IsZero():
		rule := Agreed
		if q.State == OwnLaw {
			rule = OwnTerm
		}
		return on(time.Date(q.Due.Year(), q.Due.Month(), q.Due.Day(), 0, 0, 0, 0, zone), rule), true
	case q.Kind == Subject:
		return Count(q.Received, subjectDays, ByEU, zone), true
	case q.Kind == Own || q.Completed.IsZero():
		return Deadline{}, false
	}
	return Count(q.Completed, answerDays, ByZUP, zone), true
}

// PaperBy is until when the paper of an oral request is awaited, and false where none is.
func (q Request) PaperBy(zone *time.Location) (Deadline, bool) {
	if !q.PaperPending {
		return Deadline{}, false
	}
	return Count(q.Received, paperDays, ByItself, zone), true
}
