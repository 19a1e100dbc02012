package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports is who may import whom inside the module, by folder: recorder knows nobody above it,
// retention knows recorder, accesslog knows both, only cmd knows all. A folder that is not listed is
// held against the longest listed one that it lies in; "..." stands for everything below.
var imports = map[string][]string{
	"recorder/durable":                 {},
	"recorder/keyring":                 {"recorder/durable"},
	"recorder/internal/spare":          {},
	"recorder/segment":                 {"recorder/durable", "recorder/keyring", "recorder/internal/spare"},
	"recorder/cmaf":                    {"recorder/segment", "recorder/internal/spare"},
	"recorder/rtsp":                    {"recorder/durable", "recorder/keyring", "recorder/segment", "recorder/cmaf"},
	"recorder/footage":                 {"recorder/durable", "recorder/keyring", "recorder/segment"},
	"recorder":                         {"recorder..."},
	"retention":                        {"recorder...", "retention..."},
	"accesslog":                        {"recorder...", "retention...", "accesslog..."},
	"accesslog/aeszip":                 {},
	"accesslog/diary":                  {"recorder/durable", "recorder/keyring", "accesslog/diary/proof"},
	"accesslog/diary/proof":            {},
	"accesslog/diary/anchor":           {"accesslog/diary/proof", "accesslog/diary/anchor/timestamp"},
	"accesslog/diary/anchor/timestamp": {},
	"accesslog/diary/print":            {"accesslog/diary/proof"},
	"accesslog/disclosure":             {"accesslog/pdf", "accesslog/diary", "accesslog/diary/proof", "accesslog/hold", "accesslog/people"},
	"accesslog/disclosure/scans":       {"accesslog/disclosure", "accesslog/packing/sealed"},
	"accesslog/evidence":               {"accesslog/diary/proof"},
	"accesslog/evidence/evidencetest":  {"accesslog/evidence", "accesslog/diary/proof", "recorder/cmaf", "recorder/durable", "recorder/keyring", "recorder/segment", "testdata..."},
	"accesslog/evidence/derived":       {"accesslog/evidence", "accesslog/diary/proof"},
	"accesslog/evidence/record":        {"accesslog/evidence", "accesslog/diary/proof", "accesslog/pdf"},
	"accesslog/evidence/reader":        {"accesslog/evidence", "accesslog/diary/proof"},
	"accesslog/packing":                {"accesslog", "accesslog/aeszip", "accesslog/diary", "accesslog/diary/proof", "accesslog/disclosure", "accesslog/evidence", "accesslog/evidence/derived", "accesslog/evidence/record", "accesslog/packing/sealed", "accesslog/people", "recorder/keyring", "retention"},
	"accesslog/packing/sealed":         {"recorder/durable", "recorder/footage", "recorder/keyring", "recorder/segment"},
	"accesslog/pdf":                    {},
	"accesslog/people":                 {"accesslog/diary", "accesslog/diary/proof"},
	"accesslog/hold":                   {"accesslog/diary", "accesslog/diary/proof", "recorder/footage", "recorder/keyring", "retention"},
	"accesslog/collect":                {"accesslog/diary", "accesslog/diary/proof", "recorder/footage", "recorder/keyring"},
	"accesslog/internal/unseal":        {"accesslog/people", "recorder/durable", "recorder/footage", "recorder/keyring", "recorder/segment"},
	"accesslog/playback":               {"accesslog", "accesslog/people", "recorder/keyring", "recorder/segment"},
	"accesslog/web/pages":              {"accesslog/people"},
	"accesslog/notice":                 {"accesslog/diary", "accesslog/diary/proof"},
	"accesslog/web/certificate":        {"recorder/durable"},
	"configs":                          {"retention"}, // what a term is
	"testdata":                         {},
	"cmd/varuh":                        {"..."},
	"cmd/varuh-verify":                 {"accesslog/evidence", "accesslog/diary/proof", "accesslog/diary/anchor/timestamp", "accesslog/aeszip"},
	"accesslog/pdf/pdftest":            {},
	"accesslog/diary/anchor/timestamp/timestamptest": {},
	"accesslog/diary/anchor/witnesstest":             {"accesslog/diary/proof"},
	"recorder/durable/durabletest":                   {"recorder/durable"},
	"recorder/rtsp/rtsptest":                         {"recorder/rtsp...", "recorder/cmaf"},
	"recorder/recordertest":                          {"recorder...", "testdata..."},
	"accesslog/web/browsertest":                      {"recorder/rtsp/rtsptest...", "testdata..."},
}

// inTests is what the tests of a folder may import beside that.
var inTests = map[string][]string{
	"accesslog/disclosure":       {"recorder/footage", "recorder/keyring", "retention"},
	"accesslog/disclosure/scans": {"recorder/durable", "recorder/footage", "recorder/keyring"},
	"accesslog/evidence":         {"accesslog/aeszip"},
	"accesslog/evidence/reader":  {"accesslog/evidence/derived"},
	"accesslog/people":           {"accesslog", "recorder/durable", "recorder/footage", "recorder/keyring"},
	"accesslog/collect":          {"recorder/durable", "recorder/segment"},
	"accesslog/playback":         {"accesslog/diary", "accesslog/diary/proof", "accesslog/notice", "recorder/cmaf", "recorder/durable", "recorder/footage", "retention"},
	"accesslog/notice":           {"recorder/keyring"},
	"accesslog/packing":          {"accesslog/hold", "recorder/cmaf", "recorder/durable", "recorder/footage"},
}

