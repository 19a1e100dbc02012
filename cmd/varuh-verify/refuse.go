package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary/proof"
)

// refusal is why nothing could be checked, and what to do, in two languages. What lies beneath is for those who
// look after the program.
type refusal struct {
	proof.Sentence
	err error // nil if there is nothing more to say
}

// Error implements error.
func (r refusal) Error() string {
	if r.err == nil {
		return r.EN
	}
	return r.EN + ": " + r.err.Error()
}

// Unwrap gives what lies beneath.
func (r refusal) Unwrap() error { return r.err }

// refuse says the same in two languages; err may be nil.
func refuse(err error, sl, en string, values ...any) error {
	return refusal{proof.Sentence{SL: fmt.Sprintf(sl, values...), EN: fmt.Sprintf(en, values...)}, err}
}

// explain says why nothing could be checked: in Slovenian, then in English.
func (p *program) explain(err error) {
	r := inPlain(err)
	fmt.Fprint(p.err, hang("Ni bilo mogoče preveriti. "+proof.Printable(r.SL)))
	fmt.Fprint(p.err, "\n", hang("It could not be checked. "+proof.Printable(r.EN)))
	for inner := (refusal{}); errors.As(r.err, &inner); {
		r.err = inner.err // its sentence would repeat ours
	}
	if r.err != nil {
		fmt.Fprint(p.err, "\n", hang("(varuh-verify: "+proof.Printable(r.err.Error())+")"))
	}
}

// inPlain finds the sentence for an error that has none of its own.
func inPlain(err error) refusal {
	var said refusal
	if errors.As(err, &said) {
		return said
	}
	for _, kind := range kinds {
		if errors.Is(err, kind.err) {
			return refusal{kind.Sentence, err}
		}
	}
	return refusal{proof.Sentence{SL: "Datoteke ni bilo mogoče prebrati do konca.", EN: "A file could not be read to its end."}, err}
}

// kinds are the sentences for errors of reading.
var kinds = []struct {
	err error
	proof.Sentence
}{
	{context.Canceled, proof.Sentence{SL: "Preverjanje je bilo prekinjeno.", EN: "It was interrupted."}},
	{proof.ErrVersion, proof.Sentence{SL: "To je zapisal novejši varuh: potrebujete novejši varuh-verify.", EN: "A newer varuh wrote this: you need a newer varuh-verify."}},
	{aeszip.ErrPassphrase, proof.Sentence{SL: "Geslo ni pravo. Preverite velike in male črke ter vezaje.", EN: "The passphrase is wrong. Mind capital letters and hyphens."}},
	{aeszip.ErrAuthentic, proof.Sentence{SL: "Šifrirana datoteka je bila spremenjena ali ni prenesena do konca.", EN: "The encrypted file was changed, or not downloaded to its end."}},
	{aeszip.ErrUnsupported, proof.Sentence{
		SL: "Ta ZIP je šifriran drugače, kot šifrira varuh. Razširite ga s programom 7-Zip in podajte mapo, ki nastane.",
		EN: "This ZIP is encrypted in another way than varuh's. Unpack it with 7-Zip, and give the folder that this makes."}},
	{errIrregular, proof.Sentence{SL: "V mapi svežnja ali paketa je nekaj, kar ni navadna datoteka (morda cev ali naprava). Razširite ZIP znova.", EN: "In the folder of the bundle or package is what is no regular file (perhaps a pipe or a device). Unpack the ZIP again."}},
	{zip.ErrFormat, broken},
	{zip.ErrChecksum, broken},
	{io.ErrUnexpectedEOF, broken},
	{fs.ErrPermission, proof.Sentence{SL: "Te datoteke ne smete brati.", EN: "You are not allowed to read this file."}},
	{fs.ErrNotExist, proof.Sentence{
		SL: "V svežnju manjka datoteka: ni prenesen ali razširjen v celoti. Prenesite ga znova.",
		EN: "A file of the bundle is missing: it was not downloaded or unpacked as a whole. Download it again."}},
	{proof.ErrFormat, proof.Sentence{SL: "Datoteka v svežnju ni v pravi obliki: bila je spremenjena ali poškodovana.", EN: "A file of the bundle is not in its format: it was changed or damaged."}},
	{proof.ErrCanonical, proof.Sentence{SL: "Datoteka v svežnju ni v pravi obliki: bila je spremenjena ali poškodovana.", EN: "A file of the bundle is not in its format: it was changed or damaged."}},
}

var broken = proof.Sentence{
	SL: "Datoteka ZIP je poškodovana ali ni prenesena do konca. Prenesite ali kopirajte jo znova.",
	EN: "The ZIP file is damaged, or was not downloaded to its end. Download or copy it again."}
