package web

import (
	"context"
	"errors"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/disclosure/scans"
	"varuh/accesslog/evidence"
	"varuh/accesslog/hold"
	"varuh/accesslog/notice"
	"varuh/accesslog/packing"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
	"varuh/accesslog/playback"
	"varuh/recorder/footage"
	"varuh/retention"
)

// text is something in both languages.
type text struct{ sl, en string }

// in is the text in a language; Slovenian where it is not English.
func (t text) in(language string) string {
	if language == "en" {
		return t.en
	}
	return t.sl
}

// saying is what people are told of an error: with what status, and in which words.
type saying struct {
	err    error
	status int
	id     string // of the problem's type
	title  text   // what is wrong
	detail text   // what to do
	people bool   // what the error says behind its own words is for people, too
}

// What this package itself refuses.
var (
	errUnknown   = errors.New("something went wrong that nobody has foreseen")
	errDiaryDown = errors.New("the database can't be written")
	errNoPage    = errors.New("there is no such page")
	errMethod    = errors.New("the page does not take this method")
	errForeign   = errors.New("a page of another site asks for it")
	errHost      = errors.New("the appliance has no such name")
	errRequest   = errors.New("the request is wrong")
	errLarge     = errors.New("the request is too large")
	errMedia     = errors.New("the body is not JSON")
	errNoCamera  = errors.New("there is no such camera")
	errNoEntry   = errors.New("there is no such entry")
	errNoAim     = errors.New("there is no such aiming picture")
	errAtOnce    = errors.New("too much is asked for at once")
	errOften     = errors.New("too much is asked for in a short time")
	errCodes     = errors.New("too many codes were wrong")
	errScanKind  = errors.New("the file is no scan")
	errScanLarge = errors.New("the scan is too large")
	errSlow      = errors.New("what is sent comes too slowly")
	errNoScan    = errors.New("there is no such scan")
	errSending   = errors.New("too much footage is on its way at once")
)

