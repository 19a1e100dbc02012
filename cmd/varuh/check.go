package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

type footageCheckCmd struct {
	Open bool `help:"Decrypt every record too. Needs the private reading key, or the recovery words."`
}

// checkLine is one line of the socket's answer to /check: a finding, or at last the summary.
type checkLine struct {
	Finding *footage.Finding `json:"finding,omitempty"`
	Checked *footage.Checked `json:"checked,omitempty"`
	Error   string           `json:"error,omitempty"`
}

// Run checks, by the daemon if one runs, and ends with exit code 1 if there was an incident.
func (c footageCheckCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	print := func(f footage.Finding) { fmt.Fprintln(term.out, describe(f)) }
	var sum footage.Checked
	err := onSite(ctx, cli, term, func(s *site) error {
		var keys keyring.Identity
		var err error
		if c.Open {
			if keys, err = s.opener(term); err != nil {
				return err
			}
		}
		ix, err := footage.Open(indexFile(s.cfg.State))
		if err != nil {
			return fmt.Errorf("%w (varuh footage rebuild --dir %s)", err, cli.dir())
		}
		var found findings
		sum, err = check(ctx, s, ix, keys, func(f footage.Finding) {
			found.add(f)
			print(f)
		})
		if e, ok := found.entry(); ok {
			if err := s.enter(ctx, e, term.err); err != nil {
				fmt.Fprintln(term.err, "warning: the incidents could not be entered in the diary:", err)
			}
		}
		return errors.Join(err, ix.Close())
	}, func(state string) (err error) {
		answer, err := ask(ctx, state, "POST", "/check?open="+strconv.FormatBool(c.Open), nil)
		if err != nil {
			return err
		}
		defer answer.Close() // only read
		sum, err = readCheck(answer, print)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Checked %s with %s, %s: %s, %s, %s.\n", count(sum.Segments, "segment", "segments"),
		count(int(sum.Records), "record", "records"), size(uint64(sum.Bytes)), count(sum.Incidents, "incident", "incidents"),
		count(sum.Warnings, "warning", "warnings"), count(sum.Notes, "note", "notes"))
	if err == nil && sum.Incidents > 0 {
		return errSaid
	}
	return err
}

// check runs the check of package footage on a site.
func check(ctx context.Context, s *site, ix *footage.Index, keys keyring.Identity, found func(footage.Finding)) (footage.Checked, error) {
	o := footage.CheckOptions{Open: keys, Found: found}
	public, err := keyring.ReadPublic(durable.OS, publicFile(s.cfg.State)) // a rotation may have changed it
	if err != nil {
		return footage.Checked{}, err
	}
	if !public.Rotating() {
		o.Keys = public.Current()
	}
	return ix.Check(ctx, durable.OS, s.stores, o)
}

// opener is the private key for a check, or the recovery words where there is none.
func (s *site) opener(term terminal) (keyring.Identity, error) {
	if s.cfg.Unlock == configs.UnlockAuto {
		return s.identity()
	}
	k, err := askWords(term, "This appliance is locked; the recovery words open its footage.")
	if err != nil {
		return nil, err
	}
	return keyring.Identity{k}, s.knows(k)
}

// checking is the private key of footage that the daemon has, for a check, which shows nothing of what it opens.
func (s *site) checking() (keyring.Identity, error) {
	if s.cfg.Unlock == configs.UnlockLogin && s.keys != nil {
		return s.keys.FootageAside()
	}
	return s.identity()
}

// knows refuses a recovery key that is not this appliance's.
func (s *site) knows(k keyring.PrivateKey) error {
	for _, e := range s.public.Keys {
		if e.Key == k.Public() {
			return nil
		}
	}
	return errors.New("these are recovery words, but not those of this appliance's present keys; after a rotation only the newest envelope counts")
}

// answerCheck streams findings as they come.
func (d *Daemon) answerCheck(w http.ResponseWriter, r *http.Request) {
	var keys keyring.Identity
	if r.URL.Query().Get("open") == "true" {
		var err error
		if keys, err = d.site.checking(); err != nil {
			d.refuse(w, http.StatusForbidden, fmt.Errorf("%w; open it (varuh unlock), or stop varuh and run the check again, it then asks for the words", err))
			return
		}
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc, out := json.NewEncoder(w), http.NewResponseController(w)
	write := func(l checkLine) {
		if err := errors.Join(enc.Encode(l), out.Flush()); err != nil {
			d.Log.Debug("an answer could not be sent", "err", err) // r's context ends the check
		}
	}
	var found findings
	sum, err := check(r.Context(), d.site, d.index, keys, func(f footage.Finding) {
		found.add(f)
		write(checkLine{Finding: &f})
	})
	if e, ok := found.entry(); ok {
		d.clerk.note(e)
	}
	last := checkLine{Checked: &sum}
	if err != nil {
		last.Error = err.Error()
	}
	write(last)
}

// readCheck reads what answerCheck wrote.
func readCheck(r io.Reader, found func(footage.Finding)) (footage.Checked, error) {
	dec := json.NewDecoder(r)
	for {
		var l checkLine
		if err := dec.Decode(&l); err != nil {
			return footage.Checked{}, fmt.Errorf("the daemon ended in the middle of the check: %w", err)
		}
		if l.Finding != nil {
			found(*l.Finding)
		}
		if l.Checked != nil && l.Error != "" {
			return *l.Checked, errors.New(l.Error)
		}
		if l.Checked != nil {
			return *l.Checked, nil
		}
	}
}
