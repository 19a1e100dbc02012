package copies

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// version is that of backups. A restore refuses a higher one.
const version = 1

// The entries of a backup with a meaning of their own.
const (
	manifestName = "manifest.json"               // the first
	endName      = "end.json"                    // the last: without it something is cut off
	databaseName = "state/varuh.db"              //
	noteName     = "state/keys/diary.checkpoint" // of just this database
)

// What an entry may be named after: the folder it came from.
const (
	StateFolder  = "state"     // beside appliance.json
	ConfigFolder = "config"    // beside varuh.yml
	Elsewhere    = "elsewhere" // with its whole path
)

// Bounds of what a restore takes, far above what there is.
const (
	maxJSON  = 4 << 20
	maxSmall = 4 << 20
	maxFiles = 1 << 20
)

// Manifest is the first entry of a backup.
type Manifest struct {
	Version   int           `json:"version"`   // of the format
	Appliance keyring.ID    `json:"appliance"` //
	Origin    string        `json:"origin"`    // of the diary, as it was first named
	Time      time.Time     `json:"time"`      // UTC, when the backup was begun
	Software  string        `json:"software"`  // version of varuh
	Key       keyring.KeyID `json:"key"`       // the recovery key that opens it
}

// End is the last entry of a backup.
type End struct {
	Size       int64  `json:"size"`       // entries of the diary in it
	Checkpoint string `json:"checkpoint"` // over them, signed
	Files      []Sum  `json:"files"`      // all entries between manifest and end, in their order
}

// Sum is one file in a backup.
type Sum struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal
}

// File is a file that fits into memory.
type File struct {
	Name string // in the backup, such as config/varuh.yml
	Data []byte
}

// Snapshot says what a copy of the database holds.
type Snapshot struct {
	Size       int64  // entries of the diary
	Checkpoint []byte // over them, signed
}

// Source is what backups are made of.
type Source struct {
	FS        durable.FS
	Temp      string // file for the copy of the database; whatever lies there is removed
	Appliance keyring.ID
	Origin    string
	Software  string
	Recovery  func() (keyring.PublicKey, error) // that is in force
	Rings     []*keyring.Ring

	// Small reads all files that are neither slots nor the database.
	Small func() ([]File, error)
	// Database copies the database into the file name, which is there and empty.
	Database func(ctx context.Context, name string) (Snapshot, error)
}

// folders are the first words of the names of entries.
var folders = []string{StateFolder, ConfigFolder, Elsewhere}

// checkName refuses what a backup of varuh never has, such as a name that leaves its folder.
func checkName(name string) error {
	first, _, ok := strings.Cut(name, "/")
	for _, f := range folders {
		if ok && f == first && fs.ValidPath(name) && path.Clean(name) == name && !strings.ContainsAny(name, "\x00\\") {
			return nil
		}
	}
	return fmt.Errorf("%w: it has an entry %q", ErrDamaged, name)
}

// What is wrong with a file that was to be restored.
var (
	ErrFormat  = errors.New("this is no backup of varuh")
	ErrWords   = errors.New("these recovery words do not open the backup: it is of another appliance, or was made when other words were in force")
	ErrVersion = errors.New("the backup was made by a newer varuh: update this one")
	ErrDamaged = errors.New("the backup is damaged or cut off: take another one")
)

var namePattern = regexp.MustCompile(`^varuh-([0-9a-f]{16})-([0-9]{8}T[0-9]{6}Z)\.age$`)

const timeLayout = "20060102T150405Z"

// partEnd is behind the name of a file that is not whole yet.
const partEnd = ".part"

// short is the random part of a diary's name: <domain>/varuh/<this>/dnevnik.
func short(origin string) (string, error) {
	parts := strings.Split(origin, "/")
	if len(parts) == 4 && regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(parts[2]) {
		return parts[2], nil
	}
	return "", fmt.Errorf("a backup can't be named after the diary %q", origin)
}

// fileName is what a backup is called.
func fileName(origin string, made time.Time) (string, error) {
	id, err := short(origin)
	return "varuh-" + id + "-" + made.UTC().Format(timeLayout) + ".age", err
}

// parseName reads when a backup of this diary was made from its name.
func parseName(origin, name string) (made time.Time, ok bool) {
	id, err := short(origin)
	m := namePattern.FindStringSubmatch(name)
	if err != nil || m == nil || m[1] != id {
		return made, false
	}
	made, err = time.Parse(timeLayout, m[2])
	return made, err == nil
}
