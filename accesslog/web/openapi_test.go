package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write openapi.json and the table of authorisations anew, to be looked through")

// object is a JSON object.
type object = map[string]any

// words of types that are texts of a list.
var lists = map[reflect.Type][]string{
	reflect.TypeFor[people.Role]():       texts(append(slices.Clone(people.Roles), people.Applicant)),
	reflect.TypeFor[people.Action]():     texts(people.Actions),
	reflect.TypeFor[people.Which]():      {string(people.FootageKey), string(people.DiaryKey)},
	reflect.TypeFor[hold.Kind]():         {string(hold.Rights), string(hold.Order), string(hold.Disclosure), string(hold.Incident), string(hold.Provisional)},
	reflect.TypeFor[hold.Ground]():       {string(hold.Accuracy), string(hold.Unlawful), string(hold.Claims), string(hold.Objection)},
	reflect.TypeFor[disclosure.Kind]():   texts(disclosure.Kinds),
	reflect.TypeFor[disclosure.Way]():    texts(disclosure.Ways),
	reflect.TypeFor[disclosure.State]():  texts(disclosure.States),
	reflect.TypeFor[disclosure.Step]():   texts(disclosure.Steps),
	reflect.TypeFor[disclosure.Field]():  texts(disclosure.Fields),
	reflect.TypeFor[disclosure.Form]():   texts(disclosure.Forms),
	reflect.TypeFor[disclosure.Datum]():  texts(disclosure.Data),
	reflect.TypeFor[disclosure.What]():   texts(disclosure.Whats),
	reflect.TypeFor[disclosure.Rule]():   {string(disclosure.ByZUP), string(disclosure.ByEU), string(disclosure.Agreed), string(disclosure.OwnTerm), string(disclosure.ByItself)},
	reflect.TypeFor[packing.Step]():      {string(packing.Waiting), string(packing.Locked), string(packing.Exporting), string(packing.Writing), string(packing.Proving), string(packing.Built), string(packing.Over)},
	reflect.TypeFor[packing.Why]():       {string(packing.Cancelled), string(packing.Failed), string(packing.Delivered), string(packing.Term), string(packing.Undone), string(packing.Lost)},
	reflect.TypeFor[people.Duty]():       {"", string(people.DutyPassword), string(people.DutySecond)},
	reflect.TypeFor[accesslog.Outcome](): {string(accesslog.NothingFound), string(accesslog.Secured), string(accesslog.ExtractAsked), string(accesslog.Reported), string(accesslog.NotStated)},
	reflect.TypeFor[accesslog.Ground]():  {"", string(accesslog.Consent), string(accesslog.Claims), string(accesslog.OtherPerson), string(accesslog.PublicInterest)},
}

