package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// maxDepth is how many folders deep a bundle is looked for.
const maxDepth = 4

// errEnough ends a walk.
var errEnough = errors.New("enough was seen")

// found is the bundle or the package in what somebody gave.
type found struct {
	fs        fs.FS
	isPackage bool
	folder    string             // that it lies in; "." for what was given itself
	left      evidence.Leftovers // of operating systems, around it
}

// find looks for the one bundle or package in a folder or an archive: itself, or the one folder in it that is one, wrapped in
// nothing but folders. People pack and unpack, and that puts folders around things; of anything else around it somebody could
// believe that it was checked, be it a film where everybody looks for the footage.
func find(all fs.FS, name string) (f found, err error) {
	if isPackage(all, ".") || isBundle(all, ".") {
		return found{fs: all, isPackage: isPackage(all, "."), folder: "."}.honest(name)
	}
	var s seen
	if err := s.look(all); err != nil {
		return found{}, fmt.Errorf("couldn't look into %s: %w", name, err)
	}
	list := slices.Concat(s.packages, s.bundles)
	if len(list) != 1 {
		return found{}, s.nothing(name)
	}
	f = found{isPackage: len(s.packages) == 1, folder: list[0]}
	if others := s.around(all, &f); len(others) > 0 {
		return found{}, notAlone(all, name, f.folder, others)
	}
	if f.fs, err = fs.Sub(all, f.folder); err != nil {
		return found{}, err
	}
	return f.honest(filepath.Join(name, filepath.FromSlash(f.folder)))
}

// honest refuses the bundle of a diary that looks like a package: with footage in it, or a page, somebody could take what is said of
// the diary to be said of that. Of other files that nothing signs in a bundle there is a note.
func (f found) honest(name string) (found, error) {
	if f.isPackage {
		return f, nil
	}
	var others []string
	err := fs.WalkDir(f.fs, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !ofDiary(name) && (ofPackage(name) || evidence.Mistaken(name)) && !f.left.Add(f.fs, name, name, false) {
			others = append(others, name)
		}
		return nil // what can't be read is judged with all else
	})
	if err != nil || len(others) == 0 {
		return f, err
	}
	return found{}, refuse(nil, "%s: to je sveženj dnevnika, v njem pa so datoteke, ki se imenujejo kot posnetki, strani, programi ali deli paketa, a niso iz dnevnika: %s. Nekdo jih je morda dodal, da bi zavedel. Ne zaupajte jim: odstranite jih in preverite sveženj znova.",
		"%s: this is the bundle of a diary, and in it are files that are called as clips, pages, programs or parts of a package, and are none of the diary's: %s. Perhaps somebody added them to mislead. Do not trust them: remove them, and check the bundle again.", name, first(others))
}

// ofDiary tells whether a file is what varuh adds to a bundle for reading, or this program beside it.
func ofDiary(name string) bool { return name == "dnevnik.html" || name == "varuh-verify.exe" }

// around are the files around what was found, but for those that operating systems leave beside it or a folder around it.
func (s *seen) around(all fs.FS, f *found) (others []string) {
	f.left.Around = true
	for _, name := range s.others {
		rest, folder := strings.CutSuffix(name, "/")
		wrapped := f.folder
		for first, deeper, ok := strings.Cut(wrapped, "/"); ok && strings.HasPrefix(rest, first+"/"); first, deeper, ok = strings.Cut(wrapped, "/") {
			rest, wrapped = rest[len(first)+1:], deeper
		}
		if !f.left.Add(all, name, rest, folder) {
			others = append(others, name)
		}
	}
	return others
}

// maxOthers is how many of the files around a package are named.
const maxOthers = 3

// first are the first of a list, and a mark if there are more.
func first(list []string) string {
	names := strings.Join(list[:min(len(list), maxOthers)], ", ")
	if len(list) > maxOthers {
		names += ", …"
	}
	return names
}

