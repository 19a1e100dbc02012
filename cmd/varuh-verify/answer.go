package main

import (
	"encoding/json"
	"errors"
	"io"

	"varuh/accesslog/diary/proof"
)

// answer is what --json prints: one object, whatever came of it. With --list "entries" stands first in it, a list that
// is written as it is verified.
type answer struct {
	Verdict string   `json:"verdict"`           // see verdicts
	Checked string   `json:"checked,omitempty"` // the folder that was, where it is not what was given
	Error   *trouble `json:"error,omitempty"`
	*proof.Report
	Findings []finding `json:"findings,omitempty"` // those of the report
}

// verdicts are the exit statuses in a word.
var verdicts = map[int]string{exitGood: "good", exitBad: "bad", exitUnchecked: "unchecked", exitUnconfirmed: "unconfirmed", exitNewer: "newer"}

// trouble is why it could not be checked.
type trouble struct {
	proof.Sentence
	Detail string `json:"detail,omitempty"` // for those who look after the program
}

// finding is one that says whether it keeps the diary from being called good.
type finding struct {
	proof.Finding
	Unsettled bool `json:"unsettled"`
}

// fail says why nothing could be checked, and returns the exit status.
func (p *program) fail(wrong error) int {
	code := exitUnchecked
	if errors.Is(wrong, proof.ErrVersion) {
		code = exitNewer
	}
	p.explain(wrong)
	if !p.json {
		return code
	}
	r := inPlain(wrong)
	t := &trouble{Sentence: r.Sentence}
	if r.err != nil {
		t.Detail = r.err.Error()
	}
	if err := p.printJSON(answer{Verdict: verdicts[code], Error: t}); err != nil {
		return p.unprinted(err)
	}
	return code
}

// reportJSON is the report for programs.
func (p *program) reportJSON(r *proof.Report) error {
	a := answer{Verdict: verdicts[p.exitOf(r)], Checked: p.checked, Report: r}
	for _, f := range r.Findings {
		a.Findings = append(a.Findings, finding{f, f.Unsettled()})
	}
	return p.printJSON(a)
}

// printJSON ends the object that --list has begun, or writes it as a whole.
func (p *program) printJSON(a answer) error {
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	switch {
	case p.listed > 0:
		b = append([]byte("\n  ],"), b[len("{"):]...)
	case p.list:
		b = append([]byte("{\n  \"entries\": [],"), b[len("{"):]...)
	}
	_, err = p.out.Write(append(printable(b), '\n'))
	return err
}

// printLine is an entry of --list: a line of its own, or the next of the list in the object.
func (p *program) printLine(line []byte) error {
	var before, after string
	switch {
	case !p.json:
		after = "\n"
	case p.listed == 0:
		before = "{\n  \"entries\": [\n    "
	default:
		before = ",\n    "
	}
	p.listed++
	_, err := io.WriteString(p.out, before+string(printable(line))+after)
	return err
}
