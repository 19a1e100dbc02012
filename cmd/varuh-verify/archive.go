package main

import (
	"archive/zip"
	"slices"
	"strings"
	"unicode/utf8"
)

// settle makes the names in an archive that another program packed anew what they are in one of ours, and refuses what only that
// program reads. It is asked before anything is looked up in the archive; [proof.CheckNames] judges the names that come of it.
func settle(z *zip.Reader) error {
	for _, f := range z.File {
		if !utf8.ValidString(f.Name) {
			f.Name = oldName(f.Name)
		}
		if f.Flags&flagEncrypted == 0 && f.Method != zip.Store && f.Method != zip.Deflate {
			return refuse(zip.ErrAlgorithm, "Ta ZIP je stisnjen na način, ki ga varuh-verify ne bere (tako na primer raziskovalec sistema Windows stisne velike datoteke). Razširite ga s programom, s katerim je narejen, in podajte mapo, ki nastane.",
				"This ZIP is compressed in a way that varuh-verify does not read (so Windows Explorer does with large files, for one). Unpack it with the program that made it, and give the folder that this makes.")
		}
	}
	if slices.ContainsFunc(z.File, func(f *zip.File) bool { return strings.Contains(f.Name, "/") }) {
		return nil // a backslash among these is for nobody a folder's
	}
	for _, f := range z.File {
		f.Name = strings.ReplaceAll(f.Name, `\`, "/")
	}
	return nil
}

// flagEncrypted is the flag of a file in an archive that is. How it is compressed stands elsewhere.
const flagEncrypted = 1

// oldName is a name as programs of Windows write it that know no UTF-8: by the code page of its consoles in Slovenia, 852. No
// name of ours is of other letters than ASCII; people put ours into folders that are.
func oldName(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			b.WriteRune(page852[c-utf8.RuneSelf])
		}
	}
	return b.String()
}

// page852 are the letters of code page 852 from 128 on.
var page852 = []rune("ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐" +
	"└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0")
