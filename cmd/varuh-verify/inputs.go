package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/proof"
)

// maxFile bounds the files other than bundles.
const maxFile = proof.MaxManifest

// inputs are the files given, by what they are.
type inputs struct {
	bundle      fs.FS
	inclusion   []byte
	consistency [][]byte
	checkpoints [][]byte
	keys        []proof.Key // that came with the files: they do for computing
	others      [][]byte    // bodies and manifests, found by their hashes
	unknown     error       // about the first file that is none of these
	close       []func() error
}

// verify sees what the files are, and checks them together.
func (p *program) verify(ctx context.Context, files []string) (report *proof.Report, err error) {
	var in inputs
	defer func() {
		for _, c := range in.close {
			err = errors.Join(err, c())
		}
	}()
	o, err := p.options()
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if err := p.sort(ctx, &in, name); err != nil {
			return nil, err
		}
	}
	o.Enclosed = in.keys
	p.compares = len(o.Held)+len(in.checkpoints) > 0
	if err := in.unused(); err != nil {
		return nil, err
	}
	switch {
	case in.bundle != nil:
		o.Held = append(o.Held, in.checkpoints...)
		return proof.VerifyBundle(ctx, in.bundle, o)
	case in.inclusion != nil:
		o.Held = append(o.Held, in.checkpoints...)
		return proof.VerifyInclusion(in.inclusion, in.others, o)
	case len(o.Held)+len(in.checkpoints) == 2:
		two := append(o.Held, in.checkpoints...)
		o.Held = nil
		return compareTwo(two[0], two[1], in.consistency, o)
	}
	return nil, in.tooFew(len(o.Held) + len(in.checkpoints))
}

// unused refuses files that would be left aside: whoever gave them believes that they were looked at.
func (in *inputs) unused() error {
	switch {
	case in.unknown != nil:
		return in.unknown
	case in.bundle != nil && in.inclusion != nil:
		return refuse(nil, "Sveženj in dokaz enega zapisa preverite vsakega posebej.", "Check the bundle and the proof of an entry one after the other.")
	case len(in.others) > 0 && in.inclusion == nil:
		return refuse(nil, "Datoteka z vsebino zapisa (JSON) se preveri le skupaj z dokazom tega zapisa (.tlog-proof).",
			"A file with what an entry says (JSON) is checked with the proof of that entry (.tlog-proof) alone.")
	case len(in.consistency) > 0 && (in.bundle != nil || in.inclusion != nil):
		return refuse(nil, "Dokaz, da se dnevnik nadaljuje, se preveri le skupaj z dvema kontrolnima točkama.",
			"A proof that a diary goes on is checked with two checkpoints alone.")
	}
	return nil
}

// compareTwo compares two checkpoints, which must be of one diary.
func compareTwo(one, other []byte, proofs [][]byte, o proof.VerifyOptions) (*proof.Report, error) {
	a, err := proof.ReadCheckpoint(one)
	if err != nil {
		return nil, err
	}
	b, err := proof.ReadCheckpoint(other)
	if err != nil {
		return nil, err
	}
	if a.Origin != b.Origin {
		return nil, refuse(nil, "Kontrolni točki sta od dnevnikov z različnima imenoma (%s in %s). Če je to isti dnevnik, ki se nadaljuje pod novim imenom, ju primerja le sveženj: podajte ga zraven.",
			"The checkpoints are of diaries of two names (%s and %s). If that is one diary which goes on under a new name, only a bundle compares them: give it, too.", a.Origin, b.Origin)
	}
	return proof.VerifyCheckpoints(one, other, proofs, o)
}

// tooFew says what is missing to check anything.
func (in *inputs) tooFew(checkpoints int) error {
	switch {
	case checkpoints == 1:
		return refuse(nil, "Ena sama kontrolna točka ne pove ničesar: podajte še sveženj (ZIP) ali drugo kontrolno točko.",
			"One checkpoint alone says nothing: give a bundle (ZIP), too, or two checkpoints.")
	case checkpoints > 2:
		return refuse(nil, "Kontrolnih točk je več kot dve: podajte še sveženj (ZIP) ali le dve.", "There are more than two checkpoints: give a bundle (ZIP), too, or two checkpoints alone.")
	}
	return refuse(nil, "Podajte sveženj (ZIP), dokaz enega zapisa (.tlog-proof) ali dve kontrolni točki.", "Give a bundle (ZIP), the proof of an entry (.tlog-proof) or two checkpoints.")
}

