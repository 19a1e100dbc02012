package proof

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxNamed bounds how many files that nothing covers are named; all are counted.
const maxNamed = 20

// forPeople are the files that varuh adds to a bundle for reading.
var forPeople = []string{"dnevnik.html", "dnevnik.csv", "neberljivo.csv"}

// judgeFiles names the files that nothing was signed for, wherever they lie.
func (v *verifier) judgeFiles() {
	var people, named []string
	count := 0
	err := fs.WalkDir(v.bundle, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() || v.covered(name):
		case slices.Contains(forPeople, name):
			people = append(people, name)
		default:
			if count++; len(named) < maxNamed {
				named = append(named, name)
			}
		}
		return nil
	})
	if err != nil {
		v.report.bad(CodeMissing, because(err, "Seznama datotek ni mogoče prebrati", "The list of files can't be read"))
	}
	if len(people) > 0 {
		v.report.note(CodeForPeople, say("Za branje, brez podpisa: %s. Kar piše tam, ni preverjeno; preverjene zapise izpiše varuh-verify --list.",
			"For reading, not signed: %s. What is said there was not verified; varuh-verify --list prints the entries that were.", strings.Join(people, ", ")))
	}
	if count > 0 {
		if count > len(named) {
			named = append(named, "…")
		}
		v.report.note(CodeUncovered, say("Datotek, ki jih ne pokriva noben podpis: %d (%s). Niso del dnevnika.",
			"Files that no signature covers: %d (%s). They are no part of the diary.", count, strings.Join(named, ", ")))
	}
}

// covered tells whether a file is one that was looked at.
func (v *verifier) covered(name string) bool {
	dir, base := path.Split(name)
	switch strings.TrimSuffix(dir, "/") {
	case "":
		return base == aboutFile || base == checkpointFile || base == keysFile || base == frontierFile ||
			base == onwardFile && v.about.To < v.about.Size
	case leavesDir, bodiesDir, manifestsDir:
		first, ok := chunkOf(base)
		_, found := slices.BinarySearchFunc(v.chunks, first, func(c chunk, first int64) int { return cmp.Compare(c.first, first) })
		return ok && found
	case pinnedDir:
		return v.read[name]
	case rotationsDir:
		ending := path.Ext(base)
		return slices.Contains(rotationEndings[:], ending) && v.trust.read[strings.TrimSuffix(base, ending)]
	}
	return v.read[name]
}

// What names are at most in a zip archive that somebody gives: a bundle or a package lies in a few folders of one, if in any.
const (
	maxArchived = 1 << 10 // bytes
	maxFolders  = 16
)

// CheckNames refuses a zip archive out of which two programs could take two things: with a name twice, be it in two
// spellings that some systems take for one, or with one that leads out of its folder. [zip.Reader] shows neither as a file.
// It is to be asked before anything is looked up in the archive, since it refuses first, too, what is longer or deeper than
// any name of ours: one name in 32,000 folders would keep a program busy for minutes.
func CheckNames(bundle fs.FS) error {
	z, ok := bundle.(*zip.Reader)
	if !ok {
		return nil
	}
	for _, f := range z.File {
		if folders := strings.Count(f.Name, "/"); len(f.Name) > maxArchived || folders > maxFolders {
			return fmt.Errorf("the archive has a name of %d bytes, in %d folders (%.100q…): %w", len(f.Name), folders, f.Name, ErrFormat)
		}
	}
	seen, spelled := make(map[string]bool, len(z.File)), make(map[string]string, len(z.File))
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\x00") {
			return fmt.Errorf("%.100q can't be the name of a file in a bundle: %w", f.Name, ErrFormat)
		}
		if seen[name] {
			return fmt.Errorf("the archive has two files of the name %.100q: %w", f.Name, ErrFormat)
		}
		seen[name] = true
		for part := name; part != "."; part = path.Dir(part) {
			if other, ok := spelled[alike(part)]; ok && other != part {
				return fmt.Errorf("the archive has %.100q beside %.100q, which are one name on some systems: %w", part, other, ErrFormat)
			}
			spelled[alike(part)] = part
		}
	}
	return nil
}

// alike is the same for all names that some system takes for one: Windows and macOS do not mind the case, and Windows
// leaves out points and spaces at the end.
func alike(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = strings.TrimRight(part, ". ")
	}
	return strings.ToLower(strings.ToUpper(strings.Join(parts, "/")))
}
