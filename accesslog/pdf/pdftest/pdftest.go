// Package pdftest has papers read by another program than the one that wrote them.
package pdftest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Read runs one of poppler's programs, such as pdftotext, over a paper, and returns what it says. A complaint fails the test.
// Where poppler is missing the test is skipped, but for CI.
func Read(t testing.TB, paper []byte, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("%s is missing: apt-get install poppler-utils", program)
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, paper, 0o600); err != nil {
		t.Fatal(err)
	}
	var complaint bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, append(args[:len(args):len(args)], file)...)
	if program == "pdftotext" {
		cmd.Args = append(cmd.Args, "-")
	}
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil || complaint.Len() > 0 {
		t.Fatalf("%s: %v\n%s", program, err, complaint.String())
	}
	return string(out)
}

// Text is the text of a paper in its layout, the words one space apart.
func Text(t testing.TB, paper []byte) string {
	t.Helper()
	return strings.Join(strings.Fields(Read(t, paper, "pdftotext", "-layout")), " ")
}
