package print

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every operation that the program can write has a word in Slovenian.
func TestOperations(t *testing.T) {
	t.Parallel()
	found := map[string]string{}
	root := "../../.."
	err := filepath.WalkDir(root, func(name string, f fs.DirEntry, err error) error {
		if err != nil || f.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, op := range operationsIn(n) {
				found[op] = strings.TrimPrefix(name, root)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range slices.Sorted(maps.Keys(found)) {
		if operations[op] == "" {
			t.Errorf("%s, which %s writes, would stand in English in dnevnik.html", op, found[op])
		}
	}
	for _, op := range []string{"collect", "diary.read", "erase.start", "gap", "hold.set", "incident.open", "key.rotate", "restore", "start"} {
		if found[op] == "" {
			t.Errorf("%s is written somewhere, and was not found", op)
		}
	}
}

// Everything that can come of a viewing has a word in Slovenian, and so has every reason to refuse one.
func TestResults(t *testing.T) {
	t.Parallel()
	found := 0
	for _, name := range []string{"../../ask.go", "../../errors.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, text := range resultsIn(n) {
				if found++; results[text] == "" {
					t.Errorf("%q would stand in English in dnevnik.html", text)
				}
			}
			return true
		})
	}
	if found < 15 {
		t.Errorf("only %d results were found", found)
	}
}

// resultsIn are the results in one node: constants that are an Outcome, and the words beside errors.
func resultsIn(n ast.Node) (list []string) {
	var found []ast.Expr
	switch n := n.(type) {
	case *ast.ValueSpec:
		if named(n.Type) == "Outcome" {
			found = n.Values
		}
	case *ast.CompositeLit:
		if len(n.Elts) == 2 && strings.HasPrefix(named(n.Elts[0]), "Err") {
			found = n.Elts[1:]
		}
	}
	for _, e := range found {
		if lit, ok := e.(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				list = append(list, text)
			}
		}
	}
	return list
}

var operation = regexp.MustCompile(`^[a-z]+(\.[a-z]+)?$`)

// operationsIn are those in one node: a constant such as opStart, the Op of an entry, or what is entered or told of
// by name.
func operationsIn(n ast.Node) (list []string) {
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok {
			if op, err := strconv.Unquote(lit.Value); err == nil && operation.MatchString(op) {
				list = append(list, op)
			}
		}
	}
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) && regexp.MustCompile(`^[oO]p([A-Z]\w*)?$`).MatchString(name.Name) {
				add(n.Values[i])
			}
		}
	case *ast.CompositeLit:
		if named(n.Type) != "Entry" {
			break
		}
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && named(kv.Key) == "Op" {
				add(kv.Value)
			}
		}
	case *ast.CallExpr:
		if name := named(n.Fun); name == "enter" || name == "wrote" {
			for _, arg := range n.Args {
				add(arg)
			}
		}
	}
	return list
}

// named is the last part of a name.
func named(e ast.Node) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
