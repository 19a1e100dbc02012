package configs

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What would take the YAML library gigabytes is refused before it sees it, with its place.
func TestBounds(t *testing.T) { // not parallel: it measures what is allocated
	fill := func(unit string) string { return strings.Repeat(unit, (maxFile-8)/len(unit)) }
	deep := "" // as deep as a file of that size can be indented
	for i := 0; len(deep)+i+3 < maxFile; i++ {
		deep += strings.Repeat(" ", i) + "a:\n"
	}
	laughs := "a0: &a0 [x, x]\n"
	for i := range 9 {
		laughs += strings.NewReplacer("N", string(rune('1'+i)), "O", string(rune('0'+i))).Replace("aN: &aN [*aO, *aO, *aO, *aO, *aO, *aO, *aO, *aO, *aO]\n")
	}
	for _, tt := range []struct{ text, want string }{
		{"record: " + fill("["), "varuh.yml:1:265: there are more than 256 brackets"},
		{fill("{a: "), "varuh.yml:1:1025: there are more than 256 brackets"},
		{"x: y\n" + fill("[\n"), "varuh.yml:258:1: there are more than 256 brackets"},
		{"a:\r\n  " + fill("- "), "varuh.yml:2:33: more than 16 levels"},
		{fill("? "), "varuh.yml:1:33: more than 16 levels"},
		{fill(": "), "more than 16 levels"},
		{fill("-\t"), "more than 16 levels"},
		{deep, "varuh.yml:17:17: more than 16 levels"},
		{fill("- !a "), "varuh.yml:1:"},
		{fill("&a <<: "), "varuh.yml:1:449: anchors, aliases"},
		{laughs, "varuh.yml:8:"},
		{"a: b\n" + fill("---\n-\n"), "varuh.yml:34:1: another document"},
		{"# " + fill("x") + fill("y"), "varuh.yml: want a plain file of at most 64 KiB"},
	} {
		dir := folder(t, map[string]string{File: tt.text})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Load(dir)
		runtime.ReadMemStats(&after)
		if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 32 {
			t.Errorf("%.20q… took %d MiB", tt.text, took)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.20q… gave %.300v, want %s", tt.text, err, tt.want)
		}
	}
}

// A camera's file that is too large is that camera's mistake, and the bounds leave room for what people write.
func TestWithinBounds(t *testing.T) {
	t.Parallel()
	text := goodCamera + "# " + strings.Repeat("*so* - [see] ", 60) + "\n" + `sub: "rtsp://[2001:db8::1]/a?x=1&y=2"
audio: {reason: "- - ! & *"}
record:
    - mon 08:00-12:00
    - tue 08:00-12:00
`
	dir := folder(t, map[string]string{"varuh.yml": "store: [a]\n", "cameras.d/hall.yml": text})
	if _, err := Load(dir); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cameras.d/big.yml"), make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.HasSuffix(err.Error(), "big.yml: cannot be read: want a plain file of at most 64 KiB") {
		t.Error(err)
	}
}
