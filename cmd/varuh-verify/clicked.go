package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// start runs the program for whoever started it. Started with the mouse it keeps its window until Enter is pressed.
func (p *program) start(ctx context.Context, args []string) int {
	code := p.run(ctx, args)
	if p.clicked {
		fmt.Fprint(p.out, "\nZa konec pritisnite Enter. / Press Enter to close.")
		if _, err := readLine(p.in); err != nil {
			return code // nobody can press it
		}
	}
	return code
}

// maxBeside is how many files are looked at to find the package.
const maxBeside = 1000

// beside is the package that lies where the program does: the folder that it is in, or the one folder or archive in that. Where
// that folder looks like a package, it is the one that is looked at, be there another one in it.
func (p *program) beside() ([]string, error) {
	if isPackage(os.DirFS(p.home), ".") {
		return []string{p.home}, nil
	}
	dir, err := os.Open(p.home)
	if err != nil {
		return nil, nil // nothing is found, which the usage tells what to do about
	}
	list, err := dir.ReadDir(maxBeside)
	if err := errors.Join(ignoreEnd(err), dir.Close()); err != nil {
		return nil, nil
	}
	var found []string
	for _, e := range list {
		if ofPackage(e.Name()) {
			return []string{p.home}, nil
		}
		name := filepath.Join(p.home, e.Name())
		if e.IsDir() && isPackage(os.DirFS(name), ".") || strings.EqualFold(filepath.Ext(name), ".zip") && e.Type().IsRegular() && archivesPackage(name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	if len(found) > 1 {
		return nil, refuse(nil, "Ob programu je več paketov (%[1]s in %[2]s). Enega z miško povlecite na ikono programa.",
			"There is more than one package beside the program (%[1]s and %[2]s). Drag one of them onto its icon.", filepath.Base(found[0]), filepath.Base(found[1]))
	}
	return found, nil
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// archivesPackage tells whether a file is an archive with a package in it, by its names: they can be read without the
// passphrase.
func archivesPackage(name string) bool {
	z, err := zip.OpenReader(name)
	if err != nil {
		return false
	}
	found := slices.ContainsFunc(z.File, func(f *zip.File) bool {
		name := "/" + strings.ReplaceAll(f.Name, `\`, "/") // some programs of Windows write it so
		return slices.ContainsFunc(evidence.Marks, func(mark string) bool { return strings.HasSuffix(name, "/"+mark) })
	})
	return z.Close() == nil && found
}

// keep writes the report where whoever sits there finds it: beside the package, never in it, or else in his own folder.
func (p *program) keep(page []byte) {
	var wrong error
	for _, dir := range p.places() {
		name, err := writeNew(dir, page)
		if err == nil {
			fmt.Fprint(p.out, "\n", fold("", "Poročilo je v datoteki "+proof.Printable(name)+" / The report is in that file."))
			return
		}
		wrong = errors.Join(wrong, err)
	}
	p.explainReport(wrong)
}

// places are where a report may be kept, the best first.
func (p *program) places() (list []string) {
	if at, err := filepath.Abs(p.looked); err == nil && filepath.Dir(at) != at {
		list = append(list, filepath.Dir(at))
	}
	if home, err := os.UserHomeDir(); err == nil {
		list = append(list, home)
	}
	return list
}

// reportName is that of the report, without its ending.
const reportName = "preverjanje"

// writeNew writes a report into a folder, over none that is there.
func writeNew(dir string, page []byte) (string, error) {
	for n := 1; ; n++ {
		name := filepath.Join(dir, reportName+".html")
		if n > 1 {
			name = filepath.Join(dir, fmt.Sprintf("%s-%d.html", reportName, n))
		}
		if err := writeReport(name, page); n == 1000 || !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// writeReport writes a file that is not there yet; what could not be written as a whole is removed.
func writeReport(name string, page []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(page)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

func (p *program) explainReport(err error) {
	fmt.Fprint(p.err, "\n", fold("", "Poročila ni mogoče zapisati. Zgornji izpis velja. / The report can't be written. What is said above holds."))
	if err != nil {
		fmt.Fprint(p.err, fold("", "(varuh-verify: "+proof.Printable(err.Error())+")"))
	}
}
