package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"varuh/recorder"
	"varuh/recorder/keyring"
)

// answers types the words that it is asked for, after some wrong ones.
type answers struct {
	out   strings.Builder
	words [17]string
	wrong int
	rest  string // of the answer that is being read
}

// Read implements [io.Reader].
func (a *answers) Read(p []byte) (int, error) {
	if a.rest == "" {
		var n int
		asked := a.out.String()
		if _, err := fmt.Sscanf(asked[strings.LastIndex(asked, "Type word"):], "Type word %d from", &n); err != nil {
			return 0, err
		}
		a.rest = strings.ToUpper(a.words[n-1]) + "\n"
		if a.wrong > 0 {
			a.wrong--
			a.rest = "wrong\n"
		}
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

func TestConfirmWords(t *testing.T) {
	t.Parallel()
	k, err := keyring.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for wrong, ok := range map[int]bool{0: true, 1: true, 2: true, 3: false} {
		a := &answers{words: k.Words(), wrong: wrong}
		if err := confirmWords(terminal{a, &a.out, &a.out}, k); (err == nil) != ok {
			t.Errorf("with %d wrong words: %v", wrong, err)
		}
	}
}

func TestAskWords(t *testing.T) {
	t.Parallel()
	k, err := keyring.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := printWords(&out, k, time.Now()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	got, err := askWords(terminal{strings.NewReader(strings.Join(lines[3:8], "\n") + "\n\nmore"), &out, &out}, "Words.")
	if err != nil || got.Public() != k.Public() {
		t.Errorf("the words as they are printed gave %v, %v", got, err)
	}
}

func TestTwoOf(t *testing.T) {
	t.Parallel()
	seen := map[[2]int]bool{}
	for range 2000 {
		two, err := twoOf(4)
		if err != nil || two[0] >= two[1] || two[0] < 0 || two[1] > 3 {
			t.Fatal(two, err)
		}
		seen[two] = true
	}
	if len(seen) != 6 {
		t.Errorf("only %d of 6 pairs came", len(seen))
	}
}

func exampleStatus() status {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return status{Now: now, Problems: []string{"varuh.yml:1:1: wrong"}, Restart: []string{"reserve", "metrics"}, Warnings: []string{"on tmpfs"},
		State:  stateStatus{Dir: "/var/lib/varuh", Free: 20 << 20, Sentence: "the disk of the state folder has little left"},
		Diary:  diaryStatus{Origin: "o", Size: 1204, Waiting: 2, Sentence: "the diary went back", Standing: "Nobody outside the appliance keeps a checkpoint of the diary: its administrator (root) can rewrite all entries (1204) unnoticed."},
		Backup: backupStatus{Sentences: []string{"destroy the copy"}}, Status: recorder.Status{
			Streams: []recorder.StreamStatus{
				{Camera: "hall", Stream: "main", State: "recording", Format: "H264 640x360", Bitrate: 4.25e6, LastFragment: now.Add(-400 * time.Millisecond), Segments: 3, Gaps: 1},
				{Camera: "yard", Stream: "main", State: "waiting", Sentence: "the camera refuses the password: correct it"},
			},
			Stores: []recorder.StoreStatus{{Dir: "/srv/varuh", Free: 1 << 40, Sentence: "the disk is slow"}},
		}}
}

func TestStatusText(t *testing.T) {
	t.Parallel()
	st := exampleStatus()
	const want = `CAMERA  STREAM  STATE      BITRATE     LAST FRAGMENT  SEGMENTS  GAPS  FORMAT
hall    main    recording  4.2 Mbit/s  0.4 s ago      3         1     H264 640x360
yard    main    waiting    -           never          0         0     
store /srv/varuh: 1.0 TiB free
state /var/lib/varuh: 20.0 MiB free
diary: 1204 entries, 2 more wait for it. Nobody outside the appliance keeps a
  checkpoint of the diary: its administrator (root) can rewrite all entries
  (1204) unnoticed.
backup: none is made by itself (backup: in varuh.yml).
! yard/main: the camera refuses the password: correct it
! the disk is slow
! the disk of the state folder has little left
! the diary went back
! destroy the copy
! on tmpfs
! the configuration is not in force: varuh.yml:1:1: wrong
! takes a restart: reserve, metrics in varuh.yml (systemctl restart varuh)
`
	if got := st.table(); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := st.summary(); got != "recording 1 stream, 1 in trouble, a store in trouble, little room for the state, the diary in trouble, the backups in trouble, the configuration is wrong, a change waits for a restart" {
		t.Errorf("got %s", got)
	}
	if got := line(st); !strings.HasPrefix(got, "12:00:00 hall/main recording 4.2 Mbit/s, last 0.4 s ago, 3 segments, 1 gap | yard/main waiting") {
		t.Errorf("got %s", got)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for d, want := range map[time.Duration]string{-time.Second: "0.0 s ago", 1200 * time.Millisecond: "1.2 s ago", 50 * time.Second: "50 s ago", 10 * time.Minute: "10 min ago", 5 * time.Hour: "5 h ago"} {
		if got := ago(now, now.Add(-d)); got != want {
			t.Errorf("%v is %s", d, got)
		}
	}
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1.0 KiB", 256 << 20: "256 MiB", 5 << 30: "5.0 GiB", 3 << 50: "3072 TiB"} {
		if got := size(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
	if got := clip("abcdef\näöüß\nx", 4); got != "abc…\näöüß\nx" {
		t.Errorf("clipped to %q", got)
	}
}

func TestFileSystems(t *testing.T) {
	t.Parallel()
	for magic, refused := range map[int64]bool{unix.EXT4_SUPER_MAGIC: false, unix.XFS_SUPER_MAGIC: false, unix.MSDOS_SUPER_MAGIC: true,
		unix.EXFAT_SUPER_MAGIC: true, unix.NFS_SUPER_MAGIC: true, int64(int32(-11317950)): true /* CIFS, as a 32-bit machine has it */, unix.TMPFS_MAGIC: false, 0x1234: false} {
		if kind := kindOf(magic); kind.refused != refused {
			t.Errorf("%#x is %+v", magic, kind)
		}
	}
	if kind := kindOf(unix.EXT4_SUPER_MAGIC); kind.why != "" {
		t.Errorf("ext4 is said to be unfit: %s", kind.why)
	}
	if _, err := checkFileSystem("/nowhere", false); !errors.Is(err, unix.ENOENT) {
		t.Errorf("got %v", err)
	}
	warning, err := checkFileSystem("/dev/shm", false)
	if err != nil || !strings.Contains(warning, "tmpfs") {
		t.Errorf("/dev/shm: %q, %v", warning, err)
	}
}

// The private key of a rotation is overwritten, not only unlinked, and what could not be destroyed is said.
func TestForget(t *testing.T) {
	t.Parallel()
	dir, kept := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "kept")
	fill := func() {
		t.Helper()
		key := filepath.Join(dir, "key.next")
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(key, []byte("secret"), 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(key, kept); err != nil { // the bytes, once the name is gone
			t.Fatal(err)
		}
	}
	fill()
	if err := forget(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if b, err := os.ReadFile(kept); err != nil || strings.Trim(string(b), "\x00") != "" {
		t.Errorf("the key was left as %q, %v", b, err)
	}
	if err := os.Remove(kept); err != nil {
		t.Fatal(err)
	}
	fill()
	if err := forget(dir + "/."); err == nil || !strings.Contains(err.Error(), "may still be in "+dir) { // Linux removes no "."
		t.Errorf("a folder that cannot be removed: %v", err)
	}
}
