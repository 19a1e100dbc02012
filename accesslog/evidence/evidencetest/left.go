package evidencetest

import (
	"path"
	"strings"
	"unicode/utf16"
)

// Left is what a system writes into a file of its own of some name, in short; of any other name it is one byte.
func Left(name string) []byte {
	switch base := path.Base(name); {
	case base == ".DS_Store":
		return []byte("\x00\x00\x00\x01Bud1\x00\x00\x10\x00" + strings.Repeat("\x00", 6136))
	case strings.HasPrefix(base, "._"):
		// Finder information of 32 bytes at 0x32 and, behind it, a resource fork of none.
		return []byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \x00\x02\x00\x00\x00\x09\x00\x00\x00\x32\x00\x00\x0e\xb0\x00\x00\x00\x02\x00\x00\x0e\xe2\x00\x00\x01\x1e" + strings.Repeat("\x00", 4046))
	case base == ".apdisk":
		return []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict/></plist>\n")
	case base == ".directory":
		return []byte("[Dolphin]\nViewMode=1\n")
	case base == "Desktop.ini":
		return []byte("\xef\xbb\xbf[ViewState]\r\nMode=\r\n")
	case base == "desktop.ini":
		return wide("\r\n[.ShellClassInfo]\r\nIconIndex=-183\r\n")
	case strings.EqualFold(base, "Thumbs.db") || base == "ehthumbs.db":
		return []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 504))
	}
	return []byte("x")
}

// wide is a text in UTF-16, as Windows writes it.
func wide(text string) []byte {
	b := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// Hidden are files that only have the name or the folder of a system's, by their paths, a film among them.
func Hidden(film []byte) map[string][]byte {
	hidden := map[string][]byte{
		"posnetki/._0003.mp4":     []byte("\x00\x05\x16\x07\x00\x01\x00\x00"),  // another version
		"posnetki/._0004.mp4":     append(Left("._x"), make([]byte, 8<<10)...), // as much as could be a film
		"proof/diary/._x":         nil,
		"desktop.ini":             []byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00"),
		"posnetki/desktop.ini":    wide("[.ShellClassInfo]\r\n[LocalizedFileNames]\r\n0001.mp4=0002.mp4\r\n"), // exchanges what Windows shows
		"posnetki/Desktop.ini":    []byte("[localizedFILENAMES]\n0001.mp4=0002.mp4\n"),
		".directory":              []byte("\xef\xbb\xbf\r\n"),
		"posnetki/.DS_Store":      Left("._x"),
		"__MACOSX/.DS_Store":      Left(".DS_Store"),
		"__MACOSX/._x/0001":       Left("._x"),
		"lost+found/0001.mp4 .. ": []byte("x"),
	}
	for _, name := range []string{"posnetki/._0001.mp4", "._1_PREBERI.html", ".DS_Store", ".apdisk", "Desktop.ini", "Thumbs.db", "posnetki/thumbs.db", "ehthumbs.db", "__MACOSX/0001.mp4", "__MACOSX/posnetki/._0001.mp4", "__MACOSX/0001",
		"System Volume Information/0001.mp4", "System Volume Information/x/1_PREBERI.HTML", ".Trash-1000/files/0001.MOV", "$RECYCLE.BIN/._0001.mp4", "lost+found/posnetki/0001.webm"} {
		hidden[name] = film
	}
	return hidden
}
