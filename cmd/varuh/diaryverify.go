package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

type diaryVerifyCmd struct {
	Held  []string `help:"File with a checkpoint that was kept outside the appliance, or the page that was printed; may be given several times." type:"path" placeholder:"FILE"`
	Words bool     `help:"Open the entries with the recovery words; only while varuh is stopped."`
	JSON  bool     `name:"json" help:"Print the report as JSON."`
	who
}

// Help is what "varuh diary verify --help" says beside that.
func (diaryVerifyCmd) Help() string {
	return "Each entry is opened, where its key is at hand, and held against the hash that was signed. What it says is shown to nobody, so this makes no entry. " +
		"The exit status is 1 if anything is wrong, if the diary went back and two persons have not accepted that, or if it could not be held against a checkpoint that was given."
}

// diaryReport is what verifying the diary in its place came to: what varuh-verify finds, and what only the
// appliance can see.
type diaryReport struct {
	*proof.Report
	Contents contents `json:"contents"`
	Fault    string   `json:"fault,omitempty"`   // that it went back, which nobody has accepted
	Strange  []string `json:"strange,omitempty"` // what else does not fit in the database
}

// contents is what came of looking behind the leaves.
type contents struct {
	Entries int64  `json:"entries"`          // that were looked at
	Closed  string `json:"closed,omitempty"` // why they were not opened, so that only what is there was looked at
	Bad     int64  `json:"bad"`
	Flaws   []flaw `json:"flaws,omitempty"` // the first of them
}

// flaw is what is wrong with an entry.
type flaw struct {
	Entry int64  `json:"entry"`
	EN    string `json:"en"`
}

// maxFlaws bounds what is collected of a diary that is damaged everywhere; maxNamed of them are told.
const maxFlaws = 10_000

func (c *contents) flaw(i int64, err error) {
	if c.Bad++; len(c.Flaws) < maxFlaws {
		c.Flaws = append(c.Flaws, flaw{i, strings.TrimPrefix(err.Error(), diary.ErrDamaged.Error()+": ")})
	}
}

// Bad tells whether anything is wrong, or was found and accepted by nobody.
func (r *diaryReport) Bad() bool {
	return r.Report.Bad() || r.Unsettled() || r.Contents.Bad > 0 || r.Fault != "" || len(r.Strange) > 0
}

// Run checks the diary as varuh-verify does, here. Whoever does not trust this machine exports it and checks
// it elsewhere.
func (c diaryVerifyCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := diaryOrder{who: c.who, InPerson: c.As != ""}
	for _, name := range c.Held {
		b, err := readHeld(name)
		if err != nil {
			return err
		}
		o.Held = append(o.Held, string(b))
	}
	report := new(diaryReport)
	err := onDesk(ctx, cli, term, c.Words, func(k desk) (err error) {
		report, err = k.verify(ctx, o.Held)
		return err
	}, "/diary/verify", &o, func(r io.Reader) error { return decodeAnswer(r, report) })
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(term.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	} else {
		_, err = io.WriteString(term.out, report.text())
	}
	switch {
	case err != nil:
		return err
	case report.Bad():
		return errSaid
	case len(o.Held) > 0 && report.Complete.State != proof.Yes:
		return errNotCompared
	}
	return nil
}

// errNotCompared is returned where a comparison was asked for and could not be made.
var errNotCompared = errors.New("nothing wrong was found, but the diary could not be held against every checkpoint that was given: the lines above say why")

// verify checks the whole diary, against checkpoints that were kept. It shows nothing of what entries say,
// and enters nothing.
func (k desk) verify(ctx context.Context, held []string) (*diaryReport, error) {
	r := &diaryReport{}
	s := &shelf{ctx: ctx, diary: k.diary, small: map[string][]byte{}, rest: map[string][]byte{}, flawed: r.Contents.flaw, told: k.told}
	if k.keys != nil {
		s.opener = k.diary.Opener(k.keys)
	} else {
		r.Contents.Closed = k.closed.Error()
	}
	if err := k.diary.Export(ctx, s, diary.Export{Stays: true}); err != nil {
		return nil, err
	}
	about, err := proof.ParseAbout(bytes.TrimSuffix(s.small[proof.AboutFile], []byte("\n")))
	if err != nil {
		return nil, err
	}
	if err := r.look(s, about); err != nil {
		return nil, err
	}
	o := proof.VerifyOptions{Latest: true}
	for _, text := range held {
		o.Held = append(o.Held, []byte(text))
	}
	if r.Report, err = proof.VerifyBundle(ctx, s, o); err != nil {
		return nil, err
	}
	if now := k.diary.Head().Cut; now > about.From {
		return nil, fmt.Errorf("entries before %d were destroyed at the end of their term while the diary was checked: check it once more", now)
	}
	if s.failed != nil {
		return nil, s.failed
	}
	r.Strange = k.diary.Complaints()
	r.settle(k.fault())
	return r, nil
}

// look sees to what there is behind every leaf, and divides the shelf into chunks. Where nothing is opened,
// this is all that is known of bodies.
func (r *diaryReport) look(s *shelf, about proof.About) error {
	entries, size := int64(0), int64(0)
	for p, err := range s.diary.Parts(s.ctx, 0, about.To) {
		if err != nil {
			return err
		}
		r.Contents.Entries++
		if p.Index < about.From && s.opener != nil && p.Err == nil { // kept by a pin: no bundle has it
			if _, _, p.Err = s.opener.Open(s.ctx, p.Index); p.Err != nil && !diary.Unreadable(p.Err) {
				return p.Err
			}
		}
		if p.Err != nil && (s.opener == nil || p.Index < about.From) {
			r.Contents.flaw(p.Index, p.Err)
		}
		if p.Index < about.From {
			continue
		}
		if len(s.firsts) == 0 || entries == proof.ChunkEntries || size >= proof.ChunkBytes {
			s.firsts, entries, size = append(s.firsts, p.Index), 0, 0
		}
		entries, size = entries+1, size+p.Bytes
	}
	s.firsts = append(s.firsts, about.To)
	if err := s.diary.Strays(s.ctx); errors.Is(err, diary.ErrDamaged) {
		r.Contents.flaw(about.To, err)
	} else if err != nil {
		return err
	}
	return nil
}

// settle puts together what was found.
func (r *diaryReport) settle(fault string) {
	r.Fault = fault
	slices.SortFunc(r.Contents.Flaws, func(a, b flaw) int { return cmp.Compare(a.Entry, b.Entry) })
	r.Contents.Flaws = r.Contents.Flaws[:min(len(r.Contents.Flaws), maxNamed)]
	// What is not in a bundle that nobody wrote is told by Contents.
	r.Findings = slices.DeleteFunc(r.Findings, func(f proof.Finding) bool { return f.Code == proof.CodeWithheld })
	for i, f := range r.Findings {
		if f.Code == proof.CodeNewOrigin && f.Index != nil { // it would name persons, for whom somebody must answer who reads
			r.Findings[i].Sentence = proof.Sentence{
				SL: fmt.Sprintf("Dnevnik se od zapisa %d nadaljuje pod novim imenom in z novim ključem. Zakaj in kdo je to potrdil: varuh diary show %[1]d.", *f.Index),
				EN: fmt.Sprintf("From entry %d on the diary goes on under a new name and with a new key. Why, and who accepted that: varuh diary show %[1]d.", *f.Index),
			}
		}
	}
}

// verifyBundle checks a bundle in memory.
func verifyBundle(ctx context.Context, bundle []byte, o proof.VerifyOptions) (*proof.Report, error) {
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		return nil, err
	}
	return proof.VerifyBundle(ctx, z, o)
}
