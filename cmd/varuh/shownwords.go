package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"varuh/accesslog/web"
)

// shownSentence is what recorder, stores, terms, diary and pages say to people, as a format, and the same in Slovenian, with
// as many verbs in the same order, all %s. What stands for a sentence itself is put into Slovenian, too.
type shownSentence struct{ en, sl string }

// shownSentences are all of them. The first that fits counts.
var shownSentences = slices.Concat(cameraSentences, termSentences, requestSentences, diarySentences, otherSentences)

// shownForms are what sentences that come of the formats look like, in their order.
var shownForms = func() (list []*regexp.Regexp) {
	for _, s := range shownSentences {
		list = append(list, regexp.MustCompile("^(?s:"+formVerbs.Replace(regexp.QuoteMeta(s.en))+")$"))
	}
	return list
}()

var formVerbs = strings.NewReplacer("%s", `(.*)`, "%v", `(.*)`, "%w", `(.*)`, "%q", `(".*")`, "%d", `(-?[0-9]+)`, `%\.0f`, `([0-9]+)`, "%%", "%")

// ofCamera is what stands before a sentence about a camera: its id, its stream or its address.
var ofCamera = regexp.MustCompile(`^([^ ]+): (.*)$`)

// bothLanguages is a sentence in both languages. One for which there are no words says in Slovenian that it is English.
func bothLanguages(en string) web.Line {
	if en == "" {
		return web.Line{}
	}
	if sl, known := inSlovenianWords(en); known {
		return web.Line{Sl: sl, En: en}
	}
	return web.Line{Sl: "Naprava sporoča (v angleščini): " + en, En: en}
}

// eachInBoth are several sentences in both languages.
func eachInBoth(list []string) (lines []web.Line) {
	for _, en := range list {
		lines = append(lines, bothLanguages(en))
	}
	return lines
}

// inSlovenianWords is a sentence in Slovenian, if there are words for it.
func inSlovenianWords(en string) (sl string, known bool) {
	for i, form := range shownForms {
		found := form.FindStringSubmatch(en)
		if found == nil {
			continue
		}
		var filled []any
		for _, part := range found[1:] {
			filled = append(filled, partInSlovenian(part))
		}
		return fmt.Sprintf(shownSentences[i].sl, filled...), true
	}
	if of := ofCamera.FindStringSubmatch(en); of != nil {
		if inner, known := inSlovenianWords(of[2]); known {
			return of[1] + ": " + inner, true
		}
	}
	return severalInSlovenian(en)
}

// severalInSlovenian is what several sentences say that were put together.
func severalInSlovenian(en string) (sl string, known bool) {
	for at := strings.Index(en, "; "); at >= 0; {
		first, one := inSlovenianWords(en[:at])
		rest, other := inSlovenianWords(en[at+2:])
		if one && other {
			return first + "; " + rest, true
		}
		next := strings.Index(en[at+2:], "; ")
		if next < 0 {
			break
		}
		at += 2 + next
	}
	return "", false
}

// partInSlovenian is what was filled into a sentence: another sentence, a count, a span or a name, which stays.
func partInSlovenian(part string) string {
	if sl, known := inSlovenianWords(part); known {
		return sl
	}
	if sl, known := countInSlovenian(part); known {
		return sl
	}
	return part
}
