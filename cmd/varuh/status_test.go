package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"varuh/configs"
)

// Whatever the configuration has become meanwhile, the daemon is asked first, at the folder that is named.
func TestStatusBeforeConfiguration(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	for _, text := range []string{"state: elsewhere\nstore: [a]\n", strings.Repeat("[", 60<<10)} {
		b.write(t, configs.File, text)
		var out strings.Builder
		if code := run(t.Context(), []string{"status", "--dir", b.dir}, terminal{nil, &out, &out}); code != 0 || !strings.Contains(out.String(), "recording 0 streams") {
			t.Errorf("%.20q… : %s", text, out.String())
		}
	}
	b.end(t)
}

// A configuration folder leads to its state folder, where the daemon's socket is.
func TestStatusElsewhere(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	dir := filepath.Join(b.dir, "etc")
	if err := writeConfig(dir, configs.Choice{State: b.dir, Store: []string{filepath.Join(b.dir, "store")}}); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"status", "--dir", dir}, terminal{nil, io.Discard, b.log}); code != 0 {
		t.Error(b.log)
	}
	b.end(t)
}
