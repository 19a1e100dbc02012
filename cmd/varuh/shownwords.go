package main

import (
	"fmt"
	"regexp"
	"strings"

	"varuh/accesslog/web"
)

// shownSentences are what recorder, stores, terms and pages say to people, as formats, and the same in Slovenian. What stands for a
// sentence itself is put into Slovenian, too.
var shownSentences = []struct{ en, sl string }{
	// cameras
	{"the camera sends %s, which cannot be recorded; set it to H.264, H.265 or MJPEG", "kamera pošilja %s, česar ni mogoče snemati; nastavite jo na H.264, H.265 ali MJPEG"},
	{"the camera answers what cannot be understood; look for newer firmware, or try the other transport", "odgovorov kamere ni mogoče razumeti; poiščite novejšo programsko opremo kamere ali poskusite drugi način prenosa"},
	{"the stream has no picture; check the path in the address", "pretok nima slike; preverite pot v naslovu"},
	{"its key is not the one seen before: somebody may be in between; if the camera was replaced or reset, forget the old key", "njen ključ ni tisti od prej: morda je kdo vmes; če je bila kamera zamenjana ali ponastavljena, pozabite stari ključ"},
	{"its key could not be written down, so it is not trusted; check the disk of the state folder and its permissions", "njenega ključa ni bilo mogoče zapisati, zato se mu ne zaupa; preverite disk mape stanja in njene pravice"},
	{"no picture came for %v though the connection stands; look whether the camera is overloaded or hangs", "%v ni prišla nobena slika, čeprav povezava stoji; preverite, ali je kamera preobremenjena ali zamrznjena"},
	{"the camera is there but did not answer within %v; it may be overloaded, restarting, or the port not one of RTSP", "kamera je dosegljiva, a v %v ni odgovorila; morda je preobremenjena, se zaganja ali vrata niso vrata RTSP"},
	{"nothing answered within %v; check the address, the camera's power and cable, and firewalls between", "v %v ni bilo odgovora; preverite naslov, napajanje in kabel kamere ter požarne zidove vmes"},
	{"the camera sends us to another address, which must not get its password; put that address into the configuration", "kamera napotuje na drug naslov, ki gesla ne sme dobiti; vpišite tisti naslov v nastavitve"},
	{"the camera refuses the user name or password; correct it soon, many cameras lock the account after a few tries", "kamera zavrača uporabniško ime ali geslo; popravite ga kmalu, saj mnoge kamere po nekaj poskusih račun zaklenejo"},
	{"the camera wants a user name and a password; put them into the configuration", "kamera zahteva uporabniško ime in geslo; vpišite ju v nastavitve"},
	{"the camera has no stream of this path; look the path up in its manual", "kamera nima pretoka na tej poti; pot poiščite v njenih navodilih"},
	{"the camera serves no more viewers (453); end others, or raise its limit", "kamera ne streže več gledalcem (453); končajte druge ali zvišajte njeno omejitev"},
	{"the camera does not send over TCP; set transport to udp", "kamera ne pošilja po TCP; nastavite transport na udp"},
	{"the camera does not send over UDP; set transport to tcp", "kamera ne pošilja po UDP; nastavite transport na tcp"},
	{"the camera answers with code %d; check the path in the address, and try to restart the camera", "kamera odgovarja s kodo %s; preverite pot v naslovu in poskusite kamero znova zagnati"},
	{"the host name is not known; check it, or use the IP address", "imena naprave ni mogoče najti; preverite ga ali uporabite naslov IP"},
	{"the camera does not speak TLS as we do; check that the port is the one for rtsps, or use rtsp", "kamera ne govori istega TLS; preverite, ali so vrata prava za rtsps, ali uporabite rtsp"},
	{"the host is there, but nothing listens on this port; check the port, and that RTSP is switched on in the camera", "naprava je dosegljiva, a na teh vratih nihče ne posluša; preverite vrata in ali je RTSP v kameri vklopljen"},
	{"there is no way to the camera; check its power and cable, and that it is on a network that this machine reaches", "do kamere ni poti; preverite njeno napajanje in kabel ter ali je v omrežju, ki ga ta naprava doseže"},
	{"nothing answered; check the address, the camera's power and cable, and firewalls between", "odgovora ni bilo; preverite naslov, napajanje in kabel kamere ter požarne zidove vmes"},
	{"the camera ended the connection; it may be restarting, or serve too many viewers", "kamera je končala povezavo; morda se zaganja ali streže preveč gledalcem"},
	{"the camera stopped answering; check its cable, or restart it", "kamera je nehala odgovarjati; preverite njen kabel ali jo znova zaženite"},
	{"the camera stopped sending; look whether it hangs, and for a firewall if transport is udp", "kamera je nehala pošiljati; preverite, ali je zamrznjena, pri prenosu udp pa tudi požarni zid"},
	{"the camera is there but does not answer; restart it", "kamera je dosegljiva, a ne odgovarja; znova jo zaženite"},
	{"paused by the schedule until %s", "snemanje po urniku miruje do %s"},
	{"no picture for %v: check the camera and its network", "že %v ni slike: preverite kamero in njeno omrežje"},
	{"the camera has sent no key frame for %v, and recording can only begin with one: set a key frame every 2 s in the camera", "kamera že %v ni poslala ključne slike, snemanje pa se lahko začne le z njo: v kameri nastavite ključno sliko vsaki 2 s"},
	{"the camera sends %.0f Mbit/s, many times what is usual for it: check its bitrate; the disk fills sooner than planned", "kamera pošilja %s Mbit/s, mnogokrat več kot običajno: preverite njeno bitno hitrost; disk se polni hitreje od načrtovanega"},

	// disks
	{"the disk fails: check that it is mounted, writable and healthy; the log says more", "disk odpoveduje: preverite, ali je priklopljen, zapisljiv in zdrav; več je v dnevniku delovanja"},
	{"the disk is full up to its reserve: free space, shorten the terms or add a disk", "disk je poln do rezerve: sprostite prostor, skrajšajte roke ali dodajte disk"},
	{"the disk of the state folder %s is full (%s free): delete what is not varuh's on it, such as old logs (journalctl --vacuum-size=100M) and packages (apt-get clean), or move the folder to a larger disk",
		"disk mape stanja %s je poln (prosto: %s): izbrišite, kar ni varuhovo, na primer stare dnevnike delovanja (journalctl --vacuum-size=100M) in pakete (apt-get clean), ali prestavite mapo na večji disk"},
	{"the disk of the state folder %s has only %s left, and diary, index and keys go there: make room on it before it is full", "na disku mape stanja %s je le še %s prostora, tja pa gredo dnevnik, kazalo in ključi: sprostite ga, preden se napolni"},

	// terms
	{"%s: %s are promised, but with this bitrate and what is held the disks carry %s; add a disk, lower the bitrate or the promise, or release what need not be held",
		"%s: obljubljeno je %s, s to bitno hitrostjo in zadržanji pa diski nosijo %s; dodajte disk, znižajte bitno hitrost ali obljubo ali sprostite, česar ni treba zadržati"},
	{"%s: %s are promised, but with this bitrate the disks carry %s; add a disk, lower the bitrate or the promise", "%s: obljubljeno je %s, s to bitno hitrostjo pa diski nosijo %s; dodajte disk, znižajte bitno hitrost ali obljubo"},
	{"%s: %s are promised, but its footage reaches back %s only", "%s: obljubljeno je %s, posnetki pa segajo nazaj le %s"},
	{"nobody has confirmed date and time yet, and until then no footage goes at its term: say once that the machine's clock is right (varuh clock confirm). Recording goes on",
		"datuma in ure še nihče ni potrdil in do takrat noben posnetek ne gre ob roku: enkrat potrdite, da je ura naprave prava (varuh clock confirm). Snemanje teče naprej"},
	{"it is not certain how late it is: %s. If the clock is right and that was wrong, two persons take it back (varuh clock set-back)", "ni zanesljivo, koliko je ura: %s. Če je ura prava in je bilo napačno to, ga prekličeta dve osebi (varuh clock set-back)"},
	{"it is not certain how late it is, and what falls due meanwhile stays: %s (varuh clock confirm)", "ni zanesljivo, koliko je ura, in kar medtem zapade, ostane: %s (varuh clock confirm)"},
	{"%d segment is past the term and still there: look at the log", "%s odsek je prek roka in še tu: poglejte dnevnik delovanja"},
	{"%d segments are past the term and still there: look at the log", "odsekov prek roka, ki so še tu: %s; poglejte dnevnik delovanja"},
	{"%s: a change by which footage goes earlier waits for an approver (varuh policy show)", "%s: sprememba, po kateri gredo posnetki prej, čaka na odločevalca"},
	{"holds keep %s, more than %d %% of what the stores can take: recording may suffer; add a disk, or clear what need not be held", "zadržanja zasedajo %s, več kot %s %% prostora za posnetke: snemanje je lahko ogroženo; dodajte disk ali končajte, česar ni treba zadržati"},
	{"%d hold or restriction is past the day of review: look at them again (varuh hold list, varuh restrict list)", "%s zadržanje ali omejitev je prek dne pregleda: znova ju preglejte"},
	{"%d holds and restrictions are past the day of review: look at them again (varuh hold list, varuh restrict list)", "zadržanj in omejitev prek dne pregleda: %s; znova jih preglejte"},

	// the rest
	{"there is no access to footage, for the diary can't be used: %s", "dostopa do posnetkov ni, ker dnevnika ni mogoče uporabiti: %s"},
	{"there is no access to footage until two persons have accepted it: %s; find out why, then stop varuh and run varuh diary accept", "dostopa do posnetkov ni, dokler tega ne potrdita dve osebi: %s; ugotovite, zakaj, nato ustavite varuh in poženite varuh diary accept"},
	{"the diary can't be kept up to date, and while it takes no entry nobody gets access to footage: %s", "dnevnika ni mogoče pisati in dokler ne sprejme zapisa, do posnetkov ne pride nihče: %s"},
	{"the configuration is not in force: %s", "nastavitve ne veljajo: %s"},
	{"takes a restart: %s in %s (systemctl restart varuh)", "za to je potreben ponovni zagon: %s v %s (systemctl restart varuh)"},
	{"nothing can be served on %s (a port below 1024 takes a right, see varuh.service; another program may have it): %s", "na %s ni mogoče streči (vrata pod 1024 zahtevajo pravico, glejte varuh.service; morda jih ima drug program): %s"},
	{"the certificate of the pages: %s", "potrdilo strani: %s"},
	{"no backup is made, and %s: %s; it is tried again each hour", "varnostna kopija ni narejena, %s: %s; vsako uro se poskusi znova"},
	{"there is none yet", "ni še nobene"},
	{"the last one is of %s", "zadnja je z dne %s"},
}

