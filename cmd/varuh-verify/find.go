package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"varuh/accesslog/diary/proof"
)

// maxDepth is how many folders deep a bundle is looked for.
const maxDepth = 4

// errEnough ends a walk.
var errEnough = errors.New("enough was seen")

// findBundle is the bundle in a folder or an archive: itself, or the one folder in it that is a bundle. People pack and
// unpack, and that puts folders around things.
func findBundle(all fs.FS, name string) (fs.FS, error) {
	if _, err := fs.Stat(all, proof.AboutFile); err == nil {
		return all, nil
	}
	if err := proof.CheckNames(all); err != nil {
		return nil, err
	}
	var found, zips, databases []string
	files, err := look(all, &found, &zips, &databases)
	switch {
	case err != nil:
		return nil, fmt.Errorf("couldn't look into %s: %w", name, err)
	case len(found) == 1:
		return fs.Sub(all, found[0])
	case len(found) > 1:
		return nil, refuse(nil, "%s: v tem je več svežnjev (%s). Podajte enega.", "%s: there is more than one bundle in this (%s). Give one.", name, strings.Join(found[:2], ", "))
	case files == 0:
		return nil, refuse(nil, "%s: prazno, tu ni ničesar. Prenesite ali kopirajte znova.", "%s: this is empty. Download or copy it again.", name)
	case len(databases) > 0:
		return nil, refuse(nil, "%s: to je mapa naprave. Preverja se izvoz; na napravi ga naredi: varuh diary export --out dnevnik.zip",
			"%s: this is the folder of an appliance. What is checked is an export; on the appliance: varuh diary export --out dnevnik.zip", name)
	case len(zips) > 0:
		return nil, refuse(nil, "%s: tu ni svežnja, je pa v tem datoteka %s. Podajte njo (iz arhiva ZIP jo najprej razširite).",
			"%s: this is no bundle, but there is a file %s in it. Give that (unpack it first, if this is a ZIP archive).", name, zips[0])
	}
	return nil, refuse(nil, "%s: tu ni svežnja dnevnika (manjka %s). Morda to ni prava datoteka ali ni prenesena v celoti.",
		"%s: there is no bundle of a diary here (%s is missing). Perhaps it is not the right file, or was not downloaded as a whole.", name, proof.AboutFile)
}

// look walks down a few folders, and finds bundles, archives and databases of appliances.
func look(all fs.FS, found, zips, databases *[]string) (files int, err error) {
	err = fs.WalkDir(all, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if strings.Count(name, "/") >= maxDepth {
				return fs.SkipDir
			}
			return nil
		}
		if files++; files > 10000 {
			return errEnough
		}
		switch {
		case path.Base(name) == proof.AboutFile:
			*found = append(*found, path.Dir(name))
		case strings.EqualFold(path.Ext(name), ".zip"):
			*zips = append(*zips, name)
		case path.Base(name) == "varuh.db":
			*databases = append(*databases, name)
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return files, err
}
