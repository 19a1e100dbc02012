package evidence_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// formatted is FORMAT.md.
func formatted(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("FORMAT.md")
	must(t, err)
	return string(b)
}

// The examples of FORMAT.md are what is written.
func TestFormatExamples(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Tiny(t, "FORMAT").Written(t)
	text, written := formatted(t), string(pkg["manifest.json"].Data)+"\n"+string(pkg["proof/clips/0001.jsonl"].Data)
	found := 0
	for line := range strings.Lines(text) {
		if example, ok := strings.CutPrefix(line, "    {"); ok {
			if found++; !strings.Contains(written, "{"+example) {
				t.Errorf("not as it is written:\n%s\n%s", line, written)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d examples", found)
	}
}

// The commands of FORMAT.md verify a package with openssl and sha256sum, and find what was changed.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	tool(t, "openssl", "openssl")
	_, script, _ := strings.Cut(formatted(t), "```sh\n")
	script, _, ok := strings.Cut(script, "```")
	if !ok || script != evidence.Commands {
		t.Fatalf("the commands of FORMAT.md are not those of the package's text:\n%s", script)
	}
	if !strings.Contains(formatted(t), "```powershell\n"+evidence.WindowsCommands+"```\n") {
		t.Error("the commands for Windows of FORMAT.md are not those of the package's text")
	}
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	dir := unpack(t, pkg)
	run := func() (string, error) {
		cmd := exec.Command("sh", "-e", "-c", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run()
	want := strings.ReplaceAll(c.Diary.Key.Fingerprint(), " ", "") + "\n" + verified(t, pkg, c.Knowing()).Manifest
	if err != nil || !strings.HasPrefix(out, want) || strings.Count(out, "Signature Verified Successfully") != 2 {
		t.Errorf("%v\n%s\nwant %s", err, out, want)
	}
	for _, name := range []string{"manifest.json", "manifest.sig", "posnetki/0001.mp4", "proof/diary/keys.txt", "SHA256SUMS.txt", "SHA256SUMS.sig"} {
		b := append([]byte(nil), pkg[name].Data...)
		b[len(b)/2] ^= 1
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
		if out, err := run(); err == nil {
			t.Errorf("%s was changed, and nobody minds:\n%s", name, out)
		}
		must(t, os.WriteFile(filepath.Join(dir, name), pkg[name].Data, 0o600))
	}
	if _, err := run(); err != nil {
		t.Error(fmt.Errorf("put right again: %w", err))
	}
}

// The tables of FORMAT.md name what verifiers take for left by systems, each of it and nothing else.
func TestFormatLeftovers(t *testing.T) {
	t.Parallel()
	for begin, want := range map[string][]string{"| at the top, folders | ": evidence.SystemFolders, "| in those around a package | as in these, and in ": evidence.Bins, "and with none of these endings (in any case): ": evidence.Mistakable} {
		if told := listed(t, begin); !slices.Equal(told, want) {
			t.Errorf("FORMAT.md has %q, want %q", told, want)
		}
	}
	for _, s := range evidence.SystemFiles {
		text := ""
		if s.Text {
			text = "a text: "
		}
		if line := fmt.Sprintf(" | %s`%s` | %d KiB |\n", text, s.Begins, s.Most>>10); !slices.ContainsFunc(strings.SplitAfter(formatted(t), "\n"), func(l string) bool {
			return strings.HasSuffix(l, line) && strings.Contains(l, "`"+s.Name+"`")
		}) {
			t.Errorf("FORMAT.md has not got %s, %q", s.Name, line)
		}
	}
}

// listed are the names of a list in FORMAT.md that begins so.
func listed(t testing.TB, begin string) []string {
	_, line, _ := strings.Cut(formatted(t), begin)
	line, _, _ = strings.Cut(line, " |\n")
	line, _, _ = strings.Cut(line, " anything")
	return strings.Split(strings.ReplaceAll(strings.TrimRight(line, " |"), "`", ""), ", ")
}
