package diary

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// childDir names the folder of a diary that this process, started by TestKill, is to write until it is
// killed.
const childDir = "VARUH_DIARY_CHILD"

// leaveKeys leaves the keys of the diary where the process finds them that is killed.
func (r *rig) leaveKeys(t *testing.T) {
	t.Helper()
	must(t, keyring.WriteKeyFile(durable.OS, filepath.Join(r.dir, "reading"), r.reading))
	must(t, keyring.WriteKeyFile(durable.OS, filepath.Join(r.dir, "recovery"), r.recovery))
}

func (r *rig) takeKeys() (err error) {
	if r.reading, err = keyring.ReadKeyFile(durable.OS, filepath.Join(r.dir, "reading")); err == nil {
		r.recovery, err = keyring.ReadKeyFile(durable.OS, filepath.Join(r.dir, "recovery"))
	}
	return err
}

// TestMain makes the binary of the tests the program that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled has 64 writers append, most of them with a change of state, and prints what was
// acknowledged.
func writeUntilKilled(dir string) error {
	r := &rig{dir: dir}
	if err := r.takeKeys(); err != nil {
		return err
	}
	d, err := Open(context.Background(), r.options())
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := 0; ; i++ {
				e, change := step(w)
				if i%4 == 3 {
					e, change = viewing(i), nil
				}
				got, err := d.Append(context.Background(), e, change)
				mu.Lock()
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				h := d.Head()
				fmt.Printf("%d %v %d %v\n", got.Index, got.Leaf, h.Size, h.Root)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

// step counts, in the row of one of 64 persons, the entries that say so. The rows stay few, however long
// the test takes: the digest of the state is of all rows.
func step(writer int) (Entry, Change) {
	id := strconv.Itoa(writer)
	return Entry{Op: "person.step", Ref: new(int64(0)), Body: proof.Body{Actor: ana(), Data: map[string]any{"id": id}}},
		func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO people (id, name) VALUES (?, '1') ON CONFLICT DO UPDATE SET name = CAST(name + 1 AS TEXT)`, id)
			return err
		}
}

// roundsEach is how often one diary is killed. Each start reads all of it, twice a round, so that a
// diary of all 500 rounds would cost the square of that and show nothing more.
const roundsEach = 25

// kill -9 under 64 writers, again and again: no acknowledged entry is lost, none is there twice, all
// checkpoints that were seen are of one history, and no state changed without its entry.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 20
	if os.Getenv("VARUH_LONG") == "1" {
		rounds = 500
	}
	for done := 0; done < rounds; done += roundsEach {
		r := newRig(t)
		r.leaveKeys(t)
		shut(t, r.create(t))
		var acknowledged []string
		for round := done; round < min(done+roundsEach, rounds); round++ {
			said := r.killAfter(t, 50+37*round%200)
			r.checkKilled(t, said)
			acknowledged = append(acknowledged, said...)
			if t.Failed() {
				t.Fatalf("in round %d", round)
			}
		}
		d := r.open(t)
		for _, line := range acknowledged {
			r.checkAcknowledged(t, d, line)
		}
		if report := r.verify(t, d); report.Intact.State != proof.Yes {
			t.Errorf("%+v", report)
		}
		shut(t, d)
	}
}

// checkKilled opens the diary of a process that was killed, which verifies all of it, and looks for what
// the process acknowledged.
func (r *rig) checkKilled(t *testing.T, acknowledged []string) {
	t.Helper()
	d, err := Open(t.Context(), r.options())
	must(t, err)
	defer shut(t, d)
	if d.Fault() != nil {
		t.Error(d.Fault())
	}
	for _, line := range acknowledged {
		r.checkAcknowledged(t, d, line)
	}
	r.checkRows(t, d)
}

// killAfter kills a writing process after it has acknowledged some entries, and returns its lines.
func (r *rig) killAfter(t *testing.T, entries int) (lines []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+r.dir)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
		if lines = append(lines, line); len(lines) == entries {
			must(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); len(lines) < entries || complaints.Len() > 0 {
		t.Fatalf("%d entries, then %v: %s", len(lines), err, complaints.String())
	}
	return lines
}

func (r *rig) checkAcknowledged(t *testing.T, d *Diary, line string) {
	t.Helper()
	var i, size int64
	var leaf, root string
	if _, err := fmt.Sscan(line, &i, &leaf, &size, &root); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	raw, _, err := readLeaf(t.Context(), d.read, d.Head(), i)
	if err != nil || proof.HashLeaf(raw).String() != leaf {
		t.Errorf("acknowledged entry %d: %v", i, err)
	}
	now, err := tlog.TreeHash(size, reader{t.Context(), d.read, 0})
	if err != nil || now.String() != root {
		t.Errorf("the checkpoint of %d entries that was seen is of another history: %v", size, err)
	}
}

// checkRows holds the entries about persons against what their rows count, and looks for an entry that is
// there twice: no two bodies have the same salt.
func (r *rig) checkRows(t *testing.T, d *Diary) {
	t.Helper()
	steps, bodies := int64(0), map[proof.Hash]int64{}
	for e, err := range d.Entries(t.Context(), 0, 1<<40) {
		must(t, err)
		if e.Op == "person.step" {
			steps++
		}
		if other, there := bodies[e.Body]; there {
			t.Errorf("the entries %d and %d are the same", other, e.Index)
		}
		bodies[e.Body] = e.Index
	}
	var counted int64
	must(t, d.read.QueryRow(`SELECT coalesce(sum(name), 0) FROM people`).Scan(&counted))
	if counted != steps {
		t.Errorf("the persons count %d changes, and there are %d entries about them", counted, steps)
	}
}
