package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed templates
var templateFiles embed.FS

// layout is the template around all pages.
const layout = "layout"

// Pages are all pages in all languages. Its methods may be called from many goroutines.
type Pages struct {
	sets   map[string]map[string]*template.Template // by language and page
	assets assets
}

// New reads all pages. An error says what is wrong with them.
func New() (*Pages, error) {
	p := &Pages{sets: map[string]map[string]*template.Template{}, assets: assets{files: map[string]Asset{}}}
	for _, name := range []string{"css/varuh.css", "img/varuh.svg"} {
		data, err := fs.ReadFile(staticFiles, "static/"+name)
		if err == nil {
			err = p.assets.add(name, data)
		}
		if err != nil {
			return nil, fmt.Errorf("couldn't take in the file %q: %w", name, err)
		}
	}
	for _, language := range Languages {
		if err := p.speak(language); err != nil {
			return nil, err
		}
	}
	p.assets.seal()
	return p, nil
}

// speak makes the pages in a language.
func (p *Pages) speak(language string) error {
	words, err := readWords(wordFiles, language)
	if err != nil {
		return err
	}
	module, err := words.module()
	if err != nil {
		return fmt.Errorf("couldn't write the words in %q as a module: %w", language, err)
	}
	if err := p.modules(language, module); err != nil {
		return err
	}
	around := template.New(layout).Funcs(template.FuncMap{"t": words.T, "n": words.N, "of": words.Of, "asset": p.address, "module": func(name string) string { return p.module(language, name) }}).Option("missingkey=error")
	if around, err = around.ParseFS(templateFiles, "templates/"+layout+".html", "templates/parts/*.html"); err != nil {
		return fmt.Errorf("couldn't read the template around the pages: %w", err)
	}
	p.sets[language] = map[string]*template.Template{}
	for _, name := range Names() {
		one, err := around.Clone()
		if err == nil {
			one, err = one.ParseFS(templateFiles, "templates/"+name+".html")
		}
		if err != nil {
			return fmt.Errorf("couldn't read page %q: %w", name, err)
		}
		p.sets[language][name] = one
	}
	return nil
}

// Names are those of all pages.
func Names() (names []string) {
	found, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil { // of the pattern alone
		panic(err)
	}
	for _, file := range found {
		if name := strings.TrimSuffix(path.Base(file), ".html"); name != layout {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Write writes a page as its reader sees it. Nothing is written if that fails.
func (p *Pages) Write(w io.Writer, name string, v View) error {
	page := p.sets[v.Language][name]
	if page == nil {
		return fmt.Errorf("there is no page %q in %q", name, v.Language)
	}
	var out bytes.Buffer
	v.Page = name
	if err := page.ExecuteTemplate(&out, layout+".html", v); err != nil {
		return fmt.Errorf("couldn't write page %q: %w", name, err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// address is where a file is found.
func (p *Pages) address(name string) (string, error) {
	if _, ok := p.assets.files[name]; !ok {
		return "", fmt.Errorf("there is no file %q", name)
	}
	return "/static/" + p.assets.version + "/" + name, nil
}

// modules takes the modules in, once for each language: they find its words beside them, in catalogue.js.
func (p *Pages) modules(language string, words []byte) error {
	if err := p.assets.add(language+"/catalogue.js", words); err != nil {
		return err
	}
	list, err := fs.ReadDir(staticFiles, "static/js")
	if err != nil {
		return err
	}
	for _, e := range list {
		data, err := fs.ReadFile(staticFiles, "static/js/"+e.Name())
		if err == nil {
			err = p.assets.add(language+"/"+e.Name(), data)
		}
		if err != nil {
			return fmt.Errorf("couldn't take in module %q: %w", e.Name(), err)
		}
	}
	return nil
}

// module is where a module is found for a language, or "" if there is none of that name.
func (p *Pages) module(language, name string) string {
	address, err := p.address(language + "/" + name + ".js")
	if err != nil {
		return ""
	}
	return address
}

// Asset is a file of a version, if there is one.
func (p *Pages) Asset(version, folder, name string) (Asset, bool) {
	a, ok := p.assets.files[folder+"/"+name]
	return a, ok && version == p.assets.version
}
