package web

import (
	"errors"
	"fmt"
	"go/ast"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"varuh/accesslog/notice"
	"varuh/accesslog/people"
)

// forPeople are the functions of the packages behind this one that make errors for people of a format, and the sentinel
// errors that are wrapped with a format for people by hand.
var forPeople = []string{"incomplete", "beyond", "ask", "ErrIncomplete", "ErrNotAllowed", "ErrWeak", "ErrAsk", "wrong", "ErrStep", "ErrFuture", "ErrFourEyes", "ErrSpan", "ErrPurpose"}

// What the packages behind this one tell people in English is told in Slovenian, too: each format that they have.
func TestReasonsInSlovenian(t *testing.T) {
	t.Parallel()
	count := 0
	for _, folder := range []string{"..", "../people", "../notice", "../hold", "../disclosure"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		must(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			ast.Inspect(parsed(t, name), func(n ast.Node) bool {
				if format := formatOf(n); format != "" {
					count++
					if !slices.ContainsFunc(reasons, func(r struct{ en, sl string }) bool { return r.en == format }) {
						t.Errorf("%s: %q is not said in Slovenian", name, format)
					}
				}
				return true
			})
		}
	}
	if count < 60 {
		t.Errorf("only %d formats were found", count)
	}
	for _, r := range reasons {
		if strings.Count(r.en, "%") != strings.Count(r.sl, "%") || r.sl == "" {
			t.Errorf("%q has not what %q has", r.sl, r.en)
		}
	}
}

// formatOf is the format of an error for people that a call makes, or "".
func formatOf(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return ""
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return ""
	}
	format, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if slices.Contains(forPeople, f.Name) {
			return format
		}
	case *ast.SelectorExpr:
		if len(call.Args) > 1 && f.Sel.Name == "Errorf" {
			sentinel, ok := call.Args[1].(*ast.Ident)
			rest, cut := strings.CutPrefix(format, "%w: ")
			if ok && cut && slices.Contains(forPeople, sentinel.Name) && rest != "%s" && rest != "%w" {
				return rest
			}
		}
	}
	return ""
}

// A reason is put into words with what was filled in, and several of them together.
func TestReason(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err, sentinel error
		sl, en        string
	}{
		{fmt.Errorf("%w: it has %d characters, and needs %d; a few words are easy to remember", people.ErrWeak, 7, 12), people.ErrWeak,
			"ima 7 znakov, potrebuje jih 12; nekaj besed si je lahko zapomniti", "it has 7 characters, and needs 12; a few words are easy to remember"},
		{errors.Join(fmt.Errorf("%w: %s has more than %d characters", notice.ErrIncomplete, "the area", 120), fmt.Errorf("%w: a name is empty", notice.ErrIncomplete)),
			notice.ErrIncomplete, "območje: več kot 120 znakov; eno od imen je prazno", "the area has more than 120 characters; a name is empty"},
		{fmt.Errorf("%w: something new", people.ErrWeak), people.ErrWeak, "", "something new"},
		{people.ErrWeak, people.ErrWeak, "", ""},
	} {
		if got := reasonOf(tt.err, tt.sentinel, "sl"); got != tt.sl {
			t.Errorf("%v: %q", tt.err, got)
		}
		if got := reasonOf(tt.err, tt.sentinel, "en"); got != tt.en {
			t.Errorf("%v: %q", tt.err, got)
		}
	}
}
