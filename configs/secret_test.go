package configs

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
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

// Whichever key a password is written to, and however wrongly, no error quotes it. Keys whose value nobody
// takes for a password may quote one that is no time span, say, but not what is no YAML.
func TestMistakesDoNotQuote(t *testing.T) {
	t.Parallel()
	forms := []string{"%s", "rtsp//u:%s@h/x", "rtsp://u:%s#1@h/x", "rtsp://u:%s@h:x/", "http://u:%s@h/x", "/%s", ">rtsp://u:%[1]s@h/x", "|rtsp://u:%s@h", "|%s", ">%s",
		"|-%s\n  x", "\"rtsp://u:%s@h/", "'%s", "\"\\q%s\"", "\"%s\" %[1]s", "*%s", "&%s x", "!%s x", "!<%s> x", "!!%s x", "!!int %s", "%%%s", "%%YAML %s", "@%s", "`%s`", "{%s", "{%s: x}", "{a: %s}",
		"[%s", "[%s]", "- %s", "? %s", "a: %s", "%s: x", "%s:\n  x", "x\n%s: y", "x\n  %s: y", "x\n%s", "x\n- %s", "x\n---\n%s", "x\n%%%s", "x\n\t%s", "\t%s", "x #%s\n %[1]s: y", "~ %s", "<<: %s", "\x00%s", "\xff%s", "\x1b%s"}
	never := []string{"name", "location", "main", "sub", "user", "password_file", "password_credential", "transport", "audio", "reason", "url", "other"}
	for _, key := range append(allKeys, never...) {
		for _, form := range forms {
			line := key + ": " + fmt.Sprintf(form, "c4nary") + "\n"
			for _, text := range []string{line, goodCamera + line, goodCamera + "user: u\n" + line, strings.Replace(goodCamera, "\n", "\n"+line, 1)} {
				cam := Camera{}
				d := decode("a.yml", []byte(text), &cam)
				if len(d.problems) == 0 {
					cam.check(d)
					new(Config).password(&cam, d)
				}
				notQuoted(t, text, d, slices.Contains(never, key))
			}
			for _, text := range []string{line, "store: [a]\n" + line, "diary:\n  " + line, "diary:\n  timestamps:\n    - " + line, "diary:\n  witnesses:\n    - " + line} {
				c := DefaultConfig()
				d := decode("varuh.yml", []byte(text), &c)
				if len(d.problems) == 0 && slices.Contains(never, key) {
					c.check(d)
				}
				notQuoted(t, text, d, slices.Contains(never, key))
			}
		}
	}
}

func notQuoted(t *testing.T, text string, d *document, never bool) {
	t.Helper()
	for _, p := range d.problems {
		if (never || strings.HasPrefix(p.What, "not valid YAML")) && strings.Contains(p.What, "c4nary") {
			t.Errorf("%q: %v", text, p)
		}
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
