package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// maxDepth is how many folders deep a bundle is looked for.
const maxDepth = 4

// errEnough ends a walk.
var errEnough = errors.New("enough was seen")

// findBundle is the bundle or the package in a folder or an archive: itself, or the one folder in it that is one. People
// pack and unpack, and that puts folders around things.
func findBundle(all fs.FS, name string) (found fs.FS, isPackage bool, err error) {
	if _, err := fs.Stat(all, proof.AboutFile); err == nil {
		return all, false, nil
	}
	var s seen
	if err := s.look(all); err != nil {
		return nil, false, fmt.Errorf("couldn't look into %s: %w", name, err)
	}
	if list := slices.Concat(s.packages, s.bundles); len(list) == 1 {
		found, err = fs.Sub(all, list[0])
		return found, len(s.packages) == 1, err
	}
	return nil, false, s.nothing(name)
}

// nothing says why there is not one thing to check.
func (s *seen) nothing(name string) error {
	switch found, zips, databases := slices.Concat(s.packages, s.bundles), s.zips, s.databases; {
	case len(found) > 1:
		return refuse(nil, "%s: v tem je več svežnjev ali paketov (%s). Podajte enega.", "%s: there is more than one bundle or package in this (%s). Give one.", name, strings.Join(found[:2], ", "))
	case s.files == 0:
		return refuse(nil, "%s: prazno, tu ni ničesar. Prenesite ali kopirajte znova.", "%s: this is empty. Download or copy it again.", name)
	case len(databases) > 0:
		return refuse(nil, "%s: to je mapa naprave. Preverja se izvoz; na napravi ga naredi: varuh diary export --out dnevnik.zip",
			"%s: this is the folder of an appliance. What is checked is an export; on the appliance: varuh diary export --out dnevnik.zip", name)
	case len(zips) > 0:
		return refuse(nil, "%s: tu ni svežnja, je pa v tem datoteka %s. Podajte njo (iz arhiva ZIP jo najprej razširite).",
			"%s: this is no bundle, but there is a file %s in it. Give that (unpack it first, if this is a ZIP archive).", name, zips[0])
	}
	return refuse(nil, "%s: tu ni svežnja dnevnika (manjka %s). Morda to ni prava datoteka ali ni prenesena v celoti.",
		"%s: there is no bundle of a diary here (%s is missing). Perhaps it is not the right file, or was not downloaded as a whole.", name, proof.AboutFile)
}

// seen is what lies in a folder or an archive.
type seen struct {
	files           int
	packages        []string // folders
	bundles         []string // likewise
	zips, databases []string
}

// look walks down a few folders, and finds packages, bundles, archives and databases of appliances. What lies in a package
// is a part of it.
func (s *seen) look(all fs.FS) error {
	err := fs.WalkDir(all, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if isPackage(all, name) {
				s.packages = append(s.packages, name)
				s.files++
				return fs.SkipDir
			}
			if strings.Count(name, "/") >= maxDepth {
				return fs.SkipDir
			}
			return nil
		}
		if s.files++; s.files > 10000 {
			return errEnough
		}
		switch {
		case path.Base(name) == proof.AboutFile:
			s.bundles = append(s.bundles, path.Dir(name))
		case strings.EqualFold(path.Ext(name), ".zip"):
			s.zips = append(s.zips, name)
		case path.Base(name) == "varuh.db":
			s.databases = append(s.databases, name)
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return err
}

func isPackage(all fs.FS, folder string) bool {
	return slices.ContainsFunc(evidence.Marks, func(mark string) bool {
		_, err := fs.Stat(all, path.Join(folder, mark))
		return err == nil
	})
}
