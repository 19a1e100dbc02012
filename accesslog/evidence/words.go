package evidence

import (
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
)

// causes are those of gaps, in the words of the program's pages.
var causes = map[string]proof.Sentence{
	"stopped":      {SL: "naprava ni delovala", EN: "the appliance was not running"},
	"schedule":     {SL: "po urniku se ne snema", EN: "the schedule says not to record"},
	"removed":      {SL: "kamera je bila odstranjena iz nastavitev", EN: "the camera was taken out of the settings"},
	"changed":      {SL: "nastavitve kamere so se spremenile", EN: "the camera's settings were changed"},
	"unreachable":  {SL: "kamera se ne odziva", EN: "the camera does not answer"},
	"unauthorized": {SL: "kamera zavrača geslo", EN: "the camera refuses the password"},
	"format":       {SL: "kamera pošilja, česar ni mogoče snemati", EN: "the camera sends what can't be recorded"},
	"silent":       {SL: "kamera ne pošilja slike", EN: "the camera sends no picture"},
	"camera":       {SL: "kamera je prekinila pošiljanje", EN: "the camera stopped sending"},
	"stuck":        {SL: "povezava s kamero se je zataknila", EN: "the line to the camera hung"},
	"disk":         {SL: "disk ni mogel zapisovati", EN: "the disk could not be written"},
	"reserve":      {SL: "disk je bil poln", EN: "the disk was full"},
	"clock":        {SL: "ura je bila premaknjena naprej, posnetek ne manjka", EN: "the clock was set forward, no footage is missing"},
	"before":       {SL: "kamera takrat še ni snemala", EN: "the camera had not recorded before"},
	"untold":       {SL: "naprava ne pove, zakaj", EN: "the appliance does not say why"},
	"erased":       {SL: "posnetek je bil izbrisan", EN: "the footage was erased"},
	"restricted":   {SL: "obdelava posnetka je omejena", EN: "processing of the footage is restricted"},
	"unreadable":   {SL: "posnetka ni mogoče prebrati", EN: "the footage can't be read"},
}

// CauseInWords is the cause of a gap; one that nobody here knows is told as it is.
func CauseInWords(cause string) proof.Sentence {
	if s, ok := causes[cause]; ok {
		return s
	}
	return proof.Sentence{SL: cause, EN: cause}
}

// WholePictures says why a clip begins before the time that was asked for.
var WholePictures = proof.Sentence{SL: "Posnetek se začne z zadnjo celo sliko pred zahtevanim časom in konča s koncem odlomka, zato je lahko nekaj sekund daljši, kot je bilo zahtevano.",
	EN: "A clip begins with the last whole picture before the time that was asked for, and ends with a fragment, so it can be some seconds longer than that."}

// codecs are the sample descriptions of clips, as people call them.
var codecs = map[string]string{"avc1": "H.264", "hvc1": "H.265", "mp4v": "Motion JPEG", "mp4a": "AAC", "Opus": "Opus", "alaw": "G.711", "ulaw": "G.711"}

// CodecInWords is what the sample description of a track is of, as people call it.
func CodecInWords(entry string) string {
	if name, ok := codecs[entry]; ok {
		return name
	}
	return entry
}

// SecondsInWords is a duration of clocks, to the millisecond: in Slovenian with a comma, where 2.000 would be two thousand.
func SecondsInWords(d time.Duration) proof.Sentence {
	s := fmt.Sprintf("%.3f s", d.Seconds())
	return proof.Sentence{SL: strings.Replace(s, ".", ",", 1), EN: s}
}
