package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"varuh/accesslog/playback"
	"varuh/configs"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// counterBox is a box that records a camera with a request for its footage.
type counterBox struct {
	*box
	t  *testing.T
	id string // of the request
}

func startCounter(t *testing.T) *counterBox {
	t.Helper()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(server.Close)
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(keys)) })
	text := strings.Replace(configs.New(configs.Choice{Store: []string{"store"}, KeyFile: keys + "/k", Metrics: "off"}), "https: off\n",
		"https: "+freeAddr(t)+"\npublished: video.sola.example\ncertificate:\n  names: [video.sola.example]\n", 1)
	b := startBoxWith(t, keys+"/k", "off", map[string]string{"varuh.yml": text, "cameras.d/hall.yml": camera("hall", server.URL("hall"), "")})
	b.opensToday(t)
	b.log.await(t, "pages are served")
	mark := playback.Mark{}
	for range 4 { // seconds
		mark, err = b.entrance.fragments.Next(t.Context(), "hall", "main", mark)
		must(t, err)
	}
	return &counterBox{box: b, t: t}
}

// file writes the example, filled in for what the camera recorded, with one part in the place of another.
func (c *counterBox) file(old, with string) string {
	c.t.Helper()
	var f requestForm
	must(c.t, json.Unmarshal([]byte(exampleRequest), &f))
	f.Received, f.Content.Case.Number = time.Time{}, "2302-55/2026"
	f.Content.Wanted[0].Camera, f.Content.Wanted[0].From, f.Content.Wanted[0].To = "hall", time.Now().Add(-time.Minute), time.Now().Add(-time.Second)
	text, err := json.Marshal(f)
	must(c.t, err)
	name := filepath.Join(c.t.TempDir(), "request.json")
	must(c.t, os.WriteFile(name, []byte(strings.Replace(strings.ReplaceAll(string(text), "...", "Policijska postaja Primer"), old, with, 1)), 0o600))
	return name
}

// scanned is the scan of a paper.
func (c *counterBox) scanned(text string) string {
	c.t.Helper()
	name := filepath.Join(c.t.TempDir(), "listina.pdf")
	must(c.t, os.WriteFile(name, []byte("%PDF-1.4\n"+text+"\n%%EOF\n"), 0o600))
	return name
}

// types runs a command as the head, and fails unless it ends as it should and says so much.
func (c *counterBox) types(want int, says []string, args ...string) string {
	c.t.Helper()
	out := c.as(c.t, want, args...)
	for _, part := range says {
		if !strings.Contains(out, strings.ReplaceAll(part, "ID", c.id)) {
			c.t.Errorf("%q is not in what %q says:\n%s", part, args, out)
		}
	}
	return out
}

