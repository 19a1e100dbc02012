package proof

import (
	"html"
	"strings"
)

// FindCheckpoint finds a signed checkpoint in a file that somebody kept: it is the file, as it was or as editors leave
// a text, or stands on the page for printing. It checks no signature; ok is false if there is none.
func FindCheckpoint(file []byte) (note []byte, ok bool) {
	tries := [][]byte{file, PlainText(file)}
	if _, rest, ok := strings.Cut(string(file), "<pre>"); ok {
		text, _, _ := strings.Cut(rest, "</pre>")
		tries = append(tries, PlainText([]byte(html.UnescapeString(text))))
	}
	for _, try := range tries {
		if _, err := ReadCheckpoint(try); err == nil {
			return try, true
		}
	}
	return nil, false
}

// PlainText undoes what editors do to a text: a mark at its start, other line ends, none at its end. It is for texts
// that are signed or compared afterwards.
func PlainText(b []byte) []byte {
	s := strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n")
	return []byte(strings.TrimRight(s, "\n") + "\n")
}
