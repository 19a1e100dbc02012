package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"text/tabwriter"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

type keysShowCmd struct{}

// Run shows the public keys. It needs no lock: the file is replaced as a whole.
func (keysShowCmd) Run(cli *cli, term terminal) error {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(cfg.State))
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tFOR\tSINCE\tPUBLIC KEY")
	showKeys(w, public, "")
	own, err := keyring.ReadPublic(durable.OS, diaryPublicFile(cfg.State))
	switch {
	case err == nil:
		showKeys(w, own, "the diary's ")
	case !errors.Is(err, fs.ErrNotExist): // an appliance made before there were diaries
		return fmt.Errorf("the keys of the diary: %w", err)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	switch {
	case public.Rotating() || own.Rotating():
		_, err = fmt.Fprintln(term.out, "A rotation was begun and is not finished: run varuh keys rotate again.")
	case cfg.Unlock == configs.UnlockAuto:
		_, err = fmt.Fprintf(term.out, "The private reading key is expected in %s.\n", cfg.Key)
	default:
		_, err = fmt.Fprintln(term.out, "A log-in of somebody who has the keys opens footage and diary, or the recovery words do.")
	}
	return err
}

// showKeys lists public keys; whose is "" for the footage's.
func showKeys(w io.Writer, public keyring.Public, whose string) {
	for _, e := range public.Keys {
		use := whose + string(e.Use)
		if e.Retiring {
			use += " (being replaced)"
		}
		fmt.Fprintf(w, "%v\t%s\t%s\t%v\n", e.ID, use, e.Since.Format("2006-01-02"), e.Key)
	}
}
