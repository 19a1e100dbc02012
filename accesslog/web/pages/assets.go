package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// Asset is a file of the pages. It has no data of anybody.
type Asset struct {
	Media   string
	Plain   []byte
	Gzipped []byte // the same, packed
}

// media are the types of files by the ends of their names. A file of another kind is a mistake.
var media = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

// assets are all files, by folder and name.
type assets struct {
	version string // a hash of all of them
	files   map[string]Asset
}

// add takes in one file. Its name is a folder and a name in it, so that modules find each other.
func (a *assets) add(name string, data []byte) error {
	kind, ok := media[path.Ext(name)]
	switch {
	case !ok:
		return fmt.Errorf("file %q is of no known kind", name)
	case strings.Count(name, "/") != 1:
		return fmt.Errorf("file %q is not in one folder", name)
	case a.files[name].Plain != nil:
		return fmt.Errorf("there are two files %q", name)
	}
	packed, err := packed(data)
	a.files[name] = Asset{kind, data, packed}
	return err
}

// seal computes the version.
func (a *assets) seal() {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		fmt.Fprintf(h, "%s %d\n", name, len(a.files[name].Plain))
		h.Write(a.files[name].Plain)
	}
	a.version = hex.EncodeToString(h.Sum(nil)[:8])
}

func packed(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