// shownForms are what sentences that come of the formats look like, in their order.
var shownForms = func() (list []*regexp.Regexp) {
	verbs := strings.NewReplacer("%s", `(.*)`, "%v", `(.*)`, "%d", `(-?[0-9]+)`, `%\.0f`, `([0-9]+)`, "%%", "%")
	for _, s := range shownSentences {
		list = append(list, regexp.MustCompile("^(?s:"+verbs.Replace(regexp.QuoteMeta(s.en))+")$"))
	}
	return list
}()

// ofCamera is what stands before a sentence about a camera: its id, its stream or its address.
var ofCamera = regexp.MustCompile(`^([^ ]+): (.*)$`)

// bothLanguages is a sentence in both languages. One for which there are no words says in Slovenian that it is English.
func bothLanguages(en string) web.Line {
	if en == "" {
		return web.Line{}
	}
	if sl, known := inSlovenianWords(en); known {
		return web.Line{Sl: sl, En: en}
	}
	return web.Line{Sl: "Naprava sporoča (v angleščini): " + en, En: en}
}

// inSlovenianWords is a sentence in Slovenian, if there are words for it.
func inSlovenianWords(en string) (sl string, known bool) {
	for i, form := range shownForms {
		found := form.FindStringSubmatch(en)
		if found == nil {
			continue
		}
		var filled []any
		for _, part := range found[1:] {
			if inner, known := inSlovenianWords(part); known {
				part = inner
			}
			filled = append(filled, part)
		}
		return fmt.Sprintf(strings.NewReplacer("%v", "%s").Replace(shownSentences[i].sl), filled...), true
	}
	if of := ofCamera.FindStringSubmatch(en); of != nil {
		if inner, known := inSlovenianWords(of[2]); known {
			return of[1] + ": " + inner, true
		}
	}
	return "", false
}
