package configs

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// document is one YAML file, read and checked against the type it is decoded into.
type document struct {
	file     string
	body     ast.Node // nil: the file is empty
	problems Problems
}

// decode reads data into v, a pointer to a struct. What is wrong is in the document's problems.
//
// The library's decoder stops at its first mistake, names Go types, takes a key without a value as
// the default, and quotes source lines, where a password may stand. So the tree is held against
// the type first, by shape; the decoder comes after that, strict all the same.
func decode(file string, data []byte, v any) *document {
	d := &document{file: file}
	data = bytes.TrimPrefix(data, []byte("\uFEFF")) // editors of Windows put it at the beginning
	if !d.bounded(data) {
		return d
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		d.library(err)
		return d
	}
	docs := slices.DeleteFunc(tree.Docs, func(doc *ast.DocumentNode) bool {
		return doc.Body == nil || doc.Body.Type() == ast.CommentType
	})
	if len(docs) == 0 {
		return d
	}
	if len(docs) > 1 {
		d.at(docs[1].Body.GetToken(), "a second document starts here; a file holds one")
		return d
	}
	d.body = docs[0].Body
	d.shape(d.body, reflect.TypeOf(v).Elem(), "")
	if len(d.problems) > 0 {
		return d
	}
	if err := yaml.NodeToValue(d.body, v, yaml.Strict()); err != nil {
		d.library(err)
	}
	return d
}

// library takes over an error of the YAML library: its message and place, but neither its quotation of
// the file nor what the message quotes, where a password may stand.
func (d *document) library(err error) {
	var e yaml.Error
	if errors.As(err, &e) {
		d.at(e.GetToken(), "not valid YAML: %s", unquoted(e.GetMessage()))
		return
	}
	d.problems = append(d.problems, Problem{File: d.file, What: "not valid YAML"})
}

var (
	quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"?`)
	// Every message of the library is made of these. A later one may quote without marks; no URL passes.
	plainWords = regexp.MustCompile(`^[A-Za-z0-9 ,.:'\[\]{}"_…-]+$`)
)

// unquoted is a message of the YAML library with "…" in place of all that it quotes but names of keys.
func unquoted(message string) string {
	message = quotation.ReplaceAllStringFunc(message, func(q string) string {
		if name := strings.Trim(q, `"`); slices.Contains(allKeys, name) {
			return q
		}
		return "…"
	})
	if !plainWords.MatchString(message) {
		return "something can't be read here"
	}
	return message
}

// allKeys are the names of all keys that a file may have.
var allKeys = slices.Concat(keysBelow(reflect.TypeFor[Config]()), keysBelow(reflect.TypeFor[Camera]()), keysBelow(reflect.TypeFor[Notice]()))

// keysBelow are the keys of a type and of the types that it is made of.
func keysBelow(t reflect.Type) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for _, f := range yamlFields(t) {
		names = append(names, f.Tag.Get("yaml"))
		names = append(names, keysBelow(f.Type)...)
	}
	return names
}

func (d *document) at(t *token.Token, format string, args ...any) {
	p := Problem{File: d.file, What: fmt.Sprintf(format, args...)}
	if t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	d.problems = append(d.problems, p)
}

// fault reports a mistake in the value at a path such as "store[1]", or in the file if it has none.
func (d *document) fault(path, format string, args ...any) {
	d.at(d.token(path), "%s %s", path, fmt.Sprintf(format, args...))
}

// token finds where the value of a path stands.
func (d *document) token(path string) *token.Token {
	p, err := yaml.PathString("$." + path)
	if err != nil || d.body == nil {
		return nil
	}
	n, err := p.FilterNode(d.body)
	if err != nil || n == nil {
		return nil
	}
	return n.GetToken()
}

// shape holds a node against the Go type that it will be decoded into.
func (d *document) shape(n ast.Node, t reflect.Type, name string) {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.DirectiveNode:
		d.at(n.GetToken(), "anchors, aliases, tags and directives are not allowed here; write the value out")
		return
	case *ast.NullNode:
		d.at(n.GetToken(), "%s has no value; give it one or remove the line", name)
		return
	}
	if _, text := reflect.New(t).Interface().(encoding.TextUnmarshaler); text {
		d.scalar(n, t, name)
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		d.shape(n, t.Elem(), name)
	case reflect.Struct:
		d.mapping(n, t, name)
	case reflect.Slice:
		d.sequence(n, t, name)
	case reflect.Bool:
		if n.Type() != ast.BoolType {
			d.at(n.GetToken(), "%s wants true or false", name)
		}
	case reflect.Int:
		if n.Type() != ast.IntegerType {
			d.at(n.GetToken(), "%s wants a whole number", name)
		}
	default:
		d.scalar(n, t, name)
	}
}

func (d *document) mapping(n ast.Node, t reflect.Type, name string) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		d.at(n.GetToken(), "%s", strings.TrimSpace(name+" wants keys with values; the keys are "+strings.Join(keys(t), ", ")))
		return
	}
	for _, v := range m.Values {
		key := v.Key.GetToken().Value
		i := slices.Index(keys(t), key)
		if _, merge := v.Key.(*ast.MergeKeyNode); merge || i < 0 {
			d.at(v.Key.GetToken(), "unknown key%s; allowed here are %s", quoteKey(key), strings.Join(keys(t), ", "))
			continue
		}
		d.shape(v.Value, yamlFields(t)[i].Type, strings.TrimPrefix(name+"."+key, "."))
	}
}

func (d *document) sequence(n ast.Node, t reflect.Type, name string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.at(n.GetToken(), `%s wants a list: each on a line of its own after "- "`, name)
		return
	}
	for i, v := range s.Values {
		d.shape(v, t.Elem(), fmt.Sprintf("%s[%d]", name, i))
	}
}

func (d *document) scalar(n ast.Node, t reflect.Type, name string) {
	v, ok := n.(ast.ScalarNode)
	if !ok {
		d.at(n.GetToken(), "%s wants one value, not a list or keys", name)
		return
	}
	u, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler)
	if !ok {
		// A block of lines ends with a line break.
		if text := strings.TrimRight(scalarText(v), "\n"); strings.ContainsFunc(text, disturbs) {
			d.at(n.GetToken(), "%s has a line break or a control character in it; want one line of plain text", name)
		}
		return
	}
	if err := u.UnmarshalText([]byte(scalarText(v))); err != nil {
		d.at(n.GetToken(), "%s: %v", name, err)
	}
}

// disturbs tells whether a character could change how a log or a terminal shows what stands around it.
func disturbs(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError
}

// scalarText is the value as it stands in the file, without quotes.
func scalarText(n ast.ScalarNode) string {
	if block, ok := n.(*ast.LiteralNode); ok {
		return block.Value.Value
	}
	if s, ok := n.GetValue().(string); ok {
		return s
	}
	return n.GetToken().Value
}

// quoteKey quotes a key that looks like one: something else may be half a URL with a password.
func quoteKey(key string) string {
	if regexp.MustCompile(`^[A-Za-z_-]{1,40}$`).MatchString(key) {
		return fmt.Sprintf(" %q", key)
	}
	return ""
}

// yamlFields are the fields of a struct that a file can set.
func yamlFields(t reflect.Type) []reflect.StructField {
	var fields []reflect.StructField
	for f := range t.Fields() {
		if tag := f.Tag.Get("yaml"); tag != "" && tag != "-" {
			fields = append(fields, f)
		}
	}
	return fields
}

func keys(t reflect.Type) []string {
	var names []string
	for _, f := range yamlFields(t) {
		names = append(names, f.Tag.Get("yaml"))
	}
	return names
}
