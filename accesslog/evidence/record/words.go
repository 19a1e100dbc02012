package record

import "varuh/accesslog/pdf"

// The fixed words of the record.
var (
	title = pdf.Text{SL: "Zapisnik o predaji posnetkov", EN: "Record of the handover of footage"}
	intro = pdf.Text{SL: "Predana je kopija posnetkov videonadzora; izvirnik ostane v napravi. Ta zapisnik je napravljen v dveh izvodih, za vsako stran enega.",
		EN: "A copy of video surveillance footage was handed over; the original stays in the appliance. This record is made in two copies, one for each side."}
	proves = pdf.Text{SL: "Da je paket res ta, ki je bil predan, kaže samo ta papir: kdor bi ponaredil ves paket, bi ga podpisal s svojim ključem. Prstni odtis s papirja vpišite v program varuh-verify ali v stran 1_PREBERI.html; oba povesta, ali se ujema.",
		EN: "Only this paper shows that a package is the one that was handed over: whoever forged all of it would sign it with a key of his own. Type the fingerprint from paper into varuh-verify or the page 1_PREBERI.html; both say whether it matches."}
	compute = pdf.Text{SL: "SHA-256 izračuna tudi računalnik sam, brez programov naprave. V ukazni vrstici v mapi paketa:",
		EN: "The computer itself computes the SHA-256, without any program of the appliance. On the command line, in the package's folder:"}
	signing = pdf.Text{SL: "S podpisom prejemnik potrjuje, da je paket prevzel in da je bil opozorjen.", EN: "By signing, the recipient confirms that he received the package and was warned."}
)
