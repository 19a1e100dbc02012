package configs

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The example of a notice loads, and shows every key.
func TestExampleNotice(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"notice.yml": ExampleNotice, "varuh.yml": "store: [a]\n"})
	n, err := ReadNotice(filepath.Join(dir, "notice.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if n.Controller.Name != "Osnovna šola Primer" || len(n.Purposes) != 2 || n.Purposes[1].ID != "entry" || n.Kept.En != "at most 1 year" || n.Live || n.Officer.None {
		t.Errorf("the example is %+v", n)
	}
	for _, key := range keysBelow(reflect.TypeFor[Notice]()) {
		if !strings.Contains(ExampleNotice, key+":") {
			t.Errorf("the example lacks %s", key)
		}
	}
	if _, err := Load(dir); err != nil {
		t.Errorf("the file is taken for a part of the configuration: %v", err)
	}
}

// All mistakes are told with their places; a file that is missing, with how to make one.
func TestNoticeMistakes(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"notice.yml": "controler: {}\nlive: perhaps\narea: hall\n"})
	_, err := ReadNotice(filepath.Join(dir, "notice.yml"))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 3 {
		t.Fatalf("mistakes: %v", err)
	}
	for i, want := range []string{`unknown key "controler"; allowed here are controller, officer`, "live wants true or false", "area wants keys with values; the keys are sl, en"} {
		if problems[i].Line != i+1 || !strings.Contains(problems[i].What, want) {
			t.Errorf("mistake %d is %v, want %q", i, problems[i], want)
		}
	}
	if _, err := ReadNotice(filepath.Join(dir, "none.yml")); err == nil || !strings.Contains(err.Error(), "varuh notice example") {
		t.Errorf("without a file: %v", err)
	}
}
