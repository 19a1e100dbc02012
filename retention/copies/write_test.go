package copies

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

// The keys that are written here are those that age itself writes and reads.
func TestAgeKeys(t *testing.T) {
	t.Parallel()
	for range 50 {
		k, err := keyring.GenerateKey()
		must(t, err)
		i, err := identity(k)
		must(t, err)
		r, err := recipient(k.Public())
		must(t, err)
		secret := k.Bytes()
		if i.String() != strings.ToUpper(bech32(identityPrefix, secret[:])) || i.Recipient().String() != r.String() {
			t.Fatalf("%v and %v do not belong together", r, i.Recipient())
		}
	}
	k, err := keyring.ParseWords(words)
	must(t, err)
	i, err := identity(k)
	must(t, err)
	if got := i.String(); got != formatIdentity {
		t.Errorf("the key of FORMAT.md is %s", got)
	}
	if got := i.Recipient().String(); got != formatRecipient {
		t.Errorf("the recipient of FORMAT.md is %s", got)
	}
}

// A backup opens with age and tar alone, and what it has is what FORMAT.md says, in that order.
func TestOpensWithAge(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var file bytes.Buffer
	_, err := r.maker().Source.Write(t.Context(), &file, noon)
	must(t, err)
	who, err := age.ParseX25519Identity(formatIdentity)
	must(t, err)
	plain, err := age.Decrypt(bytes.NewReader(file.Bytes()), who)
	must(t, err)
	var names []string
	for tr := tar.NewReader(plain); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		names = append(names, h.Name)
	}
	want := "manifest.json state/keys/07000000000000000000000000000000/slots/2026-11-21.slots config/varuh.yml config/cameras.d/hall.yml state/keys/diary.key elsewhere/etc/pw " +
		"state/keys/diary.checkpoint state/varuh.db end.json"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("entries: %s", got)
	}
	if _, err := r.disk.Stat("/state/backup.db"); err == nil {
		t.Error("the copy of the database is left")
	}
}

// restored opens a backup into a folder of an empty disk.
func restored(t *testing.T, file []byte, key keyring.PrivateKey) (*durabletest.Disk, End, error) {
	t.Helper()
	disk := durabletest.New()
	must(t, durable.MkdirAll(disk, "/new", 0o700))
	b, err := Open(bytes.NewReader(file), key)
	if err != nil {
		return disk, End{}, err
	}
	end, err := b.Unpack(t.Context(), disk, "/new")
	return disk, end, err
}

// What comes back is what went in; slots are those of before the database.
func TestUnpack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.taken = func() { must(t, r.ring.Erase(t.Context(), r.refs[:1])) } // the diary, copied after, has it
	var file bytes.Buffer
	_, err := r.maker().Source.Write(t.Context(), &file, noon)
	must(t, err)
	disk, end, err := restored(t, file.Bytes(), r.key)
	must(t, err)
	if end.Size != 5 || end.Checkpoint != "checkpoint\n" {
		t.Errorf("end: %+v", end)
	}
	for name, want := range map[string]string{"varuh.yml": "store: [a]\n", "cameras.d/hall.yml": "id: hall\n", "keys/diary.key": "secret\n", "elsewhere/etc/pw": "pw\n",
		"keys/diary.checkpoint": "checkpoint\n"} {
		if b, err := durable.ReadFile(disk, "/new/"+name, 1<<20); err != nil || string(b) != want {
			t.Errorf("%s is %q, %v", name, b, err)
		}
	}
	must(t, durable.MkdirAll(disk, "/s/keys", 0o700))
	ring, err := keyring.Open(disk, "/new/keys/"+r.ring.Store().String(), "/s/keys", r.ring.Store(), nil)
	must(t, err)
	for _, ref := range r.refs {
		s, err := ring.Slot(ref)
		if err != nil || s.State != keyring.StateOpen {
			t.Errorf("slot %v: %v, %v", ref, s.State, err)
			continue
		}
		if _, err := (keyring.Identity{r.key}).Open(ring.Store(), s); err != nil {
			t.Errorf("slot %v: %v", ref, err)
		}
	}
}

// A file that changes while the database is copied comes as it is beside that; one that changes again and again
// makes no backup.
func TestMoment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := 0
	r.taken = func() {
		if n++; n == 1 {
			r.small[2].Data = []byte("rotated\n")
		}
	}
	var file bytes.Buffer
	_, err := r.maker().Source.Write(t.Context(), &file, noon)
	must(t, err)
	disk, _, err := restored(t, file.Bytes(), r.key)
	must(t, err)
	if b, err := durable.ReadFile(disk, "/new/keys/diary.key", 100); err != nil || string(b) != "rotated\n" || n != 2 {
		t.Errorf("the key is %q, %v, after %d copies", b, err, n)
	}
	r.taken = func() { n++; r.small[0].Data = bytes.Repeat([]byte("#"), n) }
	if _, err := r.maker().Source.Write(t.Context(), &file, noon); err == nil || !strings.Contains(err.Error(), "try it again") {
		t.Errorf("what changes all the time: %v", err)
	}
}

