package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fieldless are the reasons of package people that are about no field of the pages, or about one that its route knows.
var fieldless = []string{
	"%q is no role", // the pages offer them
	"say on what day the paper was signed", "say on what day the first person signed the authorisation and the statement of confidentiality",
	"the code does not fit; enter the one that the authenticator shows now, and look whether the clocks agree",
	"the new password is the old one", "there is no second factor", "a role of yours asks for a second factor",
	"the first person is an administrator", "name each role once", "say who opened the envelope", "a deputy ends nothing of whom he acts for",
}

// A sentence of package people that is reworded must not lose its field unseen, and a new one is given its own.
func TestFieldsOfReasons(t *testing.T) {
	t.Parallel()
	reasons := reasonsOfPeople(t)
	if len(reasons) < 30 {
		t.Errorf("only %d reasons were found: %q", len(reasons), reasons)
	}
	begins := func(reason string) bool {
		return slices.ContainsFunc(reasons, func(r string) bool { return strings.HasPrefix(r, reason) })
	}
	known := slices.Clone(fieldless)
	for _, f := range personFields {
		known = append(known, f.begins)
	}
	for b := range tokenFields {
		known = append(known, b)
	}
	for _, b := range known {
		if !begins(b) {
			t.Errorf("no reason of package people begins with %q any more", b)
		}
	}
	for _, r := range reasons {
		if !slices.ContainsFunc(known, func(b string) bool { return strings.HasPrefix(r, b) }) {
			t.Errorf("the reason %q has no field, and is not said to be about none", r)
		}
	}
}

// reasonsOfPeople are what the errors of package people say behind the words of their kind, as their formats stand in its sources.
func reasonsOfPeople(t *testing.T) (list []string) {
	t.Helper()
	names, err := filepath.Glob("../people/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && len(c.Args) > 0 {
				list = append(list, stated(c)...)
			}
			return true
		})
	}
	return list
}

// stated is the reason of a call that makes such an error: incomplete(…), beyond(…), or fmt.Errorf("%w: …", …, ErrIncomplete, …).
func stated(c *ast.CallExpr) []string {
	lit, ok := c.Args[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nil
	}
	format, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil
	}
	switch f := c.Fun.(type) {
	case *ast.Ident:
		if f.Name == "incomplete" || f.Name == "beyond" {
			return []string{format}
		}
	case *ast.SelectorExpr:
		reason, wraps := strings.CutPrefix(format, "%w: ")
		if f.Sel.Name != "Errorf" || !wraps || reason == "%s" || len(c.Args) < 2 {
			return nil
		}
		if kind, ok := c.Args[1].(*ast.Ident); ok && (kind.Name == "ErrIncomplete" || kind.Name == "ErrNotAllowed") {
			return []string{reason}
		}
	}
	return nil
}
