package collect

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// BenchmarkLate is what searching a year of a camera for what came late costs: all of it, which is done once a day, and
// the last week, which each hour does.
func BenchmarkLate(b *testing.B) {
	book := newBook(b)
	path := filepath.Join(b.TempDir(), "footage.db")
	_, err := footage.Rebuild(b.Context(), durable.OS, path, nil)
	must(b, err)
	x, err := footage.Open(path)
	must(b, err)
	defer func() { must(b, x.Close()) }()
	var rows []footage.Segment
	end := day.AddDate(1, 0, 0)
	for at := day; at.Before(end); at = at.Add(10 * time.Minute) {
		s := footage.NewSegment(segment.Header{ID: keyring.NewID(at), Camera: "hall", Stream: "main", Start: at, Format: "f", Clock: segment.Synchronised})
		s.Sealed, s.End, s.Records, s.Bytes = true, at.Add(10*time.Minute), 7, 1000
		rows = append(rows, s)
	}
	must(b, x.Sealed(rows...))
	now := day.Add(time.Hour + settle)
	c := &Collector{Diary: book.Diary, Index: x, Cameras: func() []string { return []string{"hall"} }, Now: func() time.Time { return now }}
	_, err = c.Collect(b.Context())
	must(b, err)
	for _, all := range []bool{true, false} {
		b.Run(fmt.Sprint("all=", all), func(b *testing.B) {
			for b.Loop() {
				c.now, c.sweeps, c.swept = end, 0, map[string]time.Time{"hall": end}
				if all {
					c.swept = nil
				}
				if _, err := c.late(b.Context(), "hall", end); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
