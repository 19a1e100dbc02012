package main

// requestSentences are about requests for footage, and their packages.
var requestSentences = []shownSentence{
	{"%s: decide in the next days (varuh request list)", "%s: o njih odločite v naslednjih dneh"},
	{"%s: not decided in time, so decide late (varuh request list)", "%s: odločitve ni bilo v roku, odločite z zamudo"},
	{"%s: decide and build the package in the next days, before the footage comes to its term (varuh request list)", "%s: odločite in izdelajte paket v naslednjih dneh, preden posnetkom poteče rok"},
	{"%s: the package was not built in time, so build it before the footage is gone (varuh request list)", "%s: paket ni bil izdelan v roku, izdelajte ga, preden posnetkov ni več"},
	{"%s that came orally: the paper is awaited in the next days (varuh request list)", "ustno vložena, listina se pričakuje v naslednjih dneh: %s"},
	{"%s that came orally: the paper has not come in time, so ask for it (varuh request list)", "ustno vložena, listine ni bilo v roku, zahtevajte jo: %s"},
	{"%s: over, and still holding footage, so look in the next days whether it may go (varuh request list)", "končana, posnetki pa so še zadržani, v naslednjih dneh preverite, ali smejo biti sproščeni: %s"},
	{"%s: over, and still holding footage, so look whether it may go (varuh request list)", "končana, posnetki pa so še zadržani, preverite, ali smejo biti sproščeni: %s"},
	{"requests whose term is over could not be entered as refused: look at the log", "zahtev, ki jim je potekel rok, ni bilo mogoče vpisati kot zavrnjene: poglejte dnevnik delovanja"},
	{"how packages for requests are can't be told: %v", "kako je s paketi za zahteve, ni mogoče ugotoviti: %s"},
	{"%s to be built: somebody has to log in who can open footage (varuh unlock --as LOGIN)", "čaka na izdelavo, dokler se ne prijavi nekdo, ki sme odpreti posnetke: %s"},
	{"%s: building came to nothing several times, so see why before the footage is gone (varuh package list --ended)", "izdelava večkrat zapored ni uspela, ugotovite vzrok, preden posnetkov ni več: %s"},
	{"%s: building came to nothing, so see why (varuh package list --ended), and order it again (varuh package build REQUEST --as LOGIN)", "izdelava ni uspela, ugotovite vzrok in jo znova naročite: %s"},
	{"%s: building can't begin and is tried again by itself, so see why (varuh package list)", "izdelava se ne more začeti in se poskuša sama, ugotovite vzrok: %s"},
	{"%s: taken out days ago, and nobody has entered that it was handed over, so enter it (varuh package handover REQUEST)", "prevzeto že pred dnevi, predaja pa ni vpisana, vpišite jo: %s"},
	{"%s: destroyed in less than 2 days, and nobody has taken it out, so hand it over (varuh package list)", "v manj kot 2 dneh bo uničeno, prevzel pa ga še ni nihče, predajte ga: %s"},
	{"%s on the stores can't be read or destroyed, or came from a newer varuh: look at the log and the disk, or update varuh", "na diskih je nekaj, česar ni mogoče ne prebrati ne uničiti ali kar je zapisal novejši varuh, poglejte dnevnik delovanja in disk ali posodobite varuh: %s"},
	{"what is due of requests for footage can't be told: look at the log", "kaj je treba storiti z zahtevami za posnetke, ni mogoče ugotoviti: poglejte dnevnik delovanja"},
}
