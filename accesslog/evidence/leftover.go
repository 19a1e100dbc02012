package evidence

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// SystemFile is a file that systems make by themselves in any folder that is looked at, or copied to. One that only has its name
// is somebody's: a film could be hidden by it.
type SystemFile struct {
	Name   string `json:"name"`   // a * at the end stands for any end
	Begins string `json:"begins"` // the first bytes, in hexadecimal
	Text   bool   `json:"text"`   // a text, in UTF-16, too: a byte order mark and white space may be before these
	Most   int64  `json:"most"`   // bytes that it has
}

// What operating systems leave in a folder or on a drive by themselves; a * at the end of a name stands for any end. The page's
// script has the same tables.
//
// A ._* is AppleDouble, version 2 (RFC 1740, appendix B). macOS makes one of 4 KiB and lets it grow by as much (ATTR_BUF_SIZE of
// Apple's copyfile.c); the attributes of a film that was copied, such as where it is from, are some hundred bytes. It may be no larger
// than with them: players look for a film's packets behind any beginning, and find seconds of one in 30 KiB. Thumbs.db is a compound
// file ([MS-CFB], section 2.2), which grows by some KiB with each picture in its folder; no player opens one of that name.
var (
	SystemFiles = []SystemFile{
		{".DS_Store", "0000000142756431", false, 1 << 20},
		{"._*", "0005160700020000", false, 8 << 10},
		{".apdisk", "3c3f786d6c", true, 64 << 10},
		{".directory", "5b", true, 64 << 10},
		{"Desktop.ini", "5b", true, 64 << 10},
		{"Thumbs.db", "d0cf11e0a1b11ae1", false, 16 << 20},
		{"desktop.ini", "5b", true, 64 << 10},
		{"ehthumbs.db", "d0cf11e0a1b11ae1", false, 16 << 20},
		{"thumbs.db", "d0cf11e0a1b11ae1", false, 16 << 20},
	}
	// SystemFolders are folders that systems make at the root of a drive; elsewhere they are anybody's. What they hold has no form,
	// but it is nothing that is Mistakable.
	SystemFolders = []string{"$RECYCLE.BIN", "$Recycle.Bin", ".DocumentRevisions-V100", ".Spotlight-V100", ".TemporaryItems", ".Trash-*", ".Trashes", ".fseventsd", "System Volume Information", "lost+found"}
	// Bins are those of them that have what somebody threw away: around a package that may be anything, such as another package.
	Bins = []string{"$RECYCLE.BIN", "$Recycle.Bin", ".Trash-*", ".Trashes"}
	// Mistakable are the endings of names that somebody could take for a clip, a page or a program of the package.
	Mistakable = []string{".3gp", ".7z", ".avi", ".bat", ".cmd", ".com", ".exe", ".flv", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".js", ".lnk", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".msi", ".mts", ".ogv", ".pdf", ".png", ".ps1", ".rar", ".scr", ".svg", ".ts", ".url", ".vbs", ".vob", ".webm", ".webp", ".wmv", ".xhtml", ".zip"}
)

// ResourceFolder is one that macOS makes at the top of an archive, for the ._* of all that is packed and for nothing else.
const ResourceFolder = "__MACOSX"

// Renaming is the section of a desktop.ini, in small letters, by which Windows shows other names for the files in its folder. No
// system writes it into a folder of somebody's, where it could exchange clips before everybody's eyes.
const Renaming = "localizedfilenames"

// Leftovers are what operating systems left in a package or beside it. They are no part of it, and read only to see that they are such.
type Leftovers struct {
	Around bool // they are looked for around the package
	kinds  map[string]*leftover
}

// leftover is all of one kind.
type leftover struct {
	first  string // by name
	folder bool
	count  int
}

// Add takes a file that is at a path in all, or a folder as a whole, by its name: its path from the root of what is looked at. It
// returns false for what no system makes.
func (l *Leftovers) Add(all fs.FS, at, name string, folder bool) bool {
	kind, within := systemKind(name, folder)
	if kind == "" || !folder && !l.ofSystem(all, at, kind, within) {
		return false
	}
	if l.kinds == nil {
		l.kinds = map[string]*leftover{}
	}
	if within {
		name, _, _ = strings.Cut(name, "/")
	}
	x := l.kinds[kind]
	if x == nil {
		x = &leftover{first: name, folder: within}
		l.kinds[kind] = x
	}
	x.first = min(x.first, name)
	if !folder {
		x.count++
	}
	return true
}

// systemKind is the entry of a table that a name is of, and whether it is that of a folder; "" for none.
func systemKind(name string, folder bool) (kind string, within bool) {
	top, _, deeper := strings.Cut(name, "/")
	if folder || deeper {
		if kind = SystemFolder(top); kind != "" {
			return kind, true
		}
	}
	if f := systemFile(path.Base(name)); f != nil && !folder {
		return f.Name, false
	}
	return "", false
}

// SystemFolder is the entry of the table that a name of a folder at a root is of; "" for none.
func SystemFolder(name string) string {
	if i := slices.IndexFunc(SystemFolders, func(entry string) bool { return called(name, entry) }); i >= 0 {
		return SystemFolders[i]
	}
	if name == ResourceFolder {
		return name
	}
	return ""
}

// systemFile is the entry of the table that a name of a file is of; nil for none.
func systemFile(name string) *SystemFile {
	if i := slices.IndexFunc(SystemFiles, func(f SystemFile) bool { return called(name, f.Name) }); i >= 0 {
		return &SystemFiles[i]
	}
	return nil
}

// called tells whether a name without a folder is that of an entry of a table.
func called(name, entry string) bool {
	begin, open := strings.CutSuffix(entry, "*")
	return name == entry || open && strings.HasPrefix(name, begin) && len(name) > len(begin)
}

// ofSystem tells whether a file is what its name says: by its contents, or in a folder of a drive's by not being mistakable.
func (l *Leftovers) ofSystem(all fs.FS, at, kind string, within bool) bool {
	if f := systemFile(path.Base(at)); f != nil && (kind != ResourceFolder || f.Name == "._*") && f.is(all, at) {
		return true
	}
	return within && kind != ResourceFolder && (!Mistaken(at) || l.Around && slices.Contains(Bins, kind))
}

// Mistaken tells whether a file's name ends as one that is Mistakable: Windows leaves out points and spaces behind that.
func Mistaken(name string) bool {
	return slices.Contains(Mistakable, strings.ToLower(path.Ext(strings.TrimRight(name, ". "))))
}

// is tells whether a file has the form: to its end, for only there one in an encrypted archive is authentic. What can't be read has none.
func (s *SystemFile) is(all fs.FS, at string) bool {
	f, err := all.Open(at)
	if err != nil {
		return false
	}
	b, err := io.ReadAll(io.LimitReader(f, s.Most+1))
	if errors.Join(err, f.Close()) != nil || int64(len(b)) > s.Most {
		return false
	}
	if s.Text {
		b = plain(b)
	}
	return strings.HasPrefix(hex.EncodeToString(b[:min(len(b), len(s.Begins)/2)]), s.Begins) && !(s.Text && bytes.Contains(bytes.ToLower(b), []byte(Renaming)))
}

// plain is what a text has of ASCII behind a byte order mark and white space, be it in UTF-8 or UTF-16.
func plain(b []byte) []byte {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		b = bytes.TrimPrefix(b, []byte(mark))
	}
	return bytes.TrimLeft(bytes.ReplaceAll(b, []byte{0}, nil), " \t\r\n")
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
	}
	return list
}