// options gathers what the person knows.
func (p *program) options() (o proof.VerifyOptions, err error) {
	for _, k := range p.keys {
		if err := addKey(&o, k); err != nil {
			return o, err
		}
	}
	for _, name := range p.held {
		b, err := readHeld(name)
		if err != nil {
			return o, err
		}
		o.Held = append(o.Held, b)
	}
	if len(p.roots) > 0 {
		o.Timestamp, err = p.timestamps()
	}
	if p.list {
		o.Each = p.printEntry
	}
	return o, err
}

// readHeld reads a checkpoint that somebody kept. Another file in its place would compare nothing.
func readHeld(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return nil, refuse(nil, "--held %s: to je sveženj ali mapa, ne kontrolna točka.", "--held %s: this is a bundle or a folder, not a checkpoint.", name)
	}
	b, err := readFile(name)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("PK")) {
		return nil, refuse(nil, "--held %s: to je sveženj, ne kontrolna točka. Kontrolna točka je kratka besedilna datoteka.",
			"--held %s: this is a bundle, not a checkpoint. A checkpoint is a short text file.", name)
	}
	c, ok := checkpointIn(b)
	if !ok {
		return nil, refuse(nil, "--held %s: to ni kontrolna točka. Ta ima tri vrstice, prazno vrstico in podpis.",
			"--held %s: this is no checkpoint. One has three lines, an empty one, and a signature.", name)
	}
	return c, nil
}

// timestamps checks tokens down to the certificates that were given.
func (p *program) timestamps() (func(token, text []byte) (time.Time, string, error), error) {
	pool := x509.NewCertPool()
	for _, name := range p.roots {
		b, err := readFile(name)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(b) {
			return nil, refuse(nil, "--tsa %s: v datoteki ni potrdila v obliki PEM.", "--tsa %s: the file has no certificate in PEM.", name)
		}
	}
	return timestamp.Checker(pool), nil
}

// printEntry is one line of --list.
func (p *program) printEntry(l proof.Leaf, body *proof.Body, manifest []byte) error {
	line := map[string]any{"i": l.Index, "t": l.Time, "op": l.Op}
	if l.Ref != nil {
		line["ref"] = *l.Ref
	}
	if body != nil {
		b, err := proof.EncodeBody(*body)
		if err != nil {
			return err
		}
		line["body"] = json.RawMessage(b)
	}
	if json.Valid(manifest) {
		line["manifest"] = json.RawMessage(manifest)
	}
	b, err := json.Marshal(line)
	if err == nil {
		_, err = p.out.Write(append(printable(b), '\n'))
	}
	return err
}

// addKey takes a key, a fingerprint, or a file of keys.
func addKey(o *proof.VerifyOptions, s string) error {
	if k, err := proof.ParseKey(strings.TrimSpace(s)); err == nil {
		o.Keys = append(o.Keys, k)
		return nil
	}
	digits := strings.ToLower(strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ":", "").Replace(s))
	hexadecimal := len(digits) > 0 && strings.Trim(digits, "0123456789abcdef") == ""
	if hexadecimal && len(digits) == 32 {
		o.Fingerprints = append(o.Fingerprints, digits)
		return nil
	}
	b, err := readFile(s)
	switch {
	case errors.Is(err, fs.ErrNotExist) && hexadecimal:
		return refuse(nil, "--key %q: prstni odtis ima 32 znakov, ta jih ima %d. Napišite ga v narekovajih.",
			"--key %q: a fingerprint has 32 digits, this one %d. Put it in quotes.", s, len(digits))
	case err != nil:
		return refuse(err, "--key %q: to ni ključ, ni prstni odtis in ni datoteka s ključi.", "--key %q: this is no key, no fingerprint and no file of keys.", s)
	}
	keys, ok := keysIn(plainText(b))
	if !ok {
		return refuse(nil, "--key %s: v datoteki je še kaj drugega kot ključi, vsak v svoji vrstici.", "--key %s: the file holds something other than keys, a line each.", s)
	}
	o.Keys = append(o.Keys, keys...)
	return nil
}

// keysIn reads a file that holds nothing but keys, a line each.
func keysIn(b []byte) (keys []proof.Key, ok bool) {
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := proof.ParseKey(line)
		if err != nil {
			return nil, false
		}
		keys = append(keys, k)
	}
	return keys, len(keys) > 0
}

// headSize is how much of a file is looked at to see what it is.
const headSize = 512

