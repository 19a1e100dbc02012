package main

import (
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The README tells of each package and each format that there is.
func TestReadmeKnowsAll(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../README.md")
	must(t, err)
	_, text, found := strings.Cut(string(b), "\n## Where things are\n")
	if !found {
		t.Fatal("the README does not say where things are")
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\n()", r) })
	folders := map[string]bool{}
	walkSources(t, func(folder, name string, _ *ast.File) {
		folders[folder] = !strings.HasSuffix(name, "_test.go") || folders[folder]
	})
	seen := 0
	for folder, program := range folders {
		within := strings.Split(folder, "/")
		if !program || slices.ContainsFunc(within, func(s string) bool { return strings.HasSuffix(s, "test") }) || within[0] == "testdata" || folder == "cmd/varuh/cost" || folder == "recorder/internal/spare" {
			continue // of tests, and what one package alone uses
		}
		seen++
		if !slices.ContainsFunc(words, func(w string) bool { return w == folder || strings.HasSuffix(folder, "/"+w) }) {
			t.Errorf("the README does not say where %s is", folder)
		}
	}
	formats := 0
	err = filepath.WalkDir("../..", func(name string, _ fs.DirEntry, err error) error {
		if path.Base(name) == "FORMAT.md" {
			formats++
			if link := "](" + strings.TrimPrefix(filepath.ToSlash(name), "../../") + ")"; !strings.Contains(text, link) {
				t.Errorf("the README does not list %s", name)
			}
		}
		return err
	})
	must(t, err)
	if seen < 25 || formats < 7 {
		t.Errorf("only %d packages and %d formats were found", seen, formats)
	}
}
