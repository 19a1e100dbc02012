package main

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/notice"
	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/recordertest"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// killedPacker is a varuh that is killed while it builds packages and hands them over. Nothing but a log-in opens its keys.
type killedPacker struct {
	*victim
	t        *testing.T
	address  string
	from, to time.Time // of the footage that is asked for
	picture  []byte    // of it, as no disk of the appliance may have it
	db       *sql.DB   // its diary, read beside it
	cmd      *exec.Cmd
	head     *visitor
}

// progress is how far a package has come, by what is on the disks.
type progress struct {
	order, export, disclose, stage int64 // entries; 0: it is not there
	written                        int64 // bytes of an object that no stage names
}

// The moments at which the program is killed while it builds.
var whileBuilding = []struct {
	name string
	is   func(progress) bool
}{
	{"before export", func(p progress) bool { return p.order > 0 && p.export == 0 }},
	{"in the middle of writing", func(p progress) bool { return p.export > 0 && p.disclose == 0 && p.written >= 8<<20 }},
	{"after disclose, before package.stage", func(p progress) bool { return p.disclose > 0 && p.stage == 0 }},
}

// kill -9 of the whole program while it builds a package, at each of those moments, and while it hands one over: the next
// start destroys what was half built and answers each disclose before anybody has logged in, and the log-in has the package
// built. No byte of it is on a disk of the appliance in the clear, none is on the stick without disclose, and what is half
// on a stick does not look whole.
func TestKilledBuilding(t *testing.T) {
	t.Parallel()
	v := newKilledPacker(t)
	v.starts()
	v.login()
	id := ""
	for _, m := range whileBuilding {
		met := false
		for range 5 { // a busy machine may miss one
			id = v.ordered()
			if met = v.killedWhen(m.is); met {
				break
			}
			v.recovers(id)
		}
		if !met {
			t.Fatalf("no kill came %s: the others tell nothing", m.name)
		}
		v.hidden()
		v.recovers(id)
	}
	v.killedDelivering(id)
	v.killedTaking(id)
	v.ends()
}

// newKilledPacker has some twenty minutes of footage, about 32 MB.
func newKilledPacker(t *testing.T) *killedPacker {
	t.Helper()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(server.Close)
	v := &killedPacker{t: t, victim: &victim{dir: filepath.Join(t.TempDir(), "box"), log: newTap()}, address: freeAddr(t)}
	c := initCmd{Store: []string{filepath.Join(v.dir, "store")}, Controller: "sola.example", YesIWroteDown: true, firstAdmin: headAdmin()}
	_, err = c.make(v.dir, terminal{typedLines(goodPassword, goodPassword), io.Discard, v.log})
	must(t, err)
	b := &box{dir: v.dir}
	b.write(t, configs.File, strings.Replace(configs.New(configs.Choice{Store: c.Store, Metrics: configs.MetricsOff}), "https: off\n", "https: "+v.address+"\n", 1))
	b.write(t, "cameras.d/hall.yml", camera("hall", server.URL("hall"), ""))
	const loops = 70
	v.from = time.Now().Add(-2 * time.Hour).Truncate(time.Second).UTC()
	v.to = v.from.Add(loops * clips.Entrance.Duration())
	v.offline(t, func(s *still) {
		list := recordertest.Record(t, s.stores[0], s.index, recordertest.Reel{Camera: "hall", Stream: "main", Film: recordertest.Load(t, clips.Entrance, loops), Start: v.from, Segment: time.Minute})
		first := recordertest.Samples(t, list[:1])[0]
		v.picture = first[len(first)/2:][:64]
		s.with(t, func(d *diary.Diary) {
			n := &notice.Register{Diary: d, Zone: time.UTC, Now: time.Now, Known: func(string) bool { return true }}
			c := notice.Usual()
			c.Controller = notice.Party{Name: "Osnovna šola Primer", Address: "Šolska ulica 1", Email: "tajnistvo@sola.example"}
			c.Officer = notice.Officer{Email: "dpo@sola.example"}
			c.Area = notice.Text{Sl: "avla", En: "hall"}
			_, err := n.Add(t.Context(), notice.Asked{Content: c, Cameras: []string{"hall"}, From: v.from.Add(-time.Hour), Stated: "she put it up", By: proof.Actor{Name: "Ana Novak", Proof: "claimed on the console"}})
			must(t, err)
		})
	})
	v.db, err = sql.Open("sqlite3", "file:"+diaryFile(v.dir)+"?mode=ro&_busy_timeout=10000")
	must(t, err)
	t.Cleanup(func() { must(t, v.db.Close()) })
	return v
}

