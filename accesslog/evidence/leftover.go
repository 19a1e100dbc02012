package evidence

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// What operating systems leave in a folder or on a drive by themselves, by names; a * at the end stands for any end. The page's
// script has the same tables.
var (
	// SystemFiles are files that systems make in any folder that is looked at, or copied to.
	SystemFiles = []string{".DS_Store", "._*", ".apdisk", ".directory", "Desktop.ini", "Thumbs.db", "desktop.ini", "ehthumbs.db", "thumbs.db"}
	// SystemFolders are folders that systems make at the root of a drive or an archive; elsewhere they are anybody's.
	SystemFolders = []string{"$RECYCLE.BIN", "$Recycle.Bin", ".DocumentRevisions-V100", ".Spotlight-V100", ".TemporaryItems", ".Trash-*", ".Trashes", ".fseventsd", "System Volume Information", "__MACOSX", "lost+found"}
	// Mistakable are the endings of names that somebody could take for a clip, a page or a program of the package.
	Mistakable = []string{".avi", ".bat", ".cmd", ".com", ".exe", ".htm", ".html", ".jpg", ".lnk", ".m4v", ".mkv", ".mov", ".mp4", ".pdf", ".png", ".svg", ".url", ".webm", ".zip"}
)

// Leftovers are what operating systems left in a package or beside it. They are no part of it, and nothing of them is read.
type Leftovers struct{ kinds map[string]*leftover }

// leftover is all of one kind.
type leftover struct {
	first      string // by name
	folder     bool
	count      int
	mistakable int    // how many could be taken for a part of the package
	like       string // the first of these
}

// Add takes a file, or a folder as a whole, by its path from the root of what is looked at; it returns false for one that no
// system makes.
func (l *Leftovers) Add(name string, folder bool) bool {
	kind, within := systemKind(name, folder)
	if kind == "" {
		return false
	}
	if l.kinds == nil {
		l.kinds = map[string]*leftover{}
	}
	first := name
	if within {
		first, _, _ = strings.Cut(name, "/")
	}
	x := l.kinds[kind]
	if x == nil {
		x = &leftover{first: first, folder: within}
		l.kinds[kind] = x
	}
	x.first = min(x.first, first)
	if !folder {
		x.count++
		if slices.Contains(Mistakable, strings.ToLower(path.Ext(name))) {
			x.mistakable++
			if x.like == "" || name < x.like {
				x.like = name
			}
		}
	}
	return true
}

// systemKind is the entry of a table that a name is of, and whether it is that of a folder; "" for none.
func systemKind(name string, folder bool) (kind string, within bool) {
	top, _, deeper := strings.Cut(name, "/")
	if folder || deeper {
		if kind = entryOf(SystemFolders, top); kind != "" {
			return kind, true
		}
	}
	if folder {
		return "", false
	}
	return entryOf(SystemFiles, path.Base(name)), false
}

// entryOf is the entry of a table that a name without a folder is of; "" for none.
func entryOf(table []string, name string) string {
	for _, entry := range table {
		begin, open := strings.CutSuffix(entry, "*")
		if name == entry || open && strings.HasPrefix(name, begin) && len(name) > len(begin) {
			return entry
		}
	}
	return ""
}

// Notes say what there is, and that it is no part of the package: a few, however much there is.
func (l *Leftovers) Notes() (list []Finding) {
	note := func(file, sl, en string, values ...any) {
		list = append(list, Finding{Code: CodeExtra, File: file, Sentence: say(sl, en, values...)})
	}
	for _, kind := range slices.Sorted(maps.Keys(l.kinds)) {
		switch x := l.kinds[kind]; {
		case x.folder:
			note(x.first, "Mapa %s ni del paketa: naredi jo operacijski sistem. Datotek v njej: %d; nobena ni preverjena.",
				"The folder %s is no part of the package: operating systems make it. Files in it: %d; none was checked.", x.first, x.count)
		case x.count > 1:
			note(x.first, "Datoteka %s ni del paketa, prav tako ne še toliko podobnih: %d. Naredi jih operacijski sistem.",
				"The file %s, and %d others of its kind, are no part of the package: operating systems make them.", x.first, x.count-1)
		default:
			note(x.first, "Datoteka %s ni del paketa: naredi jo operacijski sistem.", "The file %s is no part of the package: operating systems make it.", x.first)
		}
		if x := l.kinds[kind]; x.mistakable > 0 {
			note(x.like, "%s je po imenu videti kot posnetek, stran ali program, a ni iz paketa in ni preverjeno. Takih: %d.",
				"%s looks by its name like a clip, a page or a program, but is none of the package's and was not checked. There are %d such files.", x.like, x.mistakable)
		}
	}
	return list
}
