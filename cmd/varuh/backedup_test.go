package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"varuh/retention/copies"
)

// notOfState are names of files in the program that lie elsewhere than in the state folder.
var notOfState = []string{"varuh-store.json", "varuh-demo.json", "manifest.json"}

// stateNames are the names of files of the state folder that the program's text has, whether or not a box of a test makes them.
func stateNames(t *testing.T) (names []string) {
	t.Helper()
	file := regexp.MustCompile(`^(keys/)?[a-z]+\.(json|db|begun|sock|key|checkpoint|late)(\.[a-z]+)?$`)
	sources, err := filepath.Glob("*.go")
	must(t, err)
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(source, func(n ast.Node) bool {
			if x, ok := n.(*ast.BasicLit); ok && x.Kind == token.STRING {
				if text, err := strconv.Unquote(x.Value); err == nil && file.MatchString(text) && !slices.Contains(notOfState, text) {
					names = append(names, text)
				}
			}
			return true
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Every file of the state folder that the program names is in a backup, or it is said why not, and the documents know both.
func TestBackupsAndDocumentsAgree(t *testing.T) {
	t.Parallel()
	names := stateNames(t)
	for _, want := range []string{"appliance.json", "began.json", "backup.begun", "keys/diary.key", "present.json", "varuh.db"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not found in the program: does this test still read it?", want)
		}
	}
	backedUp := map[string]bool{"varuh.db": true, "retention.late": true}
	for _, name := range backedUpState {
		backedUp[name] = true
	}
	doc, err := os.ReadFile("doc.go")
	must(t, err)
	format, err := os.ReadFile(filepath.Join("..", "..", "retention", "copies", "FORMAT.md"))
	must(t, err)
	_, table, _ := strings.Cut(string(doc), "# In the state folder\n")
	for _, name := range names {
		inKeys := "keys/" + name
		if !backedUp[name] && !backedUp[inKeys] && leftOut[name] == "" && leftOut[inKeys] == "" {
			t.Errorf("%s is in no backup: add it to backedUpState, or say in leftOut why not", name)
		}
		if !strings.Contains(table, name) {
			t.Errorf("%s is not among the files of the state folder in doc.go", name)
		}
	}
	for name := range leftOut {
		if backedUp[name] {
			t.Errorf("%s is both in backups and left out of them", name)
		}
	}
	for _, name := range backedUpState {
		if entry := path.Join(copies.StateFolder, name); !strings.Contains(string(format), "`"+entry+"`") && !strings.Contains(entry, "/keys/") {
			t.Errorf("%s is not in the FORMAT.md of backups", entry)
		}
	}
}