// sort sees by the contents of a file what it is.
func (p *program) sort(ctx context.Context, in *inputs, name string) error {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(nil, "%s: take datoteke ni.", "%s: there is no such file.", name)
	}
	if err != nil {
		return fmt.Errorf("couldn't look at %s: %w", name, err)
	}
	if info.IsDir() {
		return in.setBundle(os.DirFS(name), name)
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("couldn't open %s: %w", name, err)
	}
	in.close = append(in.close, f.Close)
	head := make([]byte, headSize)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("couldn't read %s: %w", name, err)
	}
	if head = head[:n]; bytes.HasPrefix(head, []byte("PK")) {
		z, err := zip.NewReader(f, info.Size())
		if err != nil {
			return fmt.Errorf("couldn't read %s as a zip file: %w", name, err)
		}
		if err := p.unlock(ctx, z); err != nil {
			return err
		}
		return in.setBundle(z, name)
	}
	if info.Size() > maxFile {
		return stranger(name, head)
	}
	b, err := readFile(name)
	if err != nil {
		return err
	}
	return in.sortText(b, name)
}

func (in *inputs) setBundle(bundle fs.FS, name string) error {
	if in.bundle != nil {
		return refuse(nil, "%s je drugi sveženj: preverite vsakega posebej.", "%s is a second bundle: check one at a time.", name)
	}
	found, err := findBundle(bundle, name)
	in.bundle = found
	return err
}

func (in *inputs) sortText(b []byte, name string) error {
	if keys, ok := keysIn(plainText(b)); ok {
		in.keys = append(in.keys, keys...)
		return nil
	}
	if c, ok := checkpointIn(b); ok {
		in.checkpoints = append(in.checkpoints, c)
		return nil
	}
	for _, try := range [][]byte{b, plainText(b)} {
		if _, err := proof.ParseInclusion(try); err == nil {
			if in.inclusion != nil {
				return refuse(nil, "%s je drugi dokaz zapisa: preverite vsakega posebej.", "%s is a second proof of an entry: check one at a time.", name)
			}
			in.inclusion = try
			return nil
		}
		if _, err := proof.ParseConsistency(try); err == nil {
			in.consistency = append(in.consistency, try)
			return nil
		}
	}
	if !bytes.HasPrefix(b, []byte("{")) {
		if in.unknown == nil {
			in.unknown = stranger(name, b[:min(len(b), headSize)])
		}
		return nil
	}
	in.others = append(in.others, bytes.TrimSuffix(b, []byte("\n")))
	return nil
}

// unlock asks for the passphrase if the archive is encrypted, thrice if it is typed wrong.
func (p *program) unlock(ctx context.Context, z *zip.Reader) error {
	if !aeszip.Encrypted(z) {
		return nil
	}
	for try := 1; ; try++ {
		passphrase, err := p.passphrase(ctx)
		if err != nil {
			return err
		}
		err = aeszip.Unlock(z, passphrase)
		if !errors.Is(err, aeszip.ErrPassphrase) || p.passphraseFile != "" || try == 3 {
			return err
		}
		fmt.Fprintln(p.err, "Geslo ni pravo. / The passphrase is wrong.")
	}
}

func (p *program) passphrase(ctx context.Context) (string, error) {
	if p.passphraseFile != "" {
		b, err := readFile(p.passphraseFile)
		return strings.TrimSpace(string(b)), err
	}
	fmt.Fprint(p.err, "Sveženj je šifriran. Geslo: / The bundle is encrypted. Passphrase: ")
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() { // whoever interrupts the program ends it, and this with it
		line, err := readLine(p.in)
		typed <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-typed:
		return a.line, a.err
	}
}

// readLine reads no further than the end of a line, for another may be asked for.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := r.Read(b)
		if n == 1 && b[0] != '\n' {
			line = append(line, b[0])
		}
		if n == 1 && b[0] == '\n' || err != nil && len(line) > 0 {
			return strings.TrimSpace(string(line)), nil
		}
		if err != nil {
			return "", refuse(err, "Sveženj je šifriran, gesla pa ni. Dobite ga od tistega, ki je sveženj izročil.",
				"The bundle is encrypted, and there is no passphrase. Whoever handed the bundle over has it.")
		}
	}
}

// readFile reads a file of a size that is sensible.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxFile {
		return nil, refuse(nil, "%s: datoteka je prevelika za to, kar bi morala biti.", "%s: the file is too large for what it should be.", name)
	}
	if err != nil {
		return nil, refuse(err, "%s: datoteke ni mogoče prebrati.", "%s: the file can't be read.", name)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, refuse(err, "%s: datoteke ni mogoče prebrati.", "%s: the file can't be read.", name)
	}
	return b, nil
}
