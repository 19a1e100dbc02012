package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// demoPersonsName is the file in the folder of a demo, beside varuh-demo.json and with mode 0600, by which scripts log in.
// An appliance has none: a password in a file is everybody's who reads the file.
const demoPersonsName = "varuh-demo-persons.json"

// credentials is that file, of version markerVersion: the persons of a demo with their log-ins. The first of them who may
// do something does it.
type credentials struct {
	Version int          `json:"version"`
	Persons []credential `json:"persons"`
}

// credential is what a person of a demo logs in with.
type credential struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// Format prints no password.
func (c credential) Format(s fmt.State, _ rune) { fmt.Fprint(s, c.Login) }

// readCredentials reads the log-ins of the demo in dir from a file, or from that in dir where none is named. A folder that
// is no demo has none, whatever file is named; without a file there the list is empty.
func readCredentials(dir, name string) (list []credential, err error) {
	named := name != ""
	if !named {
		name = filepath.Join(dir, demoPersonsName)
	}
	st, err := os.Stat(name)
	if !named && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't read the log-ins: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, demoMarkName)); err != nil {
		return nil, fmt.Errorf("%s is no demo, so nobody logs in there by a file with passwords such as %s: log in with --as LOGIN, and remove the file", dir, name)
	}
	if mode := st.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("the passwords in %s can be read by others (mode %o): chmod 600 it", name, mode)
	}
	var file credentials
	if err := readJSON(name, &file); err != nil {
		return nil, err
	}
	if file.Version != markerVersion {
		return nil, fmt.Errorf("%s is of version %d, which this varuh does not know", name, file.Version)
	}
	return file.Persons, nil
}
