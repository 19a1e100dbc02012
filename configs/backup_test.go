package configs

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/retention"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	const head = "store: [a]\nstate: s\nbackup:\n"
	c, err := Load(folder(t, map[string]string{"varuh.yml": head + "  to: ../usb\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if b := c.Backup; b.To != filepath.Join(filepath.Dir(c.Dir), "usb") || b.Every != Duration(24*time.Hour) || b.Keep != (retention.Term{Days: 35}) {
		t.Errorf("the defaults are lost: %+v", b)
	}
	for text, want := range map[string]string{
		"  to: s\n":                   "backup.to lies inside the state folder",
		"  to: s/x\n":                 "backup.to lies inside the state folder",
		"  to: a/x\n":                 "backup.to lies inside the store",
		"  every: 59m\n":              "backup.every is 59m; allowed are 1h to 168h",
		"  every: 169h\n":             "backup.every is 169h",
		"  keep: 2y\n":                "longer than one year",
		"  keep: 0d\n":                "is no term",
		"  keep: 1d\n":                "within which no next backup is made",
		"  every: 168h\n  keep: 7d\n": "must be longer than every",
		"  every: 100h\n  keep: 4d\n": "must be longer than every",
		"  folder: x\n":               `unknown key "folder"`,
	} {
		if _, err := Load(folder(t, map[string]string{"varuh.yml": head + text})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Load(folder(t, map[string]string{"varuh.yml": head + "  every: 100h\n  keep: 5d\n"})); err != nil {
		t.Error(err)
	}
}