// forTests may be imported by every test beside its package's own imports, and by the demo.
var forTests = []string{"recorder/durable/durabletest", "accesslog/diary/anchor/timestamp/timestamptest", "accesslog/diary/anchor/witnesstest", "recorder/rtsp/rtsptest...", "recorder/recordertest", "accesslog/web/browsertest", "accesslog/evidence/evidencetest", "accesslog/pdf/pdftest", "testdata..."}

// only are packages of others that one part alone may use.
var only = map[string][]string{
	"github.com/bluenviron/gortsplib/": {"recorder/rtsp"},
	"github.com/mattn/go-sqlite3":      {"recorder/footage", "accesslog"},
	"github.com/alecthomas/kong":       {"cmd/varuh"},
	"codeberg.org/go-pdf/":             {"accesslog/pdf"},
	"golang.org/x/image/":              {"accesslog/pdf"},
	"github.com/goccy/go-yaml":         {"configs"},
	"golang.org/x/mod/sumdb/":          {"recorder/segment", "accesslog", "cmd/varuh-verify", "cmd/varuh"}, // the last for the demo's cheat
	"github.com/prometheus/":           {"cmd/varuh"},
	"net/http":                         {"cmd/varuh", "accesslog", "retention/copies"},
	"C":                                {},
	// These publish the memory or the command line of the program to whoever asks.
	"net/http/pprof": {},
	"runtime/pprof":  {"cmd/varuh/cost"}, // which measures, and is no part of the program
	"runtime/trace":  {},
	"expvar":         {},
	"plugin":         {},
}

// offline are the folders that the checker is made of: they know neither network nor C, whatever lies
// around them.
var offline = []string{"cmd/varuh-verify", "accesslog/evidence", "accesslog/diary/proof", "accesslog/diary/anchor/timestamp", "accesslog/aeszip"}

// What the checker is made of is all in offline.
func TestOffline(t *testing.T) {
	t.Parallel()
	for _, folder := range offline {
		for _, part := range imports[folder] {
			if !matches(part, offline) {
				t.Errorf("%s may import %s, which may know the network", folder, part)
			}
		}
	}
}

// The test reads sources, since the cache of go test does not notice files of other packages that
// come and go under go list; every file opened here is noticed.
func TestImports(t *testing.T) {
	t.Parallel()
	seen := 0
	walkSources(t, func(folder, name string, f *ast.File) {
		seen++
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := refused(folder, strings.HasSuffix(name, "_test.go"), path); why != "" {
				t.Errorf("%s imports %s: %s", name, path, why)
			}
		}
	})
	if seen < 50 {
		t.Errorf("only %d files were looked at: is the module's root still two folders up?", seen)
	}
}

// refused says why a folder must not import a path, or nothing.
func refused(folder string, test bool, path string) string {
	if inner, ok := strings.CutPrefix(path, "varuh/"); ok {
		if test && (inner == folder || matches(inner, forTests) || strings.HasPrefix(folder, "recorder") && strings.HasPrefix(inner, "recorder")) {
			return ""
		}
		rule, ok := ruleOf(folder)
		switch {
		case !ok:
			return "the folder is not in the list of who may import whom"
		case test && matches(inner, inTests[rule]):
			return ""
		case !matches(inner, imports[rule]):
			return rule + " may import only " + strings.Join(imports[rule], ", ")
		case folder != "cmd/varuh" && !strings.HasSuffix(rule, "test") && matches(inner, forTests):
			return "that is for tests"
		}
		return ""
	}
	if matches(folder, offline) && (path == "net" || path == "net/http" || path == "github.com/mattn/go-sqlite3") {
		return "the checker works offline and without cgo"
	}
	if folder == "accesslog/web/pages" && path == "net/http" {
		return "pages knows no HTTP: accesslog/web serves them"
	}
	for forbidden, users := range only {
		hit := path == forbidden || strings.HasSuffix(forbidden, "/") && strings.HasPrefix(path, forbidden)
		if !hit {
			continue
		}
		allowed := false
		for _, u := range users {
			allowed = allowed || folder == u || strings.HasPrefix(folder, u+"/")
		}
		if !allowed && len(users) > 0 {
			return "only " + strings.Join(users, ", ") + " may"
		}
		if !allowed {
			return "nothing may"
		}
	}
	return ""
}

// ruleOf is the longest listed folder that a folder is or lies in.
func ruleOf(folder string) (rule string, ok bool) {
	for dir := folder; dir != "."; dir = filepath.Dir(dir) {
		if _, ok := imports[dir]; ok {
			return dir, true
		}
	}
	return "", false
}

