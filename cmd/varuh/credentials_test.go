package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file with passwords is for a demo alone, and for nobody else's eyes.
func TestCredentialsAreForDemos(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "persons.json")
	refused := func(why, name string) {
		t.Helper()
		if list, err := readCredentials(dir, name); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, %v, where it is: %s", list, err, why)
		}
	}
	if list, err := readCredentials(dir, ""); err != nil || list != nil {
		t.Errorf("a folder without a file: %v, %v", list, err)
	}
	refused("no such file", elsewhere)
	file := credentials{Version: markerVersion, Persons: []credential{{"ravnatelj", "tri lipe ob cesti"}, {"hisnik", "zeleni kljuc brez vrat"}}}
	must(t, writeJSON(elsewhere, file))
	must(t, writeJSON(filepath.Join(dir, demoPersonsName), file))
	refused("is no demo", "")
	refused("is no demo", elsewhere)

	must(t, writeJSON(filepath.Join(dir, demoMarkName), demoMark{Version: markerVersion}))
	for _, name := range []string{"", elsewhere} {
		list, err := readCredentials(dir, name)
		must(t, err)
		if len(list) != 2 || list[1] != file.Persons[1] {
			t.Errorf("read %v", list)
		}
		if said := fmt.Sprintf("%v %+v %q %v", list, list[0], list, file); strings.Contains(said, "lipe") {
			t.Errorf("a password is printed: %s", said)
		}
	}
	must(t, os.Chmod(elsewhere, 0o640))
	refused("can be read by others (mode 640)", elsewhere)
	file.Version++
	must(t, writeJSON(filepath.Join(dir, demoPersonsName), file))
	refused("of version 2", "")
	must(t, os.WriteFile(filepath.Join(dir, demoPersonsName), []byte("{"), 0o600))
	refused("damaged", "")
}
