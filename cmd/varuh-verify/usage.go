package main

import (
	"fmt"
	"io"
)

// usage is for whoever starts the program without a file, by a double click for one.
const usage = `varuh-verify preveri paket s posnetki ali dnevnik, ki ga je izdala naprava
varuh. Interneta ne potrebuje in ničesar ne spremeni.

Kako: mapo paketa, njegov ZIP ali datoteko dnevnik.zip z miško povlecite na
ikono tega programa in spustite. Skupaj z njo lahko spustite še kontrolne
točke, ki jih je kdo shranil: najprej označite vse datoteke, nato povlecite eno
od njih. Če je program v mapi paketa ali ob njej oziroma ob njegovem ZIP, ga
dvokliknite: vpraša za prstni odtis s papirja, ZIP na željo razširi, poročilo
preverjanje.html pa zapiše ob paket. V mapo paketa ničesar ne kopirajte, tudi
tega programa ne: kar je v njej na novo, ni del paketa, in to se pove.
Podajte mapo samega paketa: če je okrog njega kaj drugega, ga ne preveri.

V ukazni vrstici:
  varuh-verify --key "4cb8 73d4 …" E:\paket
  varuh-verify --key "4cb8 73d4 …" --held kontrolna-tocka.txt dnevnik.zip

  --key KLJUČ       ključ naprave, ki ga poznate: njegov prstni odtis s papirja
                    (v narekovajih), ključ sam ali datoteka s ključi
  --held DATOTEKA   kontrolna točka, ki jo je kdo shranil zunaj naprave
  --tsa DATOTEKA    potrdila (PEM) overiteljev časa, ki jim zaupate
  --passphrase-file DATOTEKA   geslo šifriranega svežnja; sicer program vpraša
  --unpack MAPA     razširi paket iz arhiva ZIP v mapo, ki je še ni, in ga tam
                    preveri
  --report DATOTEKA   zapiše poročilo o paketu tudi kot stran (HTML)
  --list            izpiše tudi zapise dnevnika, vsakega v svoji vrstici
  --json            izpiše poročilo za programe; sodba je v polju "verdict"

Izhodno stanje: 0 vse v redu, 1 nekaj ni v redu, 2 ni bilo mogoče preveriti,
3 nič narobe ni najdeno, ni pa vse potrjeno (na primer ključ), 4 zapisal je
novejši varuh, potrebujete novejši varuh-verify.

----

varuh-verify checks a package of footage, or the diary, that a varuh appliance
has handed out. It needs no network and changes nothing.

How: with the mouse, drag the folder of the package, its ZIP, or the file
dnevnik.zip onto the icon of this program and drop it. Checkpoints that
somebody kept can be dropped with it: mark all files first, then drag one of
them. If the program lies in the folder of a package, or beside it or its ZIP,
double-click it: it asks for the fingerprint on paper, unpacks the ZIP if you
wish, and writes the report preverjanje.html beside the package. Copy nothing
into the folder of a package, nor this program: what is new in there is no part
of the package, and is said to be none. Give the folder of the package itself:
with anything else around it, it is not checked.

On a command line:
  varuh-verify --key "4cb8 73d4 …" E:\package
  varuh-verify --key "4cb8 73d4 …" --held checkpoint.txt dnevnik.zip

  --key KEY     a key that you know: its fingerprint from paper (in quotes),
                the key itself, or a file of keys
  --held FILE   a checkpoint that somebody kept outside of the appliance
  --tsa FILE    certificates (PEM) of time-stamping authorities that you trust
  --passphrase-file FILE   passphrase of an encrypted bundle; else you are asked
  --unpack FOLDER   unpacks the package out of a ZIP archive into a folder that
                is not there yet, and checks it there
  --report FILE   writes the report on a package as a page, too (HTML)
  --list        prints the entries of a diary too, a line each
  --json        prints the report for programs; "verdict" says what came of it

Exit status: 0 all is well, 1 something is wrong, 2 it could not be checked,
3 nothing wrong was found, but not all is confirmed (the key, for one),
4 a newer varuh wrote it: a newer varuh-verify is needed.
`

// printUsage has nowhere to report that nobody can read it.
func printUsage(w io.Writer) { fmt.Fprint(w, usage) }