// sayings are all of them; the first that an error is counts. What is not here is errUnknown.
var sayings = []saying{
	{errUnknown, 500, "unknown", text{"Nekaj je šlo narobe", "Something went wrong"},
		text{"Napaka je zapisana v dnevniku delovanja naprave; povejte vzdrževalcu, kdaj se je zgodila. Snemanje teče naprej.", "The mistake is in the appliance's log: tell the maintainer when it happened. Recording goes on."}, false},
	{errNoPage, 404, "no-page", text{"Te strani ni", "There is no such page"}, text{"Preverite naslov.", "Look at the address."}, false},
	{errMethod, 405, "method", text{"Tega na tem naslovu ni mogoče", "This address does not take that method"}, text{"Dovoljene metode so v glavi Allow.", "The header Allow has those that it takes."}, false},
	{errForeign, 403, "foreign", text{"Zahteva prihaja z druge strani", "The request comes from another site"}, text{"Odprite varuh neposredno, ne prek povezave druge strani.", "Open varuh itself, not through another site."}, false},
	{errHost, 421, "host", text{"Naprava nima tega imena", "The appliance has no such name"}, text{"Uporabite ime ali naslov, ki je v potrdilu naprave.", "Use a name or an address that is in the appliance's certificate."}, false},
	{errLarge, 413, "large", text{"Zahteva je prevelika", "The request is too large"}, text{"Skrajšajte vsebino.", "Make it shorter."}, false},
	{errMedia, 415, "media", text{"Vsebina ni JSON", "The body is not JSON"}, text{"Pošljite jo kot application/json.", "Send it as application/json."}, false},
	{errRequest, 422, "request", text{"Zahteva ni v redu", "The request is wrong"}, text{"Popravite jo.", "Put it right."}, false},
	{errNoCamera, 404, "no-camera", text{"Te kamere ni", "There is no such camera"}, text{"Izberite kamero s seznama.", "Choose one from the list."}, false},
	{errNoAim, 404, "no-aim", text{"Take slike za usmeritev kamere ni", "There is no such aiming picture"}, text{"Preverite kodo in kamero ali prosite zanjo znova.", "Look at code and camera, or ask for it again."}, false},
	{errSending, 429, "sending", text{"Hkrati teče preveč prenosov posnetkov", "Too much footage is on its way at once"}, text{"Zaprite katero od slik in poskusite znova.", "Close one of the pictures, and try again."}, false},
	{errAtOnce, 429, "at-once", text{"Hkrati je zahtevanega preveč", "Too much is asked for at once"}, text{"Počakajte nekaj sekund in poskusite znova.", "Wait a few seconds, and try again."}, false},
	{errOften, 429, "often", text{"V kratkem času je zahtevanega preveč", "Too much is asked for in a short time"}, text{"Vsaka taka zahteva se vpiše v dnevnik. Počakajte in poskusite znova.", "Each of these goes into the diary. Wait, and try again."}, false},
	{errCodes, 429, "codes", text{"Preveč napačnih kod", "Too many codes were wrong"}, text{"Počakajte nekaj minut; kodo preberite z naprave osebe poleg vas.", "Wait some minutes, and read the code from the device of the person beside you."}, false},
	{errNoEntry, 404, "no-entry", text{"Takega zapisa v dnevniku ni", "The diary has no such entry"}, text{"Preverite številko.", "Look at its number."}, false},

	{people.ErrNoSession, 401, "no-session", text{"Niste prijavljeni", "You are not logged in"}, text{"Prijavite se.", "Log in."}, false},
	{people.ErrRefused, 401, "refused", text{"Prijava je zavrnjena", "The log-in was refused"}, text{"Ime, geslo ali koda ni prava. Poskusite znova.", "Name, password or code is wrong. Try again."}, false},
	{people.ErrCodeMissing, 401, "code-missing", text{"Potrebna je koda", "A code is needed"}, text{"Vpišite kodo, ki jo kaže avtentikator, ali enkratno kodo.", "Enter the one that your authenticator shows, or a one-time code."}, false},
	{people.ErrWait, 429, "wait", text{"Preveč neuspelih prijav", "Too many log-ins failed"}, text{"Počakajte in poskusite znova.", "Wait, and try again."}, false},
	{people.ErrBusy, 503, "busy", text{"Preveč oseb se prijavlja hkrati", "Too many persons are logging in at once"}, text{"Poskusite znova čez trenutek.", "Try again in a moment."}, false},

	{people.ErrNotAllowed, 403, "not-allowed", text{"Vaša pooblastila tega ne dovoljujejo", "Your authorisations do not allow this"}, text{"Če to potrebujete pri delu, se obrnite na skrbnika ali odločevalca.", "If you need it for your work, ask the administrator or the approver."}, true},
	{people.ErrScope, 403, "scope", text{"Vaše pooblastilo ne zajema te kamere", "Your authorisation does not cover this camera"}, text{"Izberite kamero, za katero ste pooblaščeni.", "Choose a camera that it covers."}, false},
	{people.ErrTooOld, 403, "too-old", text{"Vaše pooblastilo zajema le zadnje minute", "Your authorisation covers only the last minutes"}, text{"Za starejše posnetke se obrnite na oskrbnika.", "For older footage, ask the caretaker."}, false},
	{people.ErrOutside, 403, "outside", text{"Vaše pooblastilo velja le v prostorih upravljavca", "Your authorisation is for the premises only"}, text{"Poskusite z naprave v prostorih.", "Try from a device on the premises."}, false},
	{people.ErrNotYet, 403, "not-yet", text{"Vaše pooblastilo še ne velja", "Your authorisation is not in force yet"}, text{"Počakajte na dan začetka; preverite tudi uro naprave.", "Wait for its first day, and look at the appliance's clock."}, false},
	{people.ErrExpired, 403, "expired", text{"Vaše pooblastilo je poteklo", "Your authorisation has expired"}, text{"Prosite za novo; preverite tudi uro naprave.", "Ask for another one, and look at the appliance's clock."}, false},
	{people.ErrUnsigned, 403, "unsigned", text{"Vaše pooblastilo še ni podpisano", "Your authorisation has no signed paper yet"}, text{"Podpišite ga skupaj z izjavo o varovanju podatkov.", "Sign it with the statement of confidentiality."}, false},
	{people.ErrPasswordFirst, 403, "password-first", text{"Najprej izberite novo geslo", "Choose a new password first"}, text{"Dokler je geslo začetno ali ga je nastavil kdo drug, ne morete ničesar drugega.", "While it is the first one, or somebody else's, you can do nothing else."}, false},
	{people.ErrSecondFirst, 403, "second-first", text{"Najprej nastavite drugi dejavnik", "Set up your second factor first"}, text{"Vaša vloga ga zahteva.", "Your role asks for one."}, false},

	{people.ErrIncomplete, 422, "person-incomplete", text{"Nekaj manjka ali ni prav", "Something is missing or wrong"}, text{"Izpolnite, kar manjka.", "Fill in what is missing."}, true},
	{people.ErrUnknown, 404, "no-person", text{"Take osebe, pooblastila ali žetona ni", "There is no such person, authorisation or token"}, text{"Osvežite seznam.", "Load the list again."}, false},
	{people.ErrTaken, 409, "login-taken", text{"To prijavno ime že ima druga oseba", "Another person has this log-in name"}, text{"Izberite drugo.", "Choose another one."}, false},
	{people.ErrSameName, 409, "same-name", text{"To ime že ima druga oseba", "Another person has this name"}, text{"Dodajte, po čem se ločita.", "Add what tells the two apart."}, false},
	{people.ErrSelf, 403, "self", text{"Tega nihče ne stori zase", "Nobody does this for himself"}, text{"Prosite drugega skrbnika ali odločevalca.", "Ask another administrator or the approver."}, false},
	{people.ErrLastAdministrator, 409, "last-administrator", text{"Ne bi ostal noben skrbnik", "No administrator would be left"}, text{"Najprej pooblastite drugega skrbnika, podpisano in brez konca.", "First authorise another one, with a signed paper and without end."}, false},
	{people.ErrWeak, 422, "weak", text{"To geslo ni varno", "This password is not safe"}, text{"Izberite nekaj besed, skupaj vsaj 12 znakov, brez svojega imena.", "Choose a few words, 12 characters at least, without your name."}, true},
	{people.ErrLink, 403, "link", text{"Ta povezava ni več dobra", "This link is good no more"}, text{"Na konzoli naprave naredite novo.", "Make a new one on the appliance's console."}, false},
	{people.ErrNotFirst, 409, "not-first", text{"Osebe že obstajajo", "There are persons already"}, text{"Prijavite se kot skrbnik ali odprite ovojnico.", "Log in as an administrator, or open the envelope."}, false},
	{people.ErrLocked, 503, "locked", text{"Ključi so zaklenjeni", "The keys are locked"}, text{"Najprej se mora prijaviti nekdo, ki jih lahko odpre.", "Somebody who can open them must log in first."}, false},

	{accesslog.ErrPurpose, 403, "purpose", text{"Ta namen ob nastanku posnetka ni bil dovoljen", "The purpose was not lawful when the footage was captured"}, text{"Izberite namen z obvestila, ki je takrat veljalo, ali krajši čas.", "Choose one of the notice in force then, or a shorter time."}, false},
	{accesslog.ErrLive, 403, "live", text{"Obvestilo ne dovoljuje spremljanja v živo", "The notice does not allow watching live"}, text{"Posnetki, starejši od minute, so na voljo.", "Footage older than a minute can be looked at."}, false},
	{accesslog.ErrSound, 403, "sound", text{"Obvestilo takrat ni dovoljevalo zvoka", "The notice then did not allow sound"}, text{"Predvajajte brez zvoka.", "Play it without sound."}, false},
	{accesslog.ErrRestricted, 403, "restricted", text{"Obdelava teh posnetkov je omejena", "Processing of this footage is restricted"}, text{"Uporabijo se lahko le na podlagi člena 18(2) Splošne uredbe; navedite jo.", "It is used only on a ground of art. 18(2) GDPR: state one."}, false},
	{accesslog.ErrTerm, 410, "term", text{"Rok hrambe posnetka je potekel", "The footage is past its term"}, text{"Nikomur ni več na vpogled; izbriše se, brž ko ga je mogoče izbrisati.", "It is shown to nobody any more, and goes as soon as it can be erased."}, false},
	{accesslog.ErrDiary, 503, "diary", text{"Dnevnika ni mogoče zapisati, zato posnetkov ni na vpogled", "The diary can't be written, so no footage is shown"}, text{"Snemanje teče naprej. Obvestite vzdrževalca.", "Recording goes on. Tell the maintainer."}, false},
	{accesslog.ErrAsk, 422, "ask", text{"Tako ni mogoče vprašati", "This can't be asked for"}, text{"Popravite, kar ni prav.", "Put right what is wrong."}, true},
	{accesslog.ErrSpan, 422, "span", text{"Za ta čas ni mogoče vprašati", "This span of time can't be asked for"}, text{"Konec mora biti za začetkom, začetek ne v prihodnosti, skupaj največ 24 ur.", "The end has to come after the beginning, which is not to come, and together at most 24 hours."}, true},
	{accesslog.ErrNothing, 404, "nothing", text{"Za ta čas ni posnetkov", "There is no footage of this time"}, text{"Izberite čas, ki je na časovnici.", "Choose a time on the timeline."}, false},
	{accesslog.ErrErased, 410, "erased", text{"Posnetek je izbrisan", "The footage has been erased"}, text{"Izbrisanega ni mogoče obnoviti.", "What was erased can't be restored."}, false},
	{accesslog.ErrDamaged, 502, "damaged", text{"Posnetek je poškodovan", "The footage is damaged"}, text{"Izberite drug čas in obvestite vzdrževalca.", "Choose another time, and tell the maintainer."}, false},
	{accesslog.ErrAway, 503, "away", text{"Disk s posnetkom ni priključen", "The disk with this footage is not there"}, text{"Priključite ga ali obvestite vzdrževalca.", "Attach it, or tell the maintainer."}, false},
	{accesslog.ErrNoViewing, 404, "no-viewing", text{"Takega vpogleda ni", "There is no such viewing"}, text{"Odprite vpogled.", "Open one."}, false},
	{accesslog.ErrEnded, 410, "ended", text{"Vpogled se je končal", "The viewing has ended"}, text{"Odprite novega.", "Open another one."}, false},
	{accesslog.ErrTooMany, 429, "too-many", text{"Odprtih je preveč vpogledov", "Too many viewings are open"}, text{"Najprej katerega zaprite.", "End one first."}, false},
	{accesslog.ErrFull, 409, "full", text{"Ta vpogled ne more zajeti več ločenih delov", "The viewing can state no more separate ranges"}, text{"Zaprite ga in odprite novega.", "End it and open another one."}, false},
	{playback.ErrName, 404, "no-part", text{"Tega dela posnetka ni", "There is no such part of the footage"}, text{"Znova naložite predvajanje.", "Load the player again."}, false},
	{playback.ErrFormat, 502, "format", text{"Posnetka ni mogoče prebrati", "The footage can't be read"}, text{"Izberite drug čas in obvestite vzdrževalca.", "Choose another time, and tell the maintainer."}, false},

	{notice.ErrMoment, 422, "moment", text{"To ni datum in čas", "This is no date and time"}, text{"Zapišite ga kot 2026-09-01T07:30+02:00.", "Write it as 2026-09-01T07:30+02:00."}, false},
	{notice.ErrNoMoment, 422, "no-moment", text{"Tega trenutka ni", "There is no such moment"}, text{"Ura je bila takrat premaknjena naprej; izberite drug čas.", "The clock was put forward over it: choose another one."}, false},
	{notice.ErrAmbiguous, 422, "ambiguous", text{"Ta trenutek je bil dvakrat", "There are two such moments"}, text{"Ura je bila premaknjena nazaj; dodajte odmik od UTC.", "The clock was put back: add the offset from UTC."}, false},
	{notice.ErrIncomplete, 422, "notice-incomplete", text{"Navedba ni popolna", "The statement is incomplete"}, text{"Izpolnite, kar manjka.", "Fill in what is missing."}, true},
	{notice.ErrUnknown, 404, "no-notice", text{"Takega obvestila ni", "There is no such notice"}, text{"Osvežite seznam.", "Load the list again."}, false},
	{notice.ErrCamera, 404, "no-camera", text{"Te kamere ni", "There is no such camera"}, text{"Izberite kamero s seznama.", "Choose one from the list."}, false},
	{notice.ErrPurpose, 409, "wording", text{"Ta namen je imel na prejšnjem obvestilu drugo besedilo ali podlago", "The purpose stood on an earlier notice with another wording or basis"}, text{"Novemu dajte drugo oznako.", "Give the new one another id."}, true},
	{notice.ErrUndecided, 404, "undecided", text{"Za to obvestilo ni vpisane odločitve predstojnika", "No decision of the head is entered for this notice"}, text{"Vpišite jo na strani Obvestila: številko, dan in razloge.", "Enter it on the page of notices: number, day and reasons."}, false},
	{notice.ErrNotInForce, 409, "not-in-force", text{"Obvestilo takrat ne velja", "The notice is not in force then"}, text{"Osvežite seznam in izberite drug trenutek.", "Load the list again, and choose another moment."}, false},

	{ErrNothingWaits, 409, "nothing-waits", text{"Za to kamero nič ne čaka na potrditev", "Nothing waits to be confirmed for this camera"}, text{"Osvežite seznam.", "Load the list again."}, false},
	{retention.ErrNoTime, 409, "no-time", text{"Čas ni zanesljiv", "The present is not certain"}, text{"Najprej potrdite datum in uro naprave (varuh clock confirm).", "Confirm the appliance's date and time first (varuh clock confirm)."}, false},

	{hold.ErrIncomplete, 422, "hold-incomplete", text{"Zadržanje ni popolno", "The hold is incomplete"}, text{"Izpolnite, kar manjka.", "Fill in what is missing."}, true},
	{hold.ErrGone, 410, "hold-gone", text{"Posnetkov, ki bi jih zadržali, ni več", "There is no footage to hold"}, text{"Izberite čas, ki je na časovnici.", "Choose a time on the timeline."}, false},
	{hold.ErrMany, 429, "many-holds", text{"Vaših začasnih zadržanj je preveč", "There are too many provisional holds of yours"}, text{"Odločevalec naj katero potrdi ali konča.", "Let the approver confirm or end some."}, false},
	{hold.ErrUnknown, 404, "no-hold", text{"Takega zadržanja ni", "There is no such hold"}, text{"Osvežite seznam.", "Load the list again."}, false},
	{hold.ErrLasts, 409, "hold-lasts", text{"To zadržanje ni začasno", "The hold is not provisional"}, text{"Potrditi ni česa; osvežite seznam.", "There is nothing to confirm: load the list again."}, false},
	{hold.ErrNotPinned, 409, "not-pinned", text{"Zapisi dnevnika o zadržanju še niso shranjeni posebej", "Entries of the diary about the hold are not kept apart yet"}, text{"Prijaviti se mora nekdo, ki odpre dnevnik.", "Somebody who can open the diary must log in."}, false},

	{errScanKind, 415, "scan-kind", text{"Datoteka ni sken listine", "The file is no scan of a paper"}, text{"Priložite PDF, JPEG ali PNG.", "Give a PDF, JPEG or PNG."}, false},
	{errNoScan, 404, "no-scan", text{"Takega skena pri tej zahtevi ni", "The request has no such scan"}, text{"Osvežite stran.", "Load the page again."}, false},
	{scans.ErrMany, 429, "many-scans", text{"Preveč skenov čaka na vpis", "Too many scans were uploaded that no request names"}, text{"Vpišite zahteve, ki jim pripadajo, ali počakajte eno uro.", "Enter the requests that they belong to, or wait an hour."}, false},
	{errSlow, 408, "slow", text{"Datoteka prihaja prepočasi", "The file comes too slowly"}, text{"Nič se ni shranilo. Poskusite po boljši povezavi ali z manjšo datoteko.", "Nothing was kept. Try over a better connection, or with a smaller file."}, false},
	{errScanLarge, 413, "scan-large", text{"Datoteka je prevelika", "The file is too large"}, text{"Sken ima lahko največ 20 MiB: skenirajte z manjšo ločljivostjo ali manj strani naenkrat.", "A scan may have 20 MiB at most: scan with a lower resolution, or fewer pages at once."}, false},

	{disclosure.ErrUnknown, 404, "no-request", text{"Take zahteve ni", "There is no such request"}, text{"Osvežite seznam.", "Load the list again."}, false},
	{disclosure.ErrCamera, 404, "no-camera", text{"Te kamere ni", "There is no such camera"}, text{"Izberite kamero s seznama.", "Choose one from the list."}, false},
	{disclosure.ErrWrong, 422, "request-wrong", text{"Navedba ni pravilna ali popolna", "The statement is wrong or incomplete"}, text{"Popravite jo.", "Put it right."}, true},
	{disclosure.ErrFuture, 422, "footage-to-come", text{"Posnetkov, ki še niso nastali, ni mogoče zahtevati", "Footage that is not recorded yet can't be asked for"}, text{"Zahtevajte jih, ko nastanejo; če je ta čas že minil, preverite uro naprave.", "Ask for it once it is; if that has been, look at the appliance's clock."}, true},
	{disclosure.ErrFourEyes, 409, "four-eyes", text{"Odobriti mora nekdo drug", "Somebody else has to approve it"}, text{"Če nihče drug ni pooblaščen ali je nujno, napišite razlog, zakaj odločate sami.", "If nobody else is authorised, or it is urgent, say in writing why you alone do."}, true},
	{disclosure.ErrKey, 409, "key-used", text{"Ključ je bil uporabljen za drugo zahtevo", "The idempotency key was used for another request"}, text{"Za vsako zahtevo izberite nov naključen ključ.", "Draw another one at random for each request."}, false},
	{disclosure.ErrMeanwhile, 409, "meanwhile", text{"Zahtevo je medtem obravnaval nekdo drug", "Somebody else has done a step meanwhile"}, text{"Zahtevo poglejte še enkrat.", "Look at the request again."}, false},
	{disclosure.ErrReleased, 409, "request-closed", text{"Zahteva je zaključena", "The request is closed"}, text{"Kar je zadržala, je sproščeno; če je treba, vpišite novo zahtevo.", "What it held was released: enter another one if need be."}, false},
	{disclosure.ErrLeft, 409, "left", text{"Posnetki so morda že zapustili napravo", "Footage may have left already"}, text{"Vpišite predajo ali ogled; če paket ni bil prevzet v celoti, ga prej še enkrat prenesite. Vlagatelj sam lahko zahtevo umakne.", "Enter the handover, or what was shown; if the package was not fetched whole, take it out once more before. The applicant himself may withdraw the request."}, true},
	{disclosure.ErrStep, 409, "step", text{"Tega z zahtevo zdaj ni mogoče storiti", "This can't be done with the request now"}, text{"Poglejte, v katerem stanju je.", "Look at its state."}, true},
	{packing.ErrUnknown, 404, "no-package", text{"Za to zahtevo ni paketa", "There is no package for this request"}, text{"Naročite ga, ko je zahteva odobrena.", "Have one built once the request is approved."}, false},
	{packing.ErrOrdered, 409, "package-ordered", text{"Paket se že izdeluje", "The package is being built already"}, text{"Počakajte, da bo izdelan.", "Wait until it is there."}, false},
	{packing.ErrBuilt, 409, "package-built", text{"Paket je že izdelan", "The package is built already"}, text{"Če ga ne smete predati, zahtevo zavrnite ali vpišite umik.", "If it must not be handed over, refuse the request, or enter that it was withdrawn."}, false},
	{packing.ErrNotBuilt, 409, "package-not-built", text{"Paket še ni izdelan", "The package is not built yet"}, text{"Počakajte, da bo izdelan.", "Wait until it is there."}, false},
	{packing.ErrOver, 410, "package-over", text{"Rok hrambe paketa je potekel, paket je uničen", "The time of the package is over, and it is destroyed"}, text{"Če posnetki še obstajajo in je zahteva odobrena, naročite novega.", "If the footage is still here and the request is approved, have another one built."}, false},
	{packing.ErrRestricted, 403, "package-restricted", text{"Obdelava posnetkov v paketu je omejena", "Processing of footage in the package is restricted"}, text{"Paket je bil izdelan brez podlage iz člena 18(2) Splošne uredbe in ne sme iz naprave, dokler omejitev velja.", "The package was built on no ground of art. 18(2) GDPR, and must not leave while the restriction is in force."}, false},
	{packing.ErrNotTaken, 409, "package-not-taken", text{"Celega paketa še nihče ni prevzel", "Nobody has taken the whole package out yet"}, text{"Najprej ga prenesite ali zapišite na disk.", "Download it first, or write it onto a disk."}, false},
	{packing.ErrFetched, 410, "package-fetched", text{"Prenos je bil že izveden ali je njegov čas potekel", "It was downloaded, or the time for it is over"}, text{"Paket pripravite za prenos še enkrat.", "Take the package out once more."}, false},
	{packing.ErrMany, 429, "package-many", text{"Preveč paketov čaka na prenos", "Too many packages wait to be downloaded"}, text{"Poskusite znova čez deset minut.", "Try again in ten minutes."}, false},
	{packing.ErrRecipient, 422, "package-recipient", text{"Ni navedeno, kdo bo paket prejel", "It is not said who is to have the package"}, text{"Vpišite ime in organ prejemnika.", "Enter the recipient's name and body."}, false},
	{packing.ErrWarned, 422, "package-warned", text{"Prejemnika je treba izrecno opozoriti", "The recipient has to be warned expressly"}, text{"Potrdite, da bo opozorjen, za kateri namen edino sme uporabiti posnetke.", "Confirm that he is warned for what alone he may use the footage."}, false},
	{packing.ErrLink, 404, "no-link", text{"Te povezave ni (več) ali pa je geslo drugo", "There is no such link (any more), or the passphrase is another"}, text{"Preverite naslov in geslo; po potrebi prosite za novo povezavo.", "Look at the address and the passphrase, and ask for another link if need be."}, false},
	{packing.ErrLinkSpan, 422, "link-span", text{"Povezava velja največ sedem dni in za en do pet prenosov", "A link lasts seven days at most, and is good for one to five downloads"}, text{"Izberite krajši čas ali manj prenosov.", "Choose a shorter time, or fewer downloads."}, false},
	{packing.ErrText, 422, "package-text", text{"Besedilo je predolgo ali ni berljivo", "A text is too long, or no text"}, text{"Skrajšajte ga.", "Make it shorter."}, false},
	{packing.ErrMeanwhile, 409, "package-meanwhile", text{"S paketom se je medtem nekaj spremenilo", "Something has changed with the package meanwhile"}, text{"Poglejte ga še enkrat.", "Look at it again."}, false},
	{packing.ErrFootage, 409, "package-footage", text{"Posnetki so se med izdelavo paketa spremenili", "The footage changed while it was packed"}, text{"Naročite paket še enkrat.", "Have the package built once more."}, false},
	{evidence.ErrEmpty, 409, "package-empty", text{"V zahtevanem času ni posnetkov", "There is no footage in the time that was asked for"}, text{"Preverite čase; zahtevo dopolnite ali zavrnite.", "Look at the times, and supplement or refuse the request."}, false},
	{evidence.ErrTooLarge, 409, "package-large", text{"Posnetkov je več, kot jih gre v en paket", "There is more footage than one package can hold"}, text{"Zahtevajte krajši čas ali manj kamer v več zahtevah.", "Ask for shorter times, or fewer cameras, in several requests."}, false},
	{sealed.ErrFull, 507, "disk-full", text{"Na diskih ni dovolj prostora", "There is not enough room on the disks"}, text{"Zahtevajte krajši čas ali obvestite vzdrževalca.", "Ask for a shorter time, or tell the maintainer."}, true},
	{sealed.ErrLarge, 413, "too-large", text{"Datoteka je prevelika", "The file is too large"}, text{"Izberite manjšo.", "Choose a smaller one."}, false},
	{sealed.ErrAway, 503, "store-away", text{"Disk, na katerem je to, ni priključen", "The disk that has it is not there"}, text{"Priklopite ga ali obvestite vzdrževalca.", "Connect it, or tell the maintainer."}, false},
	{sealed.ErrGone, 410, "destroyed", text{"Tega ni več", "It was destroyed"}, text{"Uničenega ni mogoče obnoviti.", "What was destroyed can't be brought back."}, false},
	{sealed.ErrVersion, 503, "sealed-version", text{"Zapisala ga je novejša različica", "It was written by a newer varuh"}, text{"Posodobite napravo.", "Update this one."}, false},
	{sealed.ErrDamaged, 502, "object-damaged", text{"Zapis na disku je poškodovan", "What lies on the disk is damaged"}, text{"Obvestite vzdrževalca; paket naročite še enkrat.", "Tell the maintainer, and have the package built once more."}, false},
	{disclosure.ErrNothingDue, 409, "nothing-due", text{"Rok še ni potekel", "The term is not over"}, text{"Osvežite seznam.", "Load the list again."}, false},

	{diary.ErrNoEntry, 404, "no-entry", text{"Takega zapisa v dnevniku ni", "The diary has no such entry"}, text{"Preverite številko.", "Look at its number."}, false},
	{diary.ErrPruned, 410, "pruned", text{"Zapisu je potekel rok in je uničen", "The entry came to the end of its term and was destroyed"}, text{"Uničenega ni mogoče obnoviti.", "What was destroyed can't be restored."}, false},
	{diary.ErrNoKey, 503, "no-key", text{"Noben ključ tukaj ne odpre zapisa", "No private key here opens the entry"}, text{"Odpre ga ključ, s katerim je bil zapisan.", "The key that it was written with does."}, false},
	{diary.ErrFault, 503, "fault", text{"Dnevnik se je vrnil v staro stanje", "The diary went back"}, text{"Dostop je zaprt, dokler dve osebi ne potrdita, kaj se je zgodilo. Snemanje teče naprej.", "Access is refused until two persons say what happened. Recording goes on."}, false},
	{diary.ErrUncertain, 503, "uncertain", text{"Ni znano, ali je sprememba zapisana", "It is not known whether the change was written"}, text{"Poglejte, preden ponovite.", "Look before you do it again."}, false},
	{diary.ErrClosed, 503, "closed", text{"Naprava se ustavlja", "The appliance is stopping"}, text{"Poskusite znova čez minuto.", "Try again in a minute."}, false},
	{diary.ErrMissing, 503, "diary-missing", text{"Dnevnika ni", "There is no diary"}, text{"Obvestite vzdrževalca. Snemanje teče naprej.", "Tell the maintainer. Recording goes on."}, false},
	{diary.ErrVersion, 503, "diary-version", text{"Dnevnik je zapisala novejša različica", "The diary was written by a newer varuh"}, text{"Posodobite napravo.", "Update this one."}, false},
	{diary.ErrDamaged, 503, "diary-damaged", text{"Dnevnik je poškodovan", "The diary is damaged"}, text{"Obvestite vzdrževalca. Snemanje teče naprej.", "Tell the maintainer. Recording goes on."}, false},
	{diary.ErrKey, 503, "diary-key", text{"Podpisni ključ ni ključ dnevnika", "The signing key is not the diary's"}, text{"Obvestite vzdrževalca. Snemanje teče naprej.", "Tell the maintainer. Recording goes on."}, false},
	{diary.ErrUngoverned, 503, "ungoverned", text{"Sprememba nima zapisa", "The change has no entry"}, text{"Obvestite vzdrževalca.", "Tell the maintainer."}, false},
	{diary.ErrNotReleased, 404, "not-released", text{"Taka kontrolna točka ni zapustila naprave", "That checkpoint did not leave this diary"}, text{"Preverite številko.", "Look at its number."}, false},
	{diary.ErrNotDue, 409, "not-due", text{"Ničesar še ni mogoče uničiti", "Nothing may be pruned"}, text{"Počakajte na potek roka.", "Wait for the end of the term."}, false},

	{footage.ErrDamaged, 503, "index", text{"Kazalo posnetkov je poškodovano", "The index of footage is damaged"}, text{"Obvestite vzdrževalca. Snemanje teče naprej.", "Tell the maintainer. Recording goes on."}, false},
	{errDiaryDown, 503, "database", text{"Podatkov ni mogoče zapisati", "The database can't be written"}, text{"Nič ni bilo spremenjeno. Snemanje teče naprej. Obvestite vzdrževalca.", "Nothing was changed. Recording goes on. Tell the maintainer."}, false},
	{context.DeadlineExceeded, 503, "late", text{"Trajalo je predolgo", "It took too long"}, text{"Poskusite znova čez minuto.", "Try again in a minute."}, false},
	{context.Canceled, 503, "gone", text{"Zahteva je bila preklicana", "The request was cancelled"}, text{"Poskusite znova.", "Try again."}, false},
}