func texts[T ~string](list []T) (out []string) {
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// writer of the document: it collects the schemas of the types that it meets, with their comments as descriptions.
type documenter struct {
	schemas  object
	comments map[string]string // by type, and by type and field
}

// documentOf is the OpenAPI document of a table of routes.
func documentOf(t testing.TB, table []route) []byte {
	d := documenter{schemas: object{}, comments: comments(t, "../disclosure", "../packing", ".", "../notice")}
	paths := map[string]object{}
	for _, r := range table {
		if r.handler.page {
			continue
		}
		if paths[r.pattern] == nil {
			paths[r.pattern] = object{}
		}
		paths[r.pattern][strings.ToLower(r.method)] = d.operation(t, r)
	}
	d.schema(reflect.TypeFor[Problem]())
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	must(t, e.Encode(object{
		"openapi": "3.1.0",
		"info": object{"title": "varuh", "version": "1", "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "Times are RFC 3339 with a zone. Unknown names, names given twice and null are refused. Every error is a problem (RFC 9457), in Slovenian or English by the language of the person, or of Accept-Language. The session is the cookie that logIn sets, or an authority's token."},
		"servers":  []any{object{"url": prefix}},
		"security": []any{object{"session": []any{}}, object{"token": []any{}}},
		"paths":    paths,
		"components": object{"schemas": d.schemas, "securitySchemes": object{
			"session": object{"type": "apiKey", "in": "cookie", "name": cookieName},
			"token":   object{"type": "http", "scheme": "bearer"}}},
	}))
	return out.Bytes()
}

// operation is what is said of a route.
func (d documenter) operation(t testing.TB, r route) object {
	about := strings.TrimSuffix(r.about, ".") + "."
	o := object{"operationId": r.name, "summary": about, "responses": object{"default": object{"description": "What is wrong.",
		"content": object{problemType: object{"schema": object{"$ref": "#/components/schemas/Problem"}}}}}}
	answer := o["responses"].(object)
	switch {
	case r.handler.gives != nil:
		answer["200"] = object{"description": "Done.", "content": object{"application/json": object{"schema": d.schema(r.handler.gives)}}}
	case r.handler.media != "":
		media := object{}
		for m := range strings.SplitSeq(r.handler.media, ", ") {
			m, _, _ = strings.Cut(m, ";")
			media[m] = object{}
		}
		answer["200"] = object{"description": "Done.", "content": media}
	default:
		answer["204"] = object{"description": "Done."}
	}
	switch r.access.kind {
	case public:
		o["security"] = []any{}
	case oneself:
		o["security"] = []any{object{"session": []any{}}}
	case byRole:
		o["x-varuh-may"] = texts(r.access.actions)
	}
	var parameters []any
	if r.handler.header != "" {
		parameters = append(parameters, object{"name": r.handler.header, "in": "header",
			"description": "Drawn at random for each request; needed with a token, and refused without one. The same body with the same key is entered once, and answered with what came of it; another body is refused (409, key-used). Keys of other tokens are other keys.",
			"schema":      object{"type": "string", "minLength": 16, "maxLength": 128}})
	}
	for _, name := range wildcards(r.pattern) {
		parameters = append(parameters, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string", "maxLength": mostName}})
	}
	if r.handler.sent != nil {
		media := object{}
		for _, m := range r.handler.sent {
			media[m] = object{"schema": object{"type": "string", "format": "binary", "maxLength": r.handler.body}}
		}
		o["requestBody"] = object{"required": true, "content": media}
	}
	if in := r.handler.takes; in != nil && r.method == "GET" {
		parameters = append(parameters, d.query(in, d.name(in))...)
	} else if in != nil {
		o["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": d.schema(in), "example": requests(t)[r.name].Body}}}
	}
	if parameters != nil {
		o["parameters"] = parameters
	}
	return o
}

// query are the fields of a struct as parameters.
func (d documenter) query(t reflect.Type, of string) (list []any) {
	for i := range t.NumField() {
		f := t.Field(i)
		if hidden(f) {
			continue
		}
		if nameOf(f) == "" {
			list = append(list, d.query(f.Type, d.name(f.Type))...)
			continue
		}
		p := object{"name": nameOf(f), "in": "query", "required": !optional(f), "schema": d.schema(f.Type)}
		if c := d.comments[of+"."+f.Name]; c != "" {
			p["description"] = c
		}
		list = append(list, p)
	}
	return list
}

func (d documenter) name(t reflect.Type) string { return t.Name() }

// schema is the JSON Schema of a type.
func (d documenter) schema(t reflect.Type) object {
	if list, ok := lists[t]; ok {
		return object{"type": "string", "enum": list}
	}
	switch t {
	case reflect.TypeFor[moment](), reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[day]():
		return object{"type": "string", "format": "date"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.schema(t.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint32:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Struct:
		return d.structure(t)
	}
	panic("a " + t.String() + " has no schema")
}

// structure is a reference to the schema of a struct.
func (d documenter) structure(t reflect.Type) object {
	ref := object{"$ref": "#/components/schemas/" + d.name(t)}
	if d.schemas[d.name(t)] != nil {
		return ref
	}
	one := object{"type": "object", "additionalProperties": false}
	d.schemas[d.name(t)] = one
	properties, required := object{}, []string{}
	d.fields(t, properties, &required)
	one["properties"], one["required"] = properties, required
	if c := d.comments[d.name(t)]; c != "" {
		one["description"] = c
	}
	return ref
}

func (d documenter) fields(t reflect.Type, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if hidden(f) {
			continue
		}
		name := nameOf(f)
		if name == "" {
			d.fields(f.Type, properties, required)
			continue
		}
		s := d.schema(f.Type)
		if c := d.comments[d.name(t)+"."+f.Name]; c != "" {
			s["description"] = c
		}
		properties[name] = s
		if !optional(f) {
			*required = append(*required, name)
		}
	}
}

// comments are what the sources say of types and their fields.
func comments(t testing.TB, folders ...string) map[string]string {
	all := map[string]string{}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		must(t, err)
		for _, name := range names {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			must(t, err)
			ast.Inspect(f, func(n ast.Node) bool { return comment(n, all) })
		}
	}
	return all
}

func comment(n ast.Node, all map[string]string) bool {
	g, ok := n.(*ast.GenDecl)
	if !ok || g.Tok != token.TYPE {
		return true
	}
	for _, s := range g.Specs {
		t := s.(*ast.TypeSpec)
		all[t.Name.Name] = strings.Join(strings.Fields(g.Doc.Text()), " ")
		st, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range st.Fields.List {
			for _, name := range f.Names {
				all[t.Name.Name+"."+name.Name] = strings.TrimSpace(f.Comment.Text())
			}
		}
	}
	return true
}

// request is an example of what a route takes, that works in form.
type request struct {
	Path  map[string]string `json:"path,omitempty"`
	Query string            `json:"query,omitempty"`
	Body  json.RawMessage   `json:"body,omitempty"`
}

// requests are the examples, by the names of the routes.
func requests(t testing.TB) map[string]request {
	t.Helper()
	b, err := os.ReadFile("testdata/requests.json")
	must(t, err)
	var all map[string]request
	must(t, json.Unmarshal(b, &all))
	return all
}

// url is the path of a route with the example's names.
func (r route) url(q request) string {
	path := strings.TrimSuffix(r.path(), "{$}")
	for _, name := range wildcards(r.pattern) {
		path = strings.ReplaceAll(path, "{"+name+"}", q.Path[name])
	}
	if q.Query != "" {
		path += "?" + q.Query
	}
	return path
}

// The document that is handed out is the one that the table of routes and its types make: every route is in it, and
// nothing else.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	want := documentOf(t, routes())
	if *update {
		must(t, os.WriteFile("openapi.json", want, 0o644))
		return
	}
	if !bytes.Equal(openAPI, want) {
		t.Error("openapi.json is not what the table of routes makes: run this test with -update, and look through the change")
	}
	w := newRig(t).client(t).do("GET", prefix+"/openapi.json", nil)
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), openAPI) || w.Header().Get("Content-Type") != "application/json" {
		t.Error(w.Code, w.Header())
	}
}

