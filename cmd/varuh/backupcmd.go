package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"text/tabwriter"
	"time"

	"varuh/configs"
	"varuh/retention"
	"varuh/retention/copies"
)

type backupMakeCmd struct {
	To     string `arg:"" help:"Folder on another disk, such as a USB stick." type:"path" placeholder:"DIR"`
	Keep   string `help:"For how long this copy is kept: 1d to 1y. You are reminded then to destroy it." default:"35d" placeholder:"TERM"`
	Reason string `help:"Why you make it. It is entered, too." placeholder:"TEXT"`
	who
}

// backupOrder asks for a backup, for the list, or says that a copy is destroyed.
type backupOrder struct {
	who
	To        string `json:"to,omitempty"`
	Keep      string `json:"keep,omitempty"`
	Destroyed *int64 `json:"destroyed,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// backupPath is where it is asked.
const backupPath = "/backup"

// kind tells the three apart.
func (o backupOrder) kind() string {
	switch {
	case o.Destroyed != nil:
		return "destroyed"
	case o.To != "":
		return "make"
	}
	return ""
}

// backupAnswer is what came of it.
type backupAnswer struct {
	Made   *copies.Copy  `json:"made,omitempty"`
	Copies []copies.Copy `json:"copies"` // that nobody knows to be gone
	Now    time.Time     `json:"now"`
}

// Run makes a backup, here or in the daemon, which goes on recording.
func (c backupMakeCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askBackup(ctx, cli, term, backupOrder{who: c.who, To: c.To, Keep: c.Keep, Reason: c.Reason})
	if err != nil {
		return err
	}
	m := a.Made
	if !m.Apart {
		fmt.Fprintf(term.err, "warning: %s is on the same disk as the state folder: whoever loses the one loses the other; make another on another disk\n", m.Dir)
	}
	_, err = fmt.Fprintf(term.out, "Made %s (%s).\nSHA-256 %s\nThe recovery words open it. It may hold keys of footage that is erased from now on: destroy it by %s, and say so\nwith varuh backup destroyed %d.\n",
		m.Path(), size(uint64(m.Bytes)), m.SHA256, m.Until.UTC().Format(time.DateOnly), m.ID)
	return err
}

type backupListCmd struct{}

// Run lists the copies that keys may be in.
func (backupListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askBackup(ctx, cli, term, backupOrder{})
	if err != nil {
		return err
	}
	if len(a.Copies) == 0 {
		_, err := fmt.Fprintln(term.out, "There is no copy.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COPY\tMADE (UTC)\tHOLDS KEYS UNTIL (UTC)\tENVELOPE\tSIZE\tFILE")
	for _, c := range a.Copies {
		note := ""
		switch {
		case c.Cut:
			note = " (a part that was cut off)"
		case c.Overdue(a.Now):
			note = " (OVERDUE: destroy it)"
		}
		bytes := ""
		if c.Bytes > 0 {
			bytes = size(uint64(c.Bytes))
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s%s\n", c.ID, c.Made.UTC().Format("2006-01-02 15:04"), c.Until.UTC().Format(time.DateOnly), cmp.Or(c.Key, "-"), cmp.Or(bytes, "-"), plain(c.Path()), note)
	}
	return w.Flush()
}

type backupDestroyedCmd struct {
	Copy   int64  `arg:"" help:"Number of the copy, see varuh backup list." placeholder:"COPY"`
	Reason string `help:"How it was destroyed. It is entered, too." required:"" placeholder:"TEXT"`
	who
}

// Help is what "varuh backup destroyed --help" says beside that.
func (backupDestroyedCmd) Help() string {
	return "This deletes nothing: destroy the copy first, such as the stick that it is on, then say so. A file that is still at its path is not believed to be destroyed."
}

// Run enters that a copy is destroyed, once its file is not seen here: the daemon may not see the disks that this does.
func (c backupDestroyedCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	known, err := askBackup(ctx, cli, term, backupOrder{})
	if err != nil {
		return err
	}
	if err := notThere(known.Copies, c.Copy); err != nil {
		return err
	}
	if _, err := askBackup(ctx, cli, term, backupOrder{who: c.who, Destroyed: &c.Copy, Reason: c.Reason}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Entered: the copy %d is destroyed.\n", c.Copy)
	return err
}

// notThere refuses to take a copy for destroyed whose file, or a part of it, is still where it was made. Where its disk is
// away nobody here can tell.
func notThere(list []copies.Copy, id int64) error {
	for _, c := range list {
		if c.ID != id {
			continue
		}
		for _, path := range []string{c.Path(), c.Path() + ".part"} {
			if _, err := os.Lstat(path); err == nil {
				return fmt.Errorf("the copy %d is still in %s, and nothing was entered: delete that file first, then say this again", id, path)
			}
		}
	}
	return nil
}

// askBackup has an order carried out here, or by the daemon that holds the site.
func askBackup(ctx context.Context, cli *cli, term terminal, o backupOrder) (a backupAnswer, err error) {
	if o, err = o.checked(); err != nil {
		return a, err
	}
	err = loggedIn(cli, term, backupPath, &o, func() error {
		return onSite(ctx, cli, term, func(s *site) error {
			return s.withDesk(ctx, false, term, func(k desk) error {
				wrong, err := mendCopies(ctx, k.diary)
				for _, w := range wrong {
					fmt.Fprintln(term.err, "warning: the list of copies was changed beside varuh, and is put right:", w)
				}
				if err != nil {
					return err
				}
				return s.forWhom(ctx, k.diary, backupPath, &o, func() (err error) {
					a, err = o.carryOut(ctx, s.backupMaker(k.diary, func() []configs.Camera { return s.cfg.Cameras }))
					return err
				})
			})
		}, func(state string) error { return askFor(ctx, state, backupPath, o, &a) })
	})
	return a, err
}

// checked is an order as it is entered, or what is wrong with it.
func (o backupOrder) checked() (_ backupOrder, err error) {
	if o.Reason, err = said("--reason", o.Reason); err != nil {
		return o, err
	}
	if o.Destroyed != nil && o.Reason == "" {
		return o, errors.New("who destroyed the copy, and how, is entered in the diary: give --reason TEXT")
	}
	if o.To != "" {
		if _, err := retention.ParseTerm(o.Keep); err != nil {
			return o, fmt.Errorf("--keep: %w", err)
		}
	}
	return o, nil
}

// carryOut carries a checked order out, and lists the copies.
func (o backupOrder) carryOut(ctx context.Context, m *copies.Maker) (a backupAnswer, err error) {
	a.Now = m.Now()
	if o.by.Name != "" {
		m = m.In(&copies.Register{Diary: copyBook{m.Register.Diary.(copyBook).diary, &o.by}})
	}
	switch {
	case o.Destroyed != nil:
		list, err := m.Register.List(ctx)
		if err == nil {
			err = notThere(list, *o.Destroyed)
		}
		if err != nil {
			return a, err
		}
		if err := m.Register.End(ctx, *o.Destroyed, copies.Entry{Op: copies.OpDestroyed, Actor: o.by.Name, Reason: o.Reason}); err != nil {
			return a, err
		}
	case o.To != "":
		var made copies.Copy
		keep, wrong := retention.ParseTerm(o.Keep)
		if wrong != nil {
			return a, wrong
		}
		made, err = m.Make(ctx, copies.Order{Dir: o.To, Keep: keep, Actor: o.by.Name, Reason: o.Reason})
		a.Made = &made
	}
	if err != nil {
		return a, err
	}
	a.Copies, err = m.Register.List(ctx)
	return a, err
}

// answerBackup serves POST /backup.
func (d *Daemon) answerBackup(w http.ResponseWriter, r *http.Request) {
	var o backupOrder
	err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&o)
	if err == nil {
		o, err = o.checked()
	}
	if err != nil {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	m, err := d.backups.use()
	if err != nil {
		d.refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	d.carryOut(w, r, backupPath, &o, func() error {
		a, err := o.carryOut(r.Context(), m)
		if err != nil {
			d.refuse(w, http.StatusForbidden, err)
			return nil
		}
		d.backups.look(r.Context())
		d.answer(w, a)
		return nil
	})
}