// The whole course of a request on paper goes by commands: it is entered with what lacks, read, supplemented with its scan, approved,
// its package built, written onto a disk, handed out by a link, handed over and confirmed. Each answer tells the command that comes
// next, and no scan is on a disk in the clear.
func TestRequestByCommands(t *testing.T) {
	t.Parallel()
	c := startCounter(t)
	out := c.types(0, []string{"is incomplete", "! Missing: the signature.", "! Missing: the number of the case."}, "request", "add", c.file("2302-55/2026", ""))
	c.id = strings.Fields(out)[slices.Index(strings.Fields(out), "Request")+1]
	c.types(0, []string{`"kind": "authority"`, `"camera": "hall"`, "an approval names"}, "request", "read", c.id)
	c.types(1, []string{"is a PDF, JPEG or PNG file"}, "request", "supplement", c.id, c.file("", ""), "--scan", c.file("", ""))
	c.types(1, []string{"is no scan of a paper"}, "request", "supplement", c.id, c.file("", ""), "--scan", c.dir)
	c.types(0, []string{"is complete", "varuh request approve ID --content"}, "request", "supplement", c.id, c.file("", ""), "--scan", c.scanned("kanarček na listini"))
	out = c.does(t, nil, 0, "request", "show", c.id)
	content := regexp.MustCompile(`--content ([0-9]+)`).FindStringSubmatch(out)[1]
	c.types(1, []string{"somebody else has to approve it", "--alone TEXT"}, "request", "approve", c.id, "--content", content)
	c.types(0, []string{"is approved, single-handed", "varuh package build ID --as ravnatelj --dir"}, "request", "approve", c.id, "--content", content, "--alone", "nihče drug ni pooblaščen")
	c.types(1, []string{"there is no package for the request", "varuh package build ID"}, "package", "deliver", c.id, "--to", t.TempDir(), "--recipient", "PP Primer", "--warned")
	c.types(0, []string{"is being built", "varuh package deliver ID"}, "package", "build", c.id)
	c.log.await(t, "a package is built")
	if st := c.status(); len(st.Packages.Packages) != 1 || st.Packages.Packages[0].State != packageStaged || gauged(st)["packages staged"] != 1 || !strings.Contains(strings.Join(strings.Fields(st.table()), " "), c.id+" staged 20") {
		t.Errorf("the status says %+v\n%s", st.Packages, st.table())
	}
	c.leaves()
	c.types(0, []string{"is entered", "varuh request confirm ID"}, "package", "handover", c.id, "--recipient", "PP Primer", "--known", "službena izkaznica", "--medium", "USB 7", "--warned")
	if out := c.does(t, nil, 0, "package", "list"); !strings.Contains(out, "handed over") {
		t.Errorf("the list says\n%s", out)
	}
	c.types(0, []string{"is confirmed", "varuh request release ID"}, "request", "confirm", c.id, "--how", "podpisal je zapisnik", "--scan", c.scanned("kanarček na zapisniku"))
	c.types(0, []string{"closed"}, "request", "release", c.id, "--reason", "postopek je končan")
	d, err := c.clerk.use()
	must(t, err)
	rest := ops(t, d)
	for _, op := range []string{"request.receive", "request.supplement", "request.approve", "package.order", "disclose", "package.stage", "request.built", "handover", "handover.end", "package.link",
		"package.link.end", "request.handover", "request.confirm", "request.release"} {
		at := slices.Index(rest, op)
		if at < 0 {
			t.Fatalf("there is no %s any more: %q", op, ops(t, d))
		}
		rest = rest[at+1:]
	}
	c.end(t)
	noCanaryOnDisk(t, c.dir, "kanarček")
}

// leaves has the package written onto a disk, and a link made and ended.
func (c *counterBox) leaves() {
	t := c.t
	t.Helper()
	c.types(1, []string{"is no folder that is there: mount the disk first"}, "package", "deliver", c.id, "--to", filepath.Join(t.TempDir(), "nowhere"), "--recipient", "PP Primer", "--warned")
	c.types(1, []string{"nobody has taken the whole package out yet", "varuh package deliver ID"}, "package", "handover", c.id, "--recipient", "PP Primer", "--known", "izkaznica", "--medium", "USB 7", "--warned")
	c.types(1, []string{"nothing is handed over before the recipient is warned"}, "package", "handover", c.id, "--recipient", "PP Primer", "--known", "izkaznica", "--medium", "USB 7")
	c.types(1, []string{"is on a disk of this machine", "--folder"}, "package", "deliver", c.id, "--to", t.TempDir(), "--recipient", "PP Primer", "--medium", "USB 7", "--warned")
	c.types(0, []string{"verified it there", "Remove it there", "varuh package handover ID", "--dir"}, "package", "deliver", c.id, "--to", t.TempDir(), "--recipient", "PP Primer", "--medium", "USB 7", "--folder", "--warned")
	c.types(1, []string{"nothing is handed over before the recipient is warned"}, "package", "link", "issue", c.id, "--recipient", "Zavarovalnica", "--until", "2026-11-25")
	until := time.Now().In(c.entrance.d.eraser.zone()).AddDate(0, 0, 7).Format(time.DateOnly) // of which as much is left as there was of today
	out := c.types(0, []string{"https://video.sola.example/pickup#", "2 times", "Seven days from now are the most", "varuh package link end ID"}, "package", "link", "issue", c.id, "--recipient", "Zavarovalnica", "--until", until, "--uses", "2", "--warned")
	link := regexp.MustCompile(`link end \S+ ([0-9]+)`).FindStringSubmatch(out)[1]
	st := c.status()
	if gauged(st)["package_links"] != 1 || !strings.Contains(st.table(), "staged, taken out") {
		t.Errorf("the status says %+v", st.Packages)
	}
	shown, err := c.shownStatus(t.Context())
	must(t, err)
	text, err := json.Marshal(shown)
	must(t, err)
	if len(shown.Packages) != 1 || shown.Packages[0].Links != 1 || strings.Contains(string(text), c.id) || strings.Contains(string(text), "2302-55") {
		t.Errorf("the pages say %s", text)
	}
	c.types(0, []string{link}, "package", "link", "list", c.id)
	c.types(0, []string{"is ended"}, "package", "link", "end", c.id, link)
	c.types(1, []string{"there is no such link", "varuh package link list ID"}, "package", "link", "end", c.id, link)
	c.types(0, []string{"There is no link"}, "package", "link", "list", c.id)
}

