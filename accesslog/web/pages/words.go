package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Languages are those of the pages, the first one first.
var Languages = []string{"sl", "en"}

//go:embed words
var wordFiles embed.FS

// Words are the catalogue in one language.
type Words struct {
	language string
	texts    map[string]string
	counted  map[string]map[string]string // by key and form
	rules    []rule
}

// readWords reads the catalogue of a language: all files of its folder, whose keys begin with the file's name.
func readWords(files fs.FS, language string) (*Words, error) {
	rules, err := rulesOf(pluralRules)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the plural rules: %w", err)
	}
	w := &Words{language: language, texts: map[string]string{}, counted: map[string]map[string]string{}, rules: rules[language]}
	names, err := fs.Glob(files, path.Join("words", language, "*.json"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("there are no words in %q: %w", language, err)
	}
	for _, name := range names {
		if err := w.read(files, name); err != nil {
			return nil, fmt.Errorf("couldn't read the words %s: %w", name, err)
		}
	}
	return w, nil
}

// read takes in one file.
func (w *Words) read(files fs.FS, name string) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	begin := strings.TrimSuffix(path.Base(name), ".json") + "."
	for key, raw := range all {
		if !strings.HasPrefix(key, begin) {
			return fmt.Errorf("key %q does not begin with %q", key, begin)
		}
		if err := w.take(key, raw); err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
	}
	return nil
}

// take takes in one key.
func (w *Words) take(key string, raw json.RawMessage) error {
	if raw[0] == '"' {
		var text string
		err := json.Unmarshal(raw, &text)
		w.texts[key] = text
		return err
	}
	var forms map[string]string
	if err := json.Unmarshal(raw, &forms); err != nil {
		return err
	}
	for _, r := range w.rules {
		if forms[r.Form] == "" {
			return fmt.Errorf("the form %q is missing", r.Form)
		}
	}
	if len(forms) != len(w.rules) {
		return fmt.Errorf("it has %d forms, and %d are known", len(forms), len(w.rules))
	}
	w.counted[key] = forms
	return nil
}

// T is a text; fill has the names and values in turn of what it leaves open.
func (w *Words) T(key string, fill ...any) (string, error) {
	text, ok := w.texts[key]
	if !ok {
		return "", fmt.Errorf("there is no text %q in %q", key, w.language)
	}
	return filled(key, text, fill)
}

// N is a text in the form that a number takes, which stands for {n}.
func (w *Words) N(key string, n int, fill ...any) (string, error) {
	forms, ok := w.counted[key]
	if !ok {
		return "", fmt.Errorf("there is no text %q with forms in %q", key, w.language)
	}
	return filled(key, forms[formOf(w.rules, n)], append(fill, "n", strconv.Itoa(n)))
}

// Of is the text of a family for a value, or its "other".
func (w *Words) Of(family string, value any) (string, error) {
	if text, ok := w.texts[family+"."+fmt.Sprint(value)]; ok {
		return text, nil
	}
	return w.T(family + ".other")
}

// filled puts values in the place of names in braces.
func filled(key, text string, fill []any) (string, error) {
	if len(fill)%2 != 0 {
		return "", fmt.Errorf("text %q is filled with names without values", key)
	}
	for pair := range slices.Chunk(fill, 2) {
		name := "{" + fmt.Sprint(pair[0]) + "}"
		if !strings.Contains(text, name) && name != "{n}" {
			return "", fmt.Errorf("text %q has no %s", key, name)
		}
		text = strings.ReplaceAll(text, name, fmt.Sprint(pair[1]))
	}
	return text, nil
}

// module is the catalogue as a module of the browser's, which exports words and rules.
func (w *Words) module() ([]byte, error) {
	all := map[string]any{}
	for key, text := range w.texts {
		all[key] = text
	}
	for key, forms := range w.counted {
		all[key] = forms
	}
	words, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	rules, err := json.Marshal(w.rules)
	return fmt.Appendf(nil, "export const words = %s;\nexport const rules = %s;\n", words, rules), err
}
