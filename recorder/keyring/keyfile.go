package keyring

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"varuh/recorder/durable"
)

// keyFileMark begins the one line of a key file that counts; id and secret follow.
const keyFileMark = "varuh-private-key-1"

// nextKeyFile is where a rotation keeps the private key that will replace the one in name.
func nextKeyFile(name string) string { return name + ".next" }

// WriteKeyFile writes a private key durably to a file of mode 0600. A key that is there already
// is not replaced: the error is [fs.ErrExist].
func WriteKeyFile(fsys durable.FS, name string, k PrivateKey) error {
	if _, err := fsys.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is not replaced, it may hold the only key to footage: %w", name, fs.ErrExist), err)
	}
	if err := durable.WriteFile(fsys, name, encodeKeyFile(k), 0o600); err != nil {
		return fmt.Errorf("couldn't write the private key to %s: %w", name, err)
	}
	return nil
}

// encodeKeyFile is the text of a key file.
func encodeKeyFile(k PrivateKey) []byte {
	secret := k.secret()
	return fmt.Appendf(nil, "# The private reading key of varuh. Whoever has it can open the footage.\n"+
		"# Keep it off the disks that hold footage.\n%s %v %s\n",
		keyFileMark, k.Public().ID(), hex.EncodeToString(secret[:]))
}

// parseKeyFile reads a key file; name is for errors, which never quote the contents.
func parseKeyFile(name string, text []byte) (PrivateKey, error) {
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) != 3 || fields[0] != keyFileMark {
			continue
		}
		var secret [32]byte
		if unhex(secret[:], []byte(fields[2]), "private key") != nil {
			return PrivateKey{}, fmt.Errorf("the private key in %s is cut off or damaged", name)
		}
		k, err := ParsePrivate(secret[:])
		if err != nil || k.Public().ID().String() != fields[1] {
			return PrivateKey{}, errors.Join(fmt.Errorf("the private key in %s is damaged: it is not %s", name, fields[1]), err)
		}
		return k, nil
	}
	return PrivateKey{}, fmt.Errorf("%s holds no private key of varuh (a line that begins with %s)", name, keyFileMark)
}

// ReadKeyFile reads a private key. It refuses a file that anybody but its owner can read.
func ReadKeyFile(fsys durable.FS, name string) (PrivateKey, error) {
	st, err := fsys.Stat(name)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("couldn't read the private key: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return PrivateKey{}, fmt.Errorf("others than its owner can read the private key in %s (mode %04o): run chmod 600 %[1]s", name, st.Mode().Perm())
	}
	return readKeyText(fsys, name)
}

// ReadCredential reads a private key that systemd passed as a credential, from dir, which is
// $CREDENTIALS_DIRECTORY. Who may read it is systemd's affair: it grants by ACL, which the mode
// does not tell.
func ReadCredential(fsys durable.FS, dir, name string) (PrivateKey, error) {
	if dir == "" {
		return PrivateKey{}, fmt.Errorf("there is no credential %q: the program was not started by systemd with LoadCredential=%[1]s", name)
	}
	if name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return PrivateKey{}, fmt.Errorf("%q is no name of a credential", name)
	}
	return readKeyText(fsys, filepath.Join(dir, name))
}

func readKeyText(fsys durable.FS, name string) (PrivateKey, error) {
	text, err := durable.ReadFile(fsys, name, 4096)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("couldn't read the private key: %w", err)
	}
	defer clear(text)
	return parseKeyFile(name, text)
}

// ReadIdentity reads a key file and, while a rotation is under way, the one that will replace it.
// One of the two is enough.
func ReadIdentity(fsys durable.FS, name string) (Identity, error) {
	var keys Identity
	var errs []error
	for _, file := range []string{name, nextKeyFile(name)} {
		k, err := ReadKeyFile(fsys, file)
		switch {
		case err == nil:
			keys = append(keys, k)
		case file == name || !errors.Is(err, fs.ErrNotExist):
			errs = append(errs, err)
		}
	}
	if len(keys) == 0 {
		return nil, errors.Join(errs...)
	}
	return keys, nil
}
