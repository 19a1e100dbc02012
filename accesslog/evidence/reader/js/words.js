// What is said of a package, in Slovenian and English: in the words of varuh-verify where it says the same.

const words = {
  missing: ["Manjka datoteka {0}.", "The file {0} is missing."],
  unreadable: ["Datoteke {0} ni mogoče prebrati do konca.", "The file {0} can't be read to its end."],
  large: ["Datoteka {0} je prevelika za to, kar bi morala biti.", "The file {0} is too large for what it should be."],
  changed: ["Datoteka {0} je spremenjena: prvi napačni bajt je med {1} in {2} (ima jih {3}, imeti bi jih morala {4}).", "The file {0} was changed: the first wrong byte is between {1} and {2} (it has {3}, and should have {4})."],
  swapped: ["Datoteka {0} je zamenjana: v resnici je to {1}.", "The file {0} was exchanged: it is really {1}."],
  strange: ["Datoteka {0} ni del paketa: nekdo jo je dodal.", "The file {0} is no part of the package: somebody added it."],
  beside: ["Datoteka {0} ni del paketa: naredi jo operacijski sistem.", "The file {0} is no part of the package: operating systems make it."],
  besideMore: ["Datoteka {0} ni del paketa, prav tako ne še toliko podobnih: {1}. Naredi jih operacijski sistem.", "The file {0}, and {1} others of its kind, are no part of the package: operating systems make them."],
  besideFolder: ["Mapa {0} ni del paketa: naredi jo operacijski sistem. Datotek v njej: {1}; nobena ni preverjena.", "The folder {0} is no part of the package: operating systems make it. Files in it: {1}; none was checked."],
  sumsForm: ["Datoteka {0} ni v pravi obliki: bila je spremenjena.", "The file {0} is not in its form: it was changed."],
  sumsOther: ["V datoteki {0} je za {1} napisano nekaj drugega kot v podpisanem seznamu.", "The file {0} says something else of {1} than the signed manifest."],
  sumsLine: ["V datoteki {0} ni vrstice za {1}.", "The file {0} has no line for {1}."],
  sumWrong: ["Datoteka {0} ni takšna, kot piše v {1}: ena od njiju je spremenjena.", "The file {0} is not as {1} says: one of the two was changed."],
  manifestForm: ["Seznam paketa ({0}) ni v pravi obliki: bil je spremenjen ali poškodovan.", "The package's manifest ({0}) is not in its format: it was changed or damaged."],
  newer: ["Paket je od novejše različice varuha: ta stran ga ne zna preveriti. Uporabite novejši varuh-verify.", "The package is of a newer version of varuh: this page can't verify it. Use a newer varuh-verify."],
  signature: ["Podpis seznama paketa ni pravi: seznam ali podpis je spremenjen.", "The signature of the package's manifest is wrong: the manifest or the signature was changed."],
  sumsSignature: ["Podpis datoteke {1} ({0}) ni pravi: ta ali podpis je spremenjen. Morda je kdo v paketu kaj zamenjal, dodal ali odstranil in ta seznam popravil.", "The signature of the file {1} ({0}) is wrong: that or the signature was changed. Perhaps somebody exchanged, added or took out something of the package, and put this list right."],
  otherKey: ["Prstni odtis na papirju NI odtis ključa, s katerim je podpisan paket. Podpisal ga je nekdo drug ali pa je odtis napačno prepisan.", "The fingerprint on paper is NOT that of the key that signed the package. Somebody else signed it, or the fingerprint was mistyped."],
  diary: ["Dokazila iz dnevnika ({0}) ne držijo: manjkajo, so spremenjena ali niso od ključa, ki je podpisal paket.", "The proofs of the diary ({0}) do not hold: they are missing, were changed, or are not of the key that signed the package."],
  disclose: ["V dnevniku ni dokazanega zapisa, da je bil ta paket posredovan: morda je bil posredovan drug.", "No entry that is proven says that this package was disclosed: perhaps another one was."],
  disclosedOther: ["Zapis {0} o posredovanju ni odgovor na izvoz (zapis {1}), ki ga navaja paket.", "Entry {0} of the disclosure does not belong to the export (entry {1}) that the package names."],
  request: ["Paket ne dokaže, kdaj je bilo zahtevano, kar je v njem: zapisa {0}, ki bi bil o izvozu ali o zahtevi, v dokazilih ni ali je drug. Morda ga je kdo odstranil.", "The package does not prove when its contents were asked for: entry {0}, which would be about the export or the request, is not in the proofs, or is another. Perhaps somebody took it out."],
  segmentGone: ["Dnevnik ne pove, da je bil posnet odsek {0} kamere {1}: njegovega dokazila ni v paketu.", "The diary does not say that segment {0} of camera {1} was recorded: its proof is not in the package."],
  segmentOther: ["Odsek {0} kamere {1} ni tisti, za katerega dnevnik (zapis {2}) pravi, da je bil posnet.", "Segment {0} of camera {1} is not the one that the diary (entry {2}) says was recorded."],
  sidecar: ["Datoteka {0} o posnetku ni v pravi obliki (vrstica {1}).", "The file {0} about a clip is not in its form (line {1})."],
  fragment: ["Odlomek {1} v {0} ni takšen, kot je bil posnet (od bajta {2} naprej).", "Fragment {1} of {0} is not as it was recorded (from byte {2} on)."],
  order: ["V {0} manjka odlomek ali pa je na napačnem mestu (pri odlomku {1}).", "A fragment of {0} is missing, or in another's place (at fragment {1})."],
  index: ["Posnetek {0} nima natanko tistih odlomkov, ki jih navaja {1}.", "The clip {0} does not have just the fragments that {1} names."],
  silent: ["{0} je brez zvoka: ta je bil posnet, a ni bil predan.", "{0} is without sound: that was recorded, and not handed out."],
  lost: ["Pri snemanju so se izgubili omrežni paketi: v {0} v toliko odlomkih: {1}.", "Packets were lost when it was recorded: in {0}, in so many fragments: {1}."],
  more: ["Najdenega je še več.", "There is more."],
  none: ["V izbrani mapi ni paketa: v njej ni datoteke manifest.json. Izberite mapo, v kateri je ta stran.", "The chosen folder has no package: it has no file manifest.json. Choose the folder that this page is in."],
  around: ["Paket je v mapi {0}, ob njej pa so še druge datoteke ({1}): te niso del njega in se ne preverijo. Izberite samo mapo {0}.", "The package is in the folder {0}, and other files are around that ({1}): these are no part of it, and are not checked. Choose the folder {0} alone."],
  disguised: ["Paket je v mapi {0}, ob njej pa so datoteke, ki se imenujejo kot deli paketa, a niso: {1}. Nekdo jih je morda dodal, da bi zavedel, tudi to stran. Ne zaupajte jim; preverite in predvajajte samo, kar je v mapi {0}.", "The package is in the folder {0}, and around that are files that are called as a package's own, and are none: {1}. Perhaps somebody added them to mislead, and this page, too. Do not trust them; check and play what is in the folder {0} alone."],
  undropped: ["Brskalnik tej strani ne da datotek iz povlečene mape. Izberite jo z gumbom.", "The browser does not give this page the files of a folder that is dragged. Choose it with the button."],
  failed: ["Preverjanje se je ustavilo: {0}. Poskusite znova ali uporabite varuh-verify.", "Verifying stopped: {0}. Try again, or use varuh-verify."],
};