// Each example is read by what reads requests, and is as the document says; and each route that takes something has one.
func TestExamples(t *testing.T) {
	t.Parallel()
	all, doc := requests(t), compiled(t)
	for _, r := range routes() {
		q, ok := all[r.name]
		delete(all, r.name)
		for _, name := range wildcards(r.pattern) {
			if q.Path[name] == "" {
				t.Errorf("%s: the example names no %s", r.name, name)
			}
		}
		in := r.handler.takes
		switch {
		case in == nil && (q.Query != "" || q.Body != nil):
			t.Errorf("%s takes nothing", r.name)
		case in == nil:
		case !ok:
			t.Errorf("%s has no example", r.name)
		case r.method == "GET":
			if err := readQuery(q.Query, reflect.New(in).Interface()); err != nil {
				t.Errorf("%s: %v", r.name, err)
			}
		default:
			if err := readJSON(q.Body, reflect.New(in).Interface()); err != nil {
				t.Errorf("%s: %v", r.name, err)
			}
			doc.check(t, r.name+": example", in.Name(), q.Body)
		}
	}
	for name := range all {
		t.Errorf("there is no route %s", name)
	}
}

// described are the schemas of the document.
type described struct {
	mu sync.Mutex
	*jsonschema.Compiler
	known map[string]*jsonschema.Schema
}

var theDocument = sync.OnceValues(func() (*described, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(openAPI))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	return &described{Compiler: c, known: map[string]*jsonschema.Schema{}}, c.AddResource("https://varuh/openapi.json", doc)
})

func compiled(t testing.TB) *described {
	t.Helper()
	d, err := theDocument()
	must(t, err)
	return d
}

// schema finds a schema by its name.
func (d *described) schema(name string) (_ *jsonschema.Schema, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known[name] == nil {
		d.known[name], err = d.Compile("https://varuh/openapi.json#/components/schemas/" + name)
	}
	return d.known[name], err
}

// check holds JSON against a schema.
func (d *described) check(t testing.TB, what, name string, text []byte) {
	t.Helper()
	schema, err := d.schema(name)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	must(t, err)
	if err := schema.Validate(v); err != nil {
		t.Errorf("%s: %s\n%v", what, text, err)
	}
}

// checkAnswer holds an answer against what the document says of the route.
func checkAnswer(t testing.TB, name string, code int, kind string, body []byte) {
	t.Helper()
	i := slices.IndexFunc(routes(), func(r route) bool { return r.name == name })
	if i < 0 {
		t.Fatalf("there is no route %s", name)
	}
	r := routes()[i]
	switch {
	case kind == problemType:
		compiled(t).check(t, name+": "+strconv.Itoa(code), "Problem", body)
	case code == 204 && r.handler.gives == nil && r.handler.media == "" && len(body) == 0:
	case code == 200 && r.handler.gives != nil && kind == "application/json":
		compiled(t).check(t, name, r.handler.gives.Name(), body)
	case code == 200 && r.handler.media != "" && strings.Contains(r.handler.media, strings.TrimSpace(strings.Split(kind, ";")[0])):
	default:
		t.Errorf("%s: %d %s is not in the document", name, code, kind)
	}
}