// No cut, no flipped bit and no wrong word gives anything but a plain sentence of one kind.
func TestDamagedBackup(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var buf bytes.Buffer
	_, err := r.maker().Source.Write(t.Context(), &buf, noon)
	must(t, err)
	file := buf.Bytes()
	step := max(1, len(file)/300)
	for n := 0; n < len(file); n += step {
		if _, _, err := restored(t, file[:n], r.key); !errors.Is(err, ErrFormat) && !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut after %d of %d: %v", n, len(file), err)
		}
		flipped := bytes.Clone(file)
		flipped[n] ^= 4
		if _, _, err := restored(t, flipped, r.key); !errors.Is(err, ErrFormat) && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrWords) {
			t.Fatalf("flipped at %d: %v", n, err)
		}
	}
	other, err := keyring.GenerateKey()
	must(t, err)
	if _, _, err := restored(t, file, other); !errors.Is(err, ErrWords) {
		t.Errorf("with other words: %v", err)
	}
	if _, _, err := restored(t, append(bytes.Clone(file), "more"...), r.key); !errors.Is(err, ErrDamaged) {
		t.Errorf("with something behind it: %v", err)
	}
}

// sealed is a tar of these entries, encrypted as a backup is.
func sealed(t *testing.T, key keyring.PrivateKey, entries ...[2]string) []byte {
	t.Helper()
	to, err := recipient(key.Public())
	must(t, err)
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	must(t, err)
	tw := tar.NewWriter(w)
	for _, e := range entries {
		kind := byte(tar.TypeReg)
		name, link := strings.CutPrefix(e[0], "link:")
		h := &tar.Header{Name: name, Typeflag: kind, Size: int64(len(e[1])), Mode: 0o600}
		if link {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, e[1], 0
		}
		must(t, tw.WriteHeader(h))
		if !link {
			_, err = tw.Write([]byte(e[1]))
			must(t, err)
		}
	}
	must(t, errors.Join(tw.Close(), w.Close()))
	return file.Bytes()
}

// Whoever has the public recovery key can make a file that opens; it still writes nothing outside its folder.
func TestForgedBackup(t *testing.T) {
	t.Parallel()
	key, err := keyring.ParseWords(words)
	must(t, err)
	head := [2]string{manifestName, `{"version":1}`}
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"a newer version", sealed(t, key, [2]string{manifestName, `{"version":2,"appliance":7}`}), ErrVersion},
		{"no version", sealed(t, key, [2]string{manifestName, `{}`}), ErrFormat},
		{"no JSON", sealed(t, key, [2]string{manifestName, `x`}), ErrFormat},
		{"something else", sealed(t, key, [2]string{"a", "b"}), ErrFormat},
		{"nothing", sealed(t, key), ErrDamaged},
		{"no end", sealed(t, key, head), ErrDamaged},
		{"a path that leaves", sealed(t, key, head, [2]string{"state/../../etc/x", "x"}), ErrDamaged},
		{"an absolute path", sealed(t, key, head, [2]string{"/etc/x", "x"}), ErrDamaged},
		{"another folder", sealed(t, key, head, [2]string{"other/x", "x"}), ErrDamaged},
		{"a folder's own name", sealed(t, key, head, [2]string{"state", "x"}), ErrDamaged},
		{"a link", sealed(t, key, head, [2]string{"link:state/x", "/etc/passwd"}), ErrDamaged},
		{"a file that the end does not list", sealed(t, key, head, [2]string{"state/x", "x"}, [2]string{endName, `{}`}), ErrDamaged},
		{"an end of nonsense", sealed(t, key, head, [2]string{endName, `[`}), ErrDamaged},
	} {
		disk, _, err := restored(t, tt.file, key)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if entries, err := disk.ReadDir("/"); err != nil || len(entries) != 1 {
			t.Errorf("%s: beside the folder there is %v, %v", tt.name, entries, err)
		}
	}
	if _, _, err := restored(t, []byte("PK zip"), key); !errors.Is(err, ErrFormat) {
		t.Errorf("another format: %v", err)
	}
}

// A disk that is full is told as such, not as damage.
func TestUnpackFullDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var file bytes.Buffer
	_, err := r.maker().Source.Write(t.Context(), &file, noon)
	must(t, err)
	disk := durabletest.New()
	must(t, durable.MkdirAll(disk, "/new", 0o700))
	disk.SetFree(700)
	b, err := Open(&file, r.key)
	must(t, err)
	if _, err := b.Unpack(t.Context(), disk, "/new"); err == nil || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("said: %v", err)
	}
}