const told = {
  bad: ["NEKAJ NI V REDU. Kaj, piše spodaj.", "SOMETHING IS WRONG. What, is said below."],
  newer: ["NI PREVERJENO: paket je od novejše različice varuha.", "NOT VERIFIED: the package is of a newer version of varuh."],
  waiting: ["NIČ NAROBE NI NAJDENO, POTRJENO PA ŠE NI NIČ: primerjajte prstni odtis s papirjem (korak 3).", "NOTHING WRONG WAS FOUND, BUT NOTHING IS CONFIRMED YET: compare the fingerprint with the paper (step 3)."],
  good: ["V REDU: vse, kar ta stran preverja, drži. Česa ne preverja, piše spodaj.", "GOOD: all that this page checks holds. What it does not check is said below."],
};

const verdictNames = {
  exported: ["Izvoženo, kot je posneto", "Exported as recorded"],
  disclosed: ["Posredovano, kot je zapisano", "Disclosed as logged"],
  unchanged: ["Nespremenjeno od snemanja", "Unchanged since capture"],
};

const verdictWords = {
  exported: {
    yes: ["Vse datoteke so natanko tiste, ki so bile podpisane, in vsak odlomek posnetkov je tak in na tistem mestu, kot je bil posnet. Kazala posnetkov (čas in hitrost predvajanja) ta stran ne sestavi znova, temveč verjame podpisu; to preveri varuh-verify.",
      "All files are just those that were signed, and each fragment in the clips is as, and where, it was recorded. The index of clips (time and pace of playing) this page does not make again, but believes the signature; varuh-verify checks that."],
    no: ["NE DRŽI: datoteke paketa niso tiste, ki so bile podpisane, ali posnetki niso to, kar je bilo posneto.", "DOES NOT HOLD: the files of the package are not those that were signed, or the clips not what was recorded."],
  },
  disclosed: {
    yes: ["Dnevnik naprave pove, da je bil posredovan prav ta paket: zapis o posredovanju je dokazano v dnevniku, ki ga je podpisal isti ključ.", "The appliance's diary says that this very package was disclosed: the entry of the disclosure is proven to be in the diary that the same key signed."],
    no: ["NE DRŽI: iz dnevnika naprave ni razvidno, da je bil posredovan ta paket.", "DOES NOT HOLD: the appliance's diary does not say that this package was disclosed."],
  },
  unchanged: {
    elsewhere: ["TU NI PREVERJENO DO KONCA. Posnetki so tisti, za katere dnevnik naprave pravi, da so bili posneti. Ali je zanje še pred zahtevo jamčila zunanja priča, preveri le varuh-verify; brez priče bi jih pred izvozom lahko spremenil, kdor upravlja napravo.",
      "NOT WHOLLY CHECKED HERE. The clips are what the appliance's diary says was recorded. Whether an outside witness vouched for that before the request only varuh-verify checks; without one, whoever rules the appliance could have changed them before the export."],
    no: ["NE DRŽI: posnetki niso to, kar je po dnevniku naprave bilo posneto, ali pa dokazila ne držijo.", "DOES NOT HOLD: the clips are not what the appliance's diary says was recorded, or the proofs do not hold."],
  },
  waiting: ["ŠE NI POTRJENO: drži, če je ključ res od te naprave. To pove le prstni odtis na papirju.", "NOT CONFIRMED YET: it holds if the key is really the appliance's. Only the fingerprint on paper says so."],
  otherKey: ["NI POTRJENO: podpisano je s ključem, ki ni tisti z vašega papirja. Preverite, ali je prstni odtis pravilno prepisan. Če je, je paket podpisal nekdo drug.",
    "NOT CONFIRMED: it is signed by a key that is not the one on your paper. Check that the fingerprint was typed rightly. If it was, somebody else signed the package."],
  newer: ["TU NI PREVERJENO: uporabite novejši varuh-verify.", "NOT CHECKED HERE: use a newer varuh-verify."],
};

