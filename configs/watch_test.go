package configs

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// Watch sees a file written, one put in place by rename, and a folder that is made later.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"varuh.yml": "store: [a]\n"})
	ctx, cancel := context.WithCancel(t.Context())
	changed, done := make(chan struct{}, 100), make(chan error, 1)
	go func() { done <- Watch(ctx, dir, func() { changed <- struct{}{} }) }()

	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	<-changed // the one at the start
	write("varuh.yml", "store: [b]\n")
	<-changed
	if err := os.Mkdir(filepath.Join(dir, CameraDir), 0o700); err != nil {
		t.Fatal(err)
	}
	<-changed
	write(CameraDir+"/.a.yml.swp", goodCamera)
	if err := os.Rename(filepath.Join(dir, CameraDir, ".a.yml.swp"), filepath.Join(dir, CameraDir, "a.yml")); err != nil {
		t.Fatal(err)
	}
	<-changed
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
