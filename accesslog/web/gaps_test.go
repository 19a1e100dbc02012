package web

import (
	"strings"
	"testing"

	"varuh/accesslog/evidence"
)

// A gap is told in the same words on the pages and in a package: whoever compares them has to find that they are of one cause.
func TestWordsOfGaps(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"sl", "en"} {
		found := 0
		for key, word := range wordsOf(t, language, "footage") {
			cause, is := strings.CutPrefix(key, "footage.cause.")
			if !is || cause == "other" { // which a package tells as it is
				continue
			}
			found++
			said := evidence.CauseInWords(cause)
			if told := map[string]string{"sl": said.SL, "en": said.EN}[language]; told != strings.ReplaceAll(word, "’", "'") {
				t.Errorf("%q in %q: the page says %q, a package %q", cause, language, word, told)
			}
		}
		if found < 13 {
			t.Errorf("only %d causes were found in %q", found, language)
		}
	}
}