// starts starts the program. It is locked.
func (v *killedPacker) starts() {
	v.t.Helper()
	v.log = newTap()
	v.cmd = v.begin(v.t)
	v.log.await(v.t, "pages are served")
}

// dies kills the program.
func (v *killedPacker) dies() {
	v.t.Helper()
	v.kill(v.t, v.cmd)
}

// login opens the keys.
func (v *killedPacker) login() {
	v.t.Helper()
	v.head = v.comes(v.t, v.address)
}

// ordered is a new request for the footage, approved, whose package was just ordered.
func (v *killedPacker) ordered() (id string) {
	t := v.t
	t.Helper()
	id = v.head.asks(t, v.from, v.to)
	v.head.do(t.Context(), "POST", "/requests/"+id+"/approve", map[string]any{"content": v.head.reads(t, id), "single_reason": "nihče drug ni pooblaščen"}, new(any))
	v.head.do(t.Context(), "POST", "/requests/"+id+"/build", map[string]any{}, new(any))
	return id
}

// killedWhen kills the program at a moment, or where it has gone past it, and tells whether that was the moment.
func (v *killedPacker) killedWhen(is func(progress) bool) bool {
	v.t.Helper()
	v.until("the moment", func() bool {
		p := v.progress()
		return is(p) || p.stage > 0
	})
	v.dies()
	return is(v.progress())
}

// progress is how far the package has come that was ordered last.
func (v *killedPacker) progress() (p progress) {
	v.t.Helper()
	staged := 0
	for _, l := range v.leaves() {
		switch l.Op {
		case "package.order":
			p = progress{order: l.Index}
		case "export":
			p.export = l.Index
		case "disclose":
			p.disclose, p.stage = l.Index, 0
		case "package.stage":
			staged++
			p.stage = l.Index
		}
	}
	sizes := slices.Sorted(maps.Values(v.objects()))
	if len(sizes) > staged { // those that are finished are all as large
		p.written = sizes[0]
	}
	return p
}

// leaves are those of the diary.
func (v *killedPacker) leaves() (list []proof.Leaf) {
	t := v.t
	t.Helper()
	rows, err := v.db.QueryContext(t.Context(), `SELECT leaf FROM diary_leaves ORDER BY i`)
	must(t, err)
	for rows.Next() {
		var text string
		must(t, rows.Scan(&text))
		l, err := proof.ParseLeaf([]byte(text))
		must(t, err)
		list = append(list, l)
	}
	must(t, errors.Join(rows.Err(), rows.Close()))
	return list
}

// objects are the sealed objects of packages on the disk, with their sizes.
func (v *killedPacker) objects() map[string]int64 {
	v.t.Helper()
	sizes := map[string]int64{}
	list, err := os.ReadDir(filepath.Join(v.dir, "store", "_sealed", "packages"))
	if !errors.Is(err, fs.ErrNotExist) {
		must(v.t, err)
	}
	for _, e := range list {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was destroyed meanwhile
		}
		must(v.t, err)
		sizes[e.Name()] = info.Size()
	}
	return sizes
}

// until looks each millisecond whether it has come to something.
func (v *killedPacker) until(what string, so func() bool) {
	v.t.Helper()
	limit, tick := time.After(never), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-limit:
			v.t.Fatalf("%s does not come: %+v\n%s", what, v.progress(), v.log)
		case <-tick.C:
		}
	}
}

