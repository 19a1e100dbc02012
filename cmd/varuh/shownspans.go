package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"varuh/retention"
)

// shownNouns are what is counted in sentences, by their English singular and plural, in the four Slovenian forms: 1, 2, 3 and 4, 5.
// Spans are in the accusative, as they stand in the sentences.
var shownNouns = []struct{ one, many, sl1, sl2, sl3, sl5 string }{
	{"day", "days", "dan", "dneva", "dni", "dni"},
	{"hour", "hours", "uro", "uri", "ure", "ur"},
	{"entry", "entries", "zapis", "zapisa", "zapise", "zapisov"},
	{"event", "events", "dogodek", "dogodka", "dogodki", "dogodkov"},
	{"request", "requests", "zahteva", "zahtevi", "zahteve", "zahtev"},
	{"package", "packages", "paket", "paketa", "paketi", "paketov"},
	{"segment is", "segments are", "odsek", "odseka", "odseki", "odsekov"},
	{"segment was", "segments were", "odsek", "odseka", "odseki", "odsekov"},
	{"segment", "segments", "odsek", "odseka", "odseki", "odsekov"},
	{"segment that is to be erased is", "segments that are to be erased are", "odsek", "odseka", "odseki", "odsekov"},
	{"erasure waits", "erasures wait", "izbris", "izbrisa", "izbrisi", "izbrisov"},
	{"list", "lists", "seznam", "seznama", "seznami", "seznamov"},
	{"list of footage is", "lists of footage are", "seznam posnetkov", "seznama posnetkov", "seznami posnetkov", "seznamov posnetkov"},
	{"place", "places", "mesto", "mesti", "mesta", "mest"},
	{"range", "ranges", "obdobje", "obdobji", "obdobja", "obdobij"},
	{"slot", "slots", "ključ", "ključa", "ključi", "ključev"},
	{"hold or restriction is", "holds and restrictions are", "zadržanje ali omejitev", "zadržanji ali omejitvi", "zadržanja in omejitve", "zadržanj in omejitev"},
	{"hold or restriction", "holds and restrictions", "zadržanje ali omejitev", "zadržanji ali omejitvi", "zadržanja in omejitve", "zadržanj in omejitev"},
}

var (
	counted = regexp.MustCompile(`^([0-9]+) (.+)$`)
	amount  = regexp.MustCompile(`^([0-9]+)\.([0-9]+) ([KMGT]iB)$`)
	dated   = regexp.MustCompile(`^([0-9]{4})-0?([0-9]+)-0?([0-9]+)( [0-9:]+)?$`)
)

// countInSlovenian is a number with what it counts, a term such as 30d, a span of the clock such as 1m30s, an amount or a date.
func countInSlovenian(en string) (sl string, known bool) {
	if found := amount.FindStringSubmatch(en); found != nil {
		return found[1] + "," + found[2] + " " + found[3], true
	}
	if found := dated.FindStringSubmatch(en); found != nil {
		return found[3] + ". " + found[2] + ". " + found[1] + found[4], true
	}
	if found := counted.FindStringSubmatch(en); found != nil {
		n, err := strconv.ParseInt(found[1], 10, 64)
		for _, noun := range shownNouns {
			if err == nil && (found[2] == noun.one || found[2] == noun.many) {
				return counts(n, noun.sl1, noun.sl2, noun.sl3, noun.sl5), true
			}
		}
		return "", false
	}
	var term retention.Term
	if term.UnmarshalText([]byte(en)) == nil {
		return termInSlovenian(en), true
	}
	if d, err := time.ParseDuration(en); err == nil && strings.HasSuffix(en, "s") {
		return spanInSlovenian(d), true
	}
	return "", false
}

// counts is a number with the form of a noun that it takes: 1 zapis, 2 zapisa, 3 zapise, 5 zapisov, 101 zapis.
func counts(n int64, one, two, few, many string) string {
	form := many
	switch n % 100 {
	case 1:
		form = one
	case 2:
		form = two
	case 3, 4:
		form = few
	}
	return fmt.Sprintf("%d %s", n, form)
}

var termParts = regexp.MustCompile(`^([0-9]+)(d|mo|y)$`)

// termInSlovenian is a term as people say it.
func termInSlovenian(term string) string {
	found := termParts.FindStringSubmatch(term)
	if found == nil {
		return term
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	switch {
	case err != nil:
		return term
	case found[2] == "d":
		return counts(n, "dan", "dneva", "dni", "dni")
	case found[2] == "mo":
		return counts(n, "mesec", "meseca", "mesece", "mesecev")
	}
	return counts(n, "leto", "leti", "leta", "let")
}

// spanInSlovenian is a span as it is read: 1 h 30 min, 45 s.
func spanInSlovenian(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "min"}} {
		if n := d / unit.of; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d -= n * unit.of
		}
	}
	if d > 0 || len(parts) == 0 {
		parts = append(parts, strings.Replace(strconv.FormatFloat(d.Seconds(), 'f', -1, 64), ".", ",", 1)+" s")
	}
	return strings.Join(parts, " ")
}
