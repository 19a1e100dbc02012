package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// given are results of entries that are no word where they are written, with what they are made of: a type, whose constants are words;
// a function, of which an argument is one, or what it returns; a variable. A result from elsewhere fails the test.
var given = map[string]string{
	"string(o)": "Outcome", "string(CutOff)": "Outcome", "string(Interrupted)": "Outcome", "string(why)": "Why", "string(e.How)": "Result", "d.How": "Result",
	"o.why": "endAll endSessions past", "result": "putSecond missesNote", "word": "reasons", "results[ev.Kind]": "results", "says.result": "says",
	"e.Result": "another entry", `r.text("result")`: "another entry",
}

// arguments are which argument of a function is the result of an entry.
var arguments = map[string]int{"endSessions": 2, "endAll": 1, "putSecond": 3, "missesNote": 1}

// results are all words that sources give as the result of an entry, with where each stands.
type results struct {
	t     *testing.T
	words map[string]string
	file  string
}

// Every result that an entry of the diary can have is said in words, in each language.
func TestWordsOfResults(t *testing.T) {
	t.Parallel()
	found := results{t: t, words: map[string]string{}}
	for _, root := range []string{"../../../accesslog", "../../../cmd/varuh", "../../../retention"} {
		must(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				err = found.read(path)
			}
			return err
		}))
	}
	for _, one := range []string{"nothing found", "handed over", "asked for", "idle", "set up", "note missing", "segment missing", "keys lost", "erasure failed", "footage without a date", "look-back", "made", "not fetched"} {
		if found.words[one] == "" {
			t.Errorf("%q was not found in the sources", one)
		}
	}
	for _, language := range Languages {
		w := catalogue(t, language)
		for word, where := range found.words {
			if w.texts["diary.result."+word] == "" {
				t.Errorf("%s: the result %q has no words in %q", where, word, language)
			}
		}
	}
}

func (r *results) read(path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	r.file = path
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Result" {
				r.take(n.Value)
			} else if list, ok := n.Value.(*ast.CompositeLit); ok && strings.HasPrefix(types.ExprString(n.Key), "part") && len(list.Elts) > 0 {
				r.literals(list.Elts[0])
			}
		case *ast.AssignStmt:
			if to, ok := n.Lhs[0].(*ast.SelectorExpr); ok && to.Sel.Name == "Result" && len(n.Rhs) == 1 {
				r.take(n.Rhs[0])
			}
		case *ast.CallExpr:
			if to, ok := n.Fun.(*ast.SelectorExpr); ok && arguments[to.Sel.Name] > 0 && len(n.Args) > arguments[to.Sel.Name] {
				r.literals(n.Args[arguments[to.Sel.Name]])
			}
		case *ast.FuncDecl:
			if n.Name.Name == "past" && strings.HasSuffix(r.file, "people/sessions.go") {
				r.literals(n.Body)
			}
		case *ast.ValueSpec:
			r.value(n)
		}
		return true
	})
	return nil
}

// value takes the words of constants of a type, and of tables.
func (r *results) value(n *ast.ValueSpec) {
	name, is := n.Names[0].Name, types.ExprString(n.Type)
	switch {
	case is == "Outcome" && strings.HasSuffix(r.file, "accesslog/ask.go"), (is == "Why" || is == "Result") && strings.Contains(r.file, "accesslog/packing/"):
		r.literals(n)
	case name == "results" && strings.Contains(r.file, "cmd/varuh/"), name == "reasons" && strings.HasSuffix(r.file, "accesslog/errors.go"):
		r.literals(n)
	}
}

// take takes what is given as a result: a word, or what is known to be one.
func (r *results) take(value ast.Expr) {
	if _, ok := value.(*ast.BasicLit); ok {
		r.literals(value)
	} else if is := types.ExprString(value); given[is] == "" {
		r.t.Errorf("%s: it is not known which words %s may be", r.file, is)
	}
}

// literals takes all texts within a piece of source.
func (r *results) literals(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if one, ok := n.(*ast.BasicLit); ok && one.Kind == token.STRING {
			if word, err := strconv.Unquote(one.Value); err == nil && word != "" {
				r.words[word] = r.file
			}
		}
		return true
	})
}