// recovers starts the program after a kill: what was half built goes before anybody has logged in, and then the package is
// built. The program runs on.
func (v *killedPacker) recovers(id string) {
	v.t.Helper()
	v.starts()
	v.until("the end of what was cut off", func() bool { return len(v.unanswered()) == 0 && len(v.objects()) == v.staged() })
	v.login()
	v.until("the package", func() bool {
		var info struct{ Step, Error string }
		v.head.do(v.t.Context(), "GET", "/requests/"+id+"/package", nil, &info)
		if info.Step == "over" {
			v.t.Fatalf("the package came to nothing: %+v\n%s", info, v.log)
		}
		return info.Step == "built"
	})
	if p, left := v.progress(), v.unanswered(); p.stage == 0 || len(left) > 0 || len(v.objects()) != v.staged() {
		v.t.Errorf("the package is built: %+v, %v are not answered, and of %d objects %d are staged", p, left, len(v.objects()), v.staged())
	}
}

// unanswered are the disclosures with neither a package nor its failure.
func (v *killedPacker) unanswered() map[int64]bool {
	v.t.Helper()
	open := map[int64]bool{}
	for _, l := range v.leaves() {
		switch l.Op {
		case "disclose":
			open[l.Index] = true
		case "package.stage", "package.fail":
			delete(open, *l.Ref)
		}
	}
	return open
}

// staged counts the packages that are there.
func (v *killedPacker) staged() (n int) {
	v.t.Helper()
	for _, l := range v.leaves() {
		switch l.Op {
		case "package.stage":
			n++
		case "erase.package":
			n--
		}
	}
	return n
}

// hidden fails if a disk of the appliance has some of the footage in the clear.
func (v *killedPacker) hidden() {
	t := v.t
	t.Helper()
	files := 0
	must(t, filepath.WalkDir(v.dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(name)
		if files++; bytes.Contains(b, v.picture) {
			t.Errorf("%s has a picture in the clear", name)
		}
		return err
	}))
	if files < 30 {
		t.Errorf("only %d files were looked through", files)
	}
}

