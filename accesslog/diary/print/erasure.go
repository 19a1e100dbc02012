package print

import (
	_ "embed"
	"html/template"
	"io"
	"strconv"
	"time"
)

// Erasure is one erasure as the diary has it: the list of what was to go, and the entry that says that it went. It is of recorded
// segments alone: that a package, which is a copy of some, was destroyed is an entry of its own, erase.package, and in no record.
type Erasure struct {
	Start    int64     // entry erase.start
	Entered  time.Time // when that was written
	Late     string    // "yes": the keys were destroyed before, and when is not known; "no"; "": nobody can read here which it is
	End      int64     // entry erase.end; -1: it has not come to its end
	Ended    time.Time //
	Hash     string    // SHA-256 of the list, in hexadecimal digits
	Segments []Segment
	Bytes    int64 // of those that went, without those on lost disks; 0 before it has come to its end
	Kept     int   // of the segments, those that a hold or a restriction kept
	Lost     int   // of the segments, those on disks that are lost

	// Copies of keys from before its end that nobody knows to be gone: until the last of them is, whoever has one and
	// the recovery words could open what lies about of the files.
	Copies int
	Until  time.Time // when the last of them is to be gone
}

// Segment is one piece of footage in an erasure.
type Segment struct {
	ID       string
	Camera   string
	From, To time.Time
	Bytes    int64
	Reason   string // term, policy or pressure
	Kept     bool   // by a hold or a restriction
	Lost     bool   // its disk was given up before the end: only the key on this machine is destroyed
}

// NoCamera stands for a camera that nobody can tell.
const NoCamera = "?"

// ErasureHead is what stands above the erasures.
type ErasureHead struct {
	Origin     string // of the diary
	Controller string
	Made       time.Time // by the appliance's clock
	By         string    // who has the record made
	Purpose    string
}

//go:embed erasure.html
var erasureText string

var erasurePage = template.Must(template.New("erasure").Funcs(template.FuncMap{
	"moment": moment, "day": func(t time.Time) string { return t.UTC().Format("2. 1. 2006") }, "number": grouped,
	"camera": func(id string) bool { return id != NoCamera },
	"reason": func(r string) Words { return erasureReasons[r] }, "past": func(until, made time.Time) bool { return until.Before(made) },
}).Parse(erasureText))

// Words are the same in Slovenian and in English.
type Words struct{ SL, EN string }

// erasureReasons are the reasons in words. Another is shown as nothing.
var erasureReasons = map[string]Words{
	"term":     {"rok hrambe je potekel", "the term was over"},
	"policy":   {"krajši rok ali opustitev kamere, kar je potrdila odgovorna oseba", "a shorter term, or the end of its camera, that an approver confirmed"},
	"pressure": {"disk je bil poln, rok še ni potekel", "the disk was full before the term"},
}

// grouped is a number with a narrow space between each three digits, as both languages read it.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "\u202f" + digits[at:]
	}
	return digits
}

// ErasureRecord writes the printable record of erasures (zapisnik o izbrisu), in Slovenian and English. It needs no other
// file and runs no script.
func ErasureRecord(w io.Writer, h ErasureHead, erasures []Erasure) error {
	return erasurePage.Execute(w, map[string]any{"Head": h, "Erasures": erasures})
}