// notAlone says that other files lie around the one thing to check.
func notAlone(all fs.FS, name, folder string, list []string) error {
	others := first(list)
	if slices.ContainsFunc(list, ofPackage) {
		return disguised(name, folder, others)
	}
	inside := filepath.Join(name, filepath.FromSlash(folder))
	if _, archive := all.(*zip.Reader); archive {
		return refuse(nil, "%[1]s: paket ali sveženj je v mapi %[2]s, v arhivu pa so še druge datoteke (%[3]s): te niso del njega in se ne preverijo. Razširite arhiv in podajte samo mapo %[2]s.",
			"%[1]s: the package or bundle is in the folder %[2]s, and other files are in the archive, too (%[3]s): these are no part of it, and are not checked. Unpack the archive, and give the folder %[2]s alone.", name, folder, others)
	}
	return refuse(nil, "%[1]s: paket ali sveženj je v mapi %[2]s, ob njej pa so še druge datoteke (%[3]s): te niso del njega in se ne preverijo. Podajte samo mapo %[2]s.",
		"%[1]s: the package or bundle is in the folder %[2]s, and other files are around that (%[3]s): these are no part of it, and are not checked. Give the folder %[2]s alone.", name, inside, others)
}

// ofPackages are names at the top of a package, each of which somebody takes for a part of one.
var ofPackages = []string{"1_preberi.html", "zapisnik_o_predaji.pdf", "manifest.json", "sha256sums.txt", "sha256sums.sig", "posnetki", "proof"}

// ofPackage tells whether a file is called as if it were a package's own.
func ofPackage(name string) bool {
	return slices.ContainsFunc(strings.Split(strings.ToLower(name), "/"), func(part string) bool { return slices.Contains(ofPackages, part) })
}

// disguised says so where what lies around a package is called as a package's own.
func disguised(name, folder, others string) error {
	return refuse(nil, "%[1]s: paket ali sveženj je v mapi %[2]s, ob njej pa so datoteke, ki se imenujejo kot deli paketa, a niso: %[3]s. Nekdo jih je morda dodal, da bi zavedel. Ne zaupajte jim; preverite in predvajajte samo, kar je v mapi %[2]s (iz arhiva jo najprej razširite).",
		"%[1]s: the package or bundle is in the folder %[2]s, and around that are files that are called as a package's own, and are none: %[3]s. Perhaps somebody added them to mislead. Do not trust them; check and play what is in the folder %[2]s alone (unpack it first, if this is an archive).", name, folder, others)
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
	others          []string // files around these, and with a / at the end folders that were not looked into
	zips, databases []string
}

// maxSeen is how many files are looked at to find what to check.
const maxSeen = 10_000

// look walks down a few folders, and finds packages, bundles, archives and databases of appliances. What lies in a package or a
// bundle is a part of it.
func (s *seen) look(all fs.FS) error {
	err := fs.WalkDir(all, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && ofSystem(name):
			s.others = append(s.others, name+"/") // the system alone may look into it
			return fs.SkipDir
		case err != nil:
			return err
		case e.IsDir():
			return s.folder(all, name)
		}
		return s.file(name)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return err
}

// folder looks at a folder; its error is one of a walk.
func (s *seen) folder(all fs.FS, name string) error {
	switch {
	case ofSystem(name):
		return nil // a package in there is one that somebody threw away
	case isPackage(all, name):
		s.packages = append(s.packages, name)
	case isBundle(all, name):
		s.bundles = append(s.bundles, name)
	case strings.Count(name, "/") >= maxDepth:
		s.others = append(s.others, name+"/")
	default:
		return nil
	}
	s.files++
	return fs.SkipDir
}

// ofSystem tells whether a folder is one that operating systems make, or lies in one.
func ofSystem(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return evidence.SystemFolder(part) != "" })
}

// file looks at a file that is in no package and no bundle.
func (s *seen) file(name string) error {
	if s.files++; s.files > maxSeen {
		s.others = append(s.others, name)
		return errEnough
	}
	s.others = append(s.others, name)
	switch {
	case strings.EqualFold(path.Ext(name), ".zip"):
		s.zips = append(s.zips, name)
	case path.Base(name) == "varuh.db":
		s.databases = append(s.databases, name)
	}
	return nil
}

func isPackage(all fs.FS, folder string) bool {
	return slices.ContainsFunc(evidence.Marks, func(mark string) bool { return has(all, folder, mark) })
}

func isBundle(all fs.FS, folder string) bool { return has(all, folder, proof.AboutFile) }

func has(all fs.FS, folder, name string) bool {
	_, err := fs.Stat(all, path.Join(folder, name))
	return err == nil
}