const stateNames = { yes: ["drži", "holds"], no: ["ne drži", "does not hold"], waiting: ["še ni potrjeno", "not confirmed yet"], elsewhere: ["preveri varuh-verify", "for varuh-verify"] };

const uiWords = {
  progress: ["Preverjam: {0} % ({1} od {2}) – {3}", "Verifying: {0} % ({1} of {2}) – {3}"],
  where: ["Preverjeno je samo to, kar je v mapi {0}.", "What was checked is in the folder {0}, and nothing else."],
  done: ["Preverjanje je končano. Pregledanih datotek: {0} ({1}), odlomkov: {2}.", "Verified. Files looked at: {0} ({1}), fragments: {2}."],
  stopped: ["Preverjanje je bilo ustavljeno.", "Verifying was stopped."],
  typed: ["Vpisanih znakov: {0} od 32.", "Digits entered: {0} of 32."],
  digits: ["Prstni odtis ima samo znake od 0 do 9 in od a do f.", "A fingerprint has only the digits 0 to 9 and a to f."],
  keyWait: ["Vpisano. Zdaj izberite še mapo (korak 2).", "Entered. Now choose the folder, too (step 2)."],
  keySame: ["Ujema se: paket je podpisan s ključem s papirja.", "It matches: the package is signed by the key on paper."],
  keyOther: ["NE ujema se s ključem paketa. Preverite, ali je odtis pravilno prepisan.", "It does NOT match the package's key. Check that the fingerprint was typed rightly."],
  plays: ["{0}: kamera {1}", "{0}: camera {1}"],
  copy: ["Predvaja se kopija za ogled ({0}). Ni dokaz; dokaz je {1}.", "A copy for viewing is shown ({0}). It is no evidence; {1} is."],
  checked: ["Predvaja se datoteka iz izbrane mape.", "What is shown is the file of the chosen folder."],
  cannot: ["Ta brskalnik posnetka ne predvaja. Če ste stran odprli iz arhiva ZIP, arhiv najprej razširite v mapo. Sicer posnetek odprite s programom VLC (videolan.org).", "This browser does not play the clip. If you opened the page inside a ZIP archive, extract that into a folder first. Otherwise open the clip with VLC (videolan.org)."],
};

/** filled is a text in both languages with values in their places. */
const filled = (pair, ...values) => pair.map((text) => text.replace(/\{(\d)\}/g, (_, n) => printable(String(values[n]))));

/** printable shows what would move text on a screen as a mark. */
const printable = (text) => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
