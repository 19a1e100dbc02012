package configs

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No way of printing a camera shows its password.
func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	c, err := Load(folder(t, map[string]string{
		"varuh.yml":       "store: [a]\n",
		"pw":              "canary\n",
		"cameras.d/a.yml": "id: a\nname: A\nlocation: x\nmain: rtsp://h/?q=canary\nuser: x\npassword_file: pw\n",
		"cameras.d/b.yml": "id: b\nname: B\nlocation: x\nmain: rtsp://u:canary@h/canary\nsub: rtsps://u:canary@h2:1/canary\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", *c)
		for _, cam := range c.Cameras {
			fmt.Fprintf(&out, verb+" "+verb+"\n", cam, &cam.password)
			fmt.Fprintf(&out, verb+" "+verb+"\n", cam.Main, &cam.Sub)
		}
	}
	if err := json.NewEncoder(&out).Encode(c); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "config", c, "cam", c.Cameras[0], "pw", c.Cameras[0].password)
	if strings.Contains(out.String(), "canary") || strings.Contains(out.String(), fmt.Sprintf("%x", "canary")) {
		at := strings.Index(out.String(), "canary")
		t.Errorf("the password is printed: …%.300s", out.String()[max(at-150, 0):])
	}
	if !strings.Contains(out.String(), "rtsps://h2:1") || !strings.Contains(out.String(), stars) {
		t.Errorf("the addresses are not printed:\n%s", out.String())
	}
}

// Whatever is in a file, loading it neither crashes nor quotes a password.
func FuzzLoad(f *testing.F) {
	f.Add(exampleMain, ExampleCamera)
	f.Add("store: [a]\n", goodCamera)
	f.Add("store: &x [a]\n<<: *x\n", "id: a\nmain: rtsp://u:canary@h/\n\tbad: x")
	f.Add("store: [a]\n---\n", "main: \"rtsp://u:canary@h/\\q\"\n")
	dir := f.TempDir()
	if err := os.Mkdir(filepath.Join(dir, CameraDir), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, main, camera string) {
		for name, text := range map[string]string{File: main, CameraDir + "/a.yml": camera} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Load(dir)
		if (c == nil) == (err == nil) {
			t.Fatalf("got both or neither of %v and %v", c, err)
		}
		if err != nil && strings.Contains(err.Error(), "canary@") {
			t.Fatalf("the error quotes a URL: %v", err)
		}
	})
}
