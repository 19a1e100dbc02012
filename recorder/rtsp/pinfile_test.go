package rtsp_test

import (
	"os"
	"path/filepath"
	"testing"

	"varuh/recorder/durable"
	"varuh/recorder/rtsp"
)

func TestPinFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "cameras.pins")
	if _, ok := rtsp.OpenPins(durable.OS, name).Pinned("a:322"); ok {
		t.Error("a key is known before any camera was met")
	}
	for i, host := range []string{"b:322", "a:322"} {
		if err := rtsp.OpenPins(durable.OS, name).Pin(host, [32]byte{byte(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	f := rtsp.OpenPins(durable.OS, name)
	if sum, ok := f.Pinned("b:322"); !ok || sum != [32]byte{1} {
		t.Errorf("%x %v", sum, ok)
	}
	if _, ok := f.Pinned("c:322"); ok {
		t.Error("a key is known of a camera never met")
	}
	if err := os.WriteFile(name, []byte("b:322 nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sum, ok := f.Pinned("c:322"); !ok || sum != [32]byte{} {
		t.Error("a broken file must not let any key pass")
	}
	if err := f.Pin("c:322", [32]byte{9}); err == nil {
		t.Error("a broken file was overwritten")
	}
}