// A request that came orally gets its paper by a command, once; a file of which nobody knows is refused before anybody is asked.
func TestPaperByCommand(t *testing.T) {
	t.Parallel()
	c := startCounter(t)
	out := c.types(0, []string{"is complete, paper pending", "varuh request scan"}, "request", "add", c.file(`"paper"`, `"oral"`))
	c.id = strings.Fields(out)[slices.Index(strings.Fields(out), "Request")+1]
	if out := c.does(t, typedLines(), 1, "request", "scan", c.id, filepath.Join(t.TempDir(), "none.pdf"), "--as", "ravnatelj"); !strings.Contains(out, "couldn't read the scan") || strings.Contains(out, "assword") {
		t.Errorf("a scan that is not there: %s", out)
	}
	large := filepath.Join(t.TempDir(), "large.pdf")
	must(t, errors.Join(os.WriteFile(large, []byte("%PDF-"), 0o600), os.Truncate(large, 1<<30)))
	c.types(1, []string{"has at most 20.0 MiB"}, "request", "scan", c.id, large)
	c.types(0, []string{"is complete; entry"}, "request", "scan", c.id, c.scanned("listina"))
	c.types(1, []string{"no paper is awaited", "varuh request show ID"}, "request", "scan", c.id, c.scanned("listina"))
	c.types(0, []string{"You have shown nothing for this request yet"}, "request", "viewings", c.id)
	c.end(t)
	c.does(t, typedLines(goodPassword), 1, "request", "scan", c.id, c.scanned("listina"), "--as", "ravnatelj")
}

// Each command about requests and packages has an example in its help that the program takes.
func TestExamplesOfCommands(t *testing.T) {
	t.Parallel()
	var c cli
	p, err := kong.New(&c)
	must(t, err)
	seen := 0
	for _, leaf := range p.Model.Leaves(true) {
		path := leaf.Path()
		if !strings.HasPrefix(path, "request ") && !strings.HasPrefix(path, "package ") || len(leaf.Positional) == 0 {
			continue
		}
		_, line, found := strings.Cut(leaf.Detail, "\n  varuh ")
		if !found {
			if !slices.Contains([]string{"show"}, leaf.Name) {
				t.Errorf("%s has no example", path)
			}
			continue
		}
		seen++
		var again cli
		parser, err := kong.New(&again)
		must(t, err)
		got, err := parser.Parse(shellWords(t, line))
		if err != nil {
			t.Errorf("%s: %q: %v", path, line, err)
			continue
		}
		if got.Selected().Path() != path || reflect.DeepEqual(again, cli{}) {
			t.Errorf("%s has the example of %s", path, got.Selected().Path())
		}
	}
	if seen < 15 {
		t.Errorf("only %d examples were found", seen)
	}
}

// shellWords are the words of a line as a shell makes them.
func shellWords(t *testing.T, line string) (words []string) {
	t.Helper()
	for _, found := range regexp.MustCompile(`'[^']*'|[^ '\n]+`).FindAllString(line, -1) {
		words = append(words, strings.Trim(found, "'"))
	}
	return words
}