func matches(path string, patterns []string) bool {
	for _, p := range patterns {
		if tree, ok := strings.CutSuffix(p, "..."); ok && strings.HasPrefix(path, tree) || path == p {
			return true
		}
	}
	return false
}

// secretive are what would put decrypted footage or an upload into a temporary file, or what is in memory into a file or
// an answer, by package; "" is the method of any value. The methods read a form, and write what is large to a disk.
var secretive = map[string][]string{
	"os":     {"CreateTemp"},
	"ioutil": {"TempFile", "TempDir", "ReadAll", "ReadFile", "WriteFile"},
	"debug":  {"WriteHeapDump"},
	"http":   {"DefaultServeMux", "Handle", "HandleFunc", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"}, // what a library put there would be served
	"":       {"ParseMultipartForm", "FormFile", "FormValue", "PostFormValue", "ReadForm"},
}

// Decrypted footage must never be in a temporary file: those that make one are found wherever they
// stand. durable writes its own files with a name that it knows again after a crash.
func TestNoTemporaryFiles(t *testing.T) {
	t.Parallel()
	walkSources(t, func(folder, name string, f *ast.File) {
		if folder == "recorder/durable" {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := s.X.(*ast.Ident)
			if test := strings.HasSuffix(name, "_test.go"); test && (!ok || pkg.Name != "os") {
				return true
			}
			if slices.Contains(secretive[""], s.Sel.Name) || ok && slices.Contains(secretive[pkg.Name], s.Sel.Name) {
				t.Errorf("%s uses %s", name, s.Sel.Name)
			}
			return true
		})
	})
}

// The rule itself refuses what it should.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		folder string
		test   bool
		path   string
		ok     bool
	}{
		{"recorder/keyring", false, "varuh/recorder/durable", true},
		{"recorder/keyring", false, "varuh/recorder/segment", false},
		{"recorder/durable", false, "varuh/recorder/durable/durabletest", false},
		{"recorder/segment", true, "varuh/recorder/durable/durabletest", true},
		{"recorder", false, "varuh/recorder/rtsp/rtsptest", false},
		{"recorder", false, "varuh/retention", false},
		{"recorder", true, "varuh/accesslog", false},
		{"retention/copies", false, "varuh/recorder/keyring", true},
		{"retention", false, "varuh/accesslog/diary", false},
		{"accesslog/web", false, "varuh/retention", true},
		{"accesslog/diary", false, "varuh/accesslog/people", false},
		{"accesslog/people", false, "varuh/accesslog/web", false},
		{"accesslog/collect", false, "varuh/accesslog/people", false},
		{"accesslog/web/pages", false, "varuh/recorder/footage", false},
		{"accesslog/web/pages", false, "net/http", false},
		{"accesslog/diary", false, "varuh/accesslog/diary/proof", true},
		{"accesslog/diary/proof", false, "varuh/accesslog/diary", false},
		{"cmd/varuh-verify", false, "varuh/accesslog/diary", false},
		{"cmd/varuh-verify", false, "varuh/accesslog/diary/proof", true},
		{"cmd/varuh-verify", false, "varuh/accesslog/evidence", true},
		{"accesslog/evidence", false, "varuh/accesslog/diary", false},
		{"accesslog/evidence", false, "varuh/recorder/segment", false},
		{"accesslog/evidence", false, "net/http", false},
		{"accesslog/diary/anchor", false, "varuh/accesslog/diary", false},
		{"accesslog/diary/anchor/timestamp", false, "varuh/accesslog/diary/proof", false},
		{"accesslog/diary/anchor/timestamp", false, "net/http", false},
		{"accesslog/aeszip", false, "net", false},
		{"accesslog/disclosure/scans", false, "varuh/recorder/durable", false},
		{"accesslog/disclosure/scans", true, "varuh/recorder/durable", true},
		{"accesslog/disclosure", false, "varuh/retention", false},
		{"accesslog/packing", false, "varuh/accesslog/web", false},
		{"accesslog/packing", true, "varuh/accesslog/web", false},
		{"accesslog/packing", false, "varuh/accesslog/people", true},
		{"cmd/varuh-verify", false, "varuh/recorder", false},
		{"cmd/varuh", false, "varuh/recorder/rtsp/rtsptest", true},
		{"configs", false, "varuh/recorder/rtsp", false},
		{"newcomer", false, "varuh/recorder", false},
		{"cmd/varuh", false, "net/http/pprof", false},
		{"cmd/varuh", false, "expvar", false},
		{"recorder/segment", false, "github.com/bluenviron/gortsplib/v5", false},
		{"recorder/rtsp/rtsptest", false, "github.com/bluenviron/gortsplib/v5/pkg/base", true},
		{"recorder", false, "net/http", false},
		{"recorder", false, "net", true},
	} {
		if why := refused(tt.folder, tt.test, tt.path); (why == "") != tt.ok {
			t.Errorf("%s imports %s: %q", tt.folder, tt.path, why)
		}
	}
}

// walkSources parses every Go file of the module.
func walkSources(t *testing.T, visit func(folder, name string, f *ast.File)) {
	t.Helper()
	const root = "../.."
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name != "." && strings.HasPrefix(e.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(filepath.Dir(name)), name, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