// delivers runs the command that writes a package onto a stick.
func (v *killedPacker) delivers(id, stick string) (cmd *exec.Cmd, said *bytes.Buffer) {
	v.t.Helper()
	said = &bytes.Buffer{}
	cmd = exec.Command("varuh", "package", "deliver", id, "--to", stick, "--recipient", "Janez Novak, PP Primer", "--medium", "USB 7", "--folder", "--warned", "--as", "ravnatelj", "--dir", v.dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = typedLines(goodPassword), said, said
	must(v.t, cmd.Start())
	return cmd, said
}

// half waits until a part of a package is on a stick, and returns where it lies; "" if all of it is.
func (v *killedPacker) half(id, stick string) (part string) {
	v.t.Helper()
	whole := filepath.Join(stick, "paket-"+id)
	part = whole + stickPart
	v.until("half a package on the stick", func() bool {
		if _, err := os.Stat(whole); err == nil {
			part = ""
			return true
		}
		return sizeOf(part) >= 4<<20
	})
	return part
}

// sizeOf is how many bytes are in a folder that somebody writes or takes away.
func sizeOf(dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && e.Type().IsRegular() {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		return 0
	}
	return n
}

// killedDelivering kills the program while a command writes a package onto a stick: nothing is left there, and the entries say
// that some left.
func (v *killedPacker) killedDelivering(id string) {
	t := v.t
	t.Helper()
	for range 5 {
		stick := t.TempDir()
		cmd, said := v.delivers(id, stick)
		v.half(id, stick)
		v.dies()
		err := cmd.Wait()
		v.entered()
		v.starts()
		v.login()
		if err == nil {
			continue // it had come to its end by then
		}
		if !strings.Contains(said.String(), "the daemon ended in the middle of the package") {
			t.Errorf("the command says %s", said)
		}
		empty(t, stick)
		return
	}
	t.Error("no kill was in the middle of a delivery: the others tell nothing")
}

// killedTaking kills the command instead: what is there has not the name of a package, is told from one, and goes with the
// next delivery, which is whole.
func (v *killedPacker) killedTaking(id string) {
	t := v.t
	t.Helper()
	stick, met := "", false
	for range 5 {
		stick = t.TempDir()
		cmd, _ := v.delivers(id, stick)
		part := v.half(id, stick)
		v.kill(t, cmd)
		if met = part != "" && sizeOf(part) > 0; !met { // it had come to its end by then
			continue
		}
		if r, err := evidence.Verify(t.Context(), os.DirFS(part), v.known()); err == nil && r.Good() {
			t.Error("what is half there looks whole")
		}
		break
	}
	if !met {
		t.Error("no kill of the command was in the middle of a delivery: what is half there tells nothing")
	}
	cmd, said := v.delivers(id, stick)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	list, err := os.ReadDir(stick)
	must(t, err)
	if len(list) != 1 || list[0].Name() != "paket-"+id {
		t.Errorf("on the stick are %v", list)
	}
	r, err := evidence.Verify(t.Context(), os.DirFS(filepath.Join(stick, "paket-"+id)), v.known())
	if err != nil || r.Bad() || r.Disclosed.State != proof.Yes {
		t.Errorf("the package: %+v, %v", r, err)
	}
	v.entered()
}

// known is the fingerprint of the key that signs.
func (v *killedPacker) known() evidence.Options {
	v.t.Helper()
	var text string
	must(v.t, v.db.QueryRowContext(v.t.Context(), `SELECT vkey FROM diary_signers`).Scan(&text))
	key, err := proof.ParseKey(text)
	must(v.t, err)
	return evidence.Options{Fingerprints: []string{key.Fingerprint()}}
}

// entered fails unless each hand-over is of a disclosure whose package was there before it.
func (v *killedPacker) entered() {
	v.t.Helper()
	there, handed := map[int64]bool{}, 0
	for _, l := range v.leaves() {
		switch l.Op {
		case "package.stage":
			there[*l.Ref] = true
		case "handover":
			if handed++; !there[*l.Ref] {
				v.t.Errorf("entry %d hands over what is not disclosed, or not there", l.Index)
			}
		}
	}
	if handed == 0 {
		v.t.Error("bytes are on the stick, and no hand-over is entered")
	}
}

// ends stops the program: the diary verifies, and only packages that are there have keys.
func (v *killedPacker) ends() {
	t := v.t
	t.Helper()
	must(t, errors.Join(v.cmd.Process.Signal(syscall.SIGTERM), v.cmd.Wait()))
	v.hidden()
	open := map[int64]bool{}
	for _, l := range v.leaves() {
		switch l.Op {
		case "handover":
			open[l.Index] = true
		case "handover.end":
			delete(open, *l.Ref)
		}
	}
	if len(open) > 0 {
		t.Errorf("nothing says how these deliveries ended: %v", open)
	}
	v.offline(t, func(s *still) {
		keys := 0
		for slot, err := range s.stores[0].Ring.All(time.Time{}) {
			must(t, err)
			if slot.Kind == keyring.KindPackage && slot.State < keyring.StateErased {
				keys++
			}
		}
		if keys != v.staged() || keys != len(v.objects()) || keys < len(whileBuilding) {
			t.Errorf("%d packages have keys, %d are staged, and there are %d objects", keys, v.staged(), len(v.objects()))
		}
	})
	a, err := readAppliance(v.dir)
	must(t, err)
	ix, err := footage.Open(indexFile(v.dir))
	must(t, err)
	defer func() { must(t, ix.Close()) }()
	verifies(t, &clerk{state: v.dir, appliance: a, index: ix})
}
