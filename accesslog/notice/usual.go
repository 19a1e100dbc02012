package notice

// Usual is what most schools, offices and shops write, for the page to begin with: who the controller is, whom to turn to
// and what is watched is left to fill in.
func Usual() Content {
	const basis = "Splošna uredba (GDPR), točka (f) prvega odstavka 6. člena; ZVOP-2, 76. in 77. člen"
	return Content{
		Purposes: []Purpose{
			{"safety", "varnost ljudi in premoženja", "safety of people and property", basis},
			{"entry", "nadzor vstopa v prostore in izstopa iz njih", "control of who enters and leaves the premises", basis},
		},
		Recipients: Text{"Pogodbena varnostna služba in pogodbeni vzdrževalec sistema; na zahtevo policija, sodišča in drugi organi.",
			"The contractual security service and maintainer of the system; on request the police, courts and other authorities."},
		Kept: Text{"največ 1 leto", "at most 1 year"},
		Effects: Text{"Posnetke je mogoče pregledati za nazaj in iz njih pripraviti izseke za upravičene uporabnike, na primer policijo.",
			"Footage can be looked at later, and excerpts of it can be made for those entitled to them, such as the police."},
	}
}
