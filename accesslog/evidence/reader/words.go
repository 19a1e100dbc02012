package reader

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// labels are of the members of a request that are known; others are shown by their names.
var labels = map[string]proof.Sentence{
	"applicant":  {SL: "Vlagatelj", EN: "Applicant"},
	"authority":  {SL: "Organ", EN: "Authority"},
	"basis":      {SL: "Pravna podlaga", EN: "Legal basis"},
	"basis_text": {SL: "Natančna navedba podlage", EN: "Exact basis"},
	"body":       {SL: "Organ, ki vodi zadevo", EN: "Handling body"},
	"case":       {SL: "Številka zadeve", EN: "Number of the case"},
	"entry":      {SL: "Zahteva v dnevniku, zapis št.", EN: "Request in the diary, entry no."},
	"id":         {SL: "Oznaka zahteve", EN: "Request"},
	"purpose":    {SL: "Namen", EN: "Purpose"},
	"recipient":  {SL: "Prejemnik", EN: "Recipient"},
	"signatory":  {SL: "Podpisnik", EN: "Signatory"},
	"subject":    {SL: "Predmet zadeve", EN: "Subject of the case"},
}

// facts are what a manifest says of its request, but for its kind, which is a word for programs.
func facts(request map[string]string) (list []fact) {
	for _, name := range slices.Sorted(maps.Keys(request)) {
		if name == "kind" {
			continue
		}
		label, ok := labels[name]
		if !ok {
			label = proof.Sentence{SL: name, EN: name}
		}
		list = append(list, fact{label, request[name]})
	}
	return list
}

func codecsOf(c evidence.Clip) string {
	var list []string
	for _, t := range c.Tracks {
		list = append(list, evidence.CodecInWords(t.Entry))
	}
	return strings.Join(list, " + ")
}

// playerFor says that another player is needed for clips of which browsers show no pictures or play no sound, if there are any.
func playerFor(m evidence.Manifest) *proof.Sentence {
	var list []string
	for _, c := range m.Clips {
		for _, t := range c.Tracks {
			if name := evidence.CodecInWords(t.Entry); (t.Entry == "hvc1" || t.Entry == "mp4v" || name == "G.711") && !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return &proof.Sentence{
		SL: fmt.Sprintf("V posnetkih je zapis, ki ga brskalniki ne predvajajo ali ne povsod: %s. Če tu ni slike ali zvoka, odprite posnetek s programom VLC (videolan.org).", strings.Join(list, ", ")),
		EN: fmt.Sprintf("The clips have a format that browsers don't play, or not everywhere: %s. If there is no picture or sound here, open the clip with VLC (videolan.org).", strings.Join(list, ", ")),
	}
}

// notes say how far the times can be trusted.
func notes(m evidence.Manifest) (list []proof.Sentence) {
	say := func(sl, en string, values ...any) {
		slovenian := slices.Clone(values)
		for i, v := range values {
			if d, ok := v.(time.Duration); ok {
				values[i], slovenian[i] = evidence.SecondsInWords(d).EN, evidence.SecondsInWords(d).SL
			}
		}
		list = append(list, proof.Sentence{SL: fmt.Sprintf(sl, slovenian...), EN: fmt.Sprintf(en, values...)})
	}
	if c := m.Clock; !c.Measured.IsZero() {
		say("Ura naprave je bila primerjana %s; njenim časom je treba prišteti %s (± %s).", "The appliance's clock was compared at %s; add %s to its times (± %s).",
			zoneOf(c.Zone).text(c.Measured), c.Offset, c.Uncertainty)
	} else {
		say("Ura naprave ni bila primerjana z zunanjim časom.", "The appliance's clock was not compared with outside time.")
	}
	for _, camera := range slices.Sorted(maps.Keys(m.Clock.Cameras)) {
		if ahead := m.Clock.Cameras[camera]; ahead < 0 {
			say("Ura v sliki kamere %s zaostaja za %s.", "The clock in the picture of camera %s is behind by %s.", m.Named(camera), -ahead)
		} else {
			say("Ura v sliki kamere %s prehiteva za %s.", "The clock in the picture of camera %s is ahead by %s.", m.Named(camera), ahead)
		}
	}
	late := map[string]time.Duration{}
	for _, s := range m.Segments {
		if s.Correction != 0 {
			late[s.Camera] = s.Correction
		}
	}
	for _, camera := range slices.Sorted(maps.Keys(late)) {
		say("Ura naprave je bila nastavljena šele med snemanjem: časom posnetkov kamere %s prištejte do %s; natančno za vsak posnetek pove varuh-verify.",
			"The appliance's clock was set only while recording: add up to %[2]s to the times of clips of camera %[1]s; varuh-verify tells it for each clip.", m.Named(camera), late[camera])
	}
	return list
}
