package reader

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// Name is that of the page in a package: it sorts first.
const Name = "1_PREBERI.html"

var (
	//go:embed page.html
	source string
	//go:embed style.css
	style string
	//go:embed js
	scripts embed.FS

	page   = template.Must(template.New("page").Funcs(template.FuncMap{"t": inBoth}).Parse(source))
	script = program()
)

// order is that in which the scripts build on each other.
var order = []string{"sha2", "ed25519", "form", "words", "package", "page"}

// program is all scripts as one, whose names are its own.
func program() string {
	var b strings.Builder
	b.WriteString("\"use strict\";\n(() => {\n")
	for _, name := range order {
		text, err := scripts.ReadFile("js/" + name + ".js")
		if err != nil {
			panic(err) // it is in the program
		}
		b.Write(text)
	}
	b.WriteString("})();\n")
	return b.String()
}

// inBoth is a text in both languages, of which the page shows one.
func inBoth(sl, en string) template.HTML {
	return template.HTML(fmt.Sprintf(`<span lang="sl">%s</span><span lang="en">%s</span>`, template.HTMLEscapeString(sl), template.HTMLEscapeString(en)))
}

// Page is the page for a package, by what is known of that when its clips are there: About, Clips, Segments and Files. What
// is not known yet (the hash of the manifest, the signature) the page reads from the folder that somebody chooses.
func Page(m evidence.Manifest) ([]byte, error) {
	zone := zoneOf(m.Clock.Zone)
	data := contents{Style: template.CSS(style), Script: template.JS(script), StyleHash: policyHash(style), ScriptHash: policyHash(script),
		Titles: titles, Controller: m.Controller, Software: m.Software, Request: facts(m.Request), Zone: zone.name, Notes: append([]proof.Sentence{evidence.WholePictures}, notes(m)...), Player: playerFor(m), Commands: evidence.Commands, Windows: evidence.WindowsCommands}
	for _, r := range m.Asked {
		data.Asked = append(data.Asked, span{Camera: m.Named(r.Camera), From: zone.text(r.From), To: zone.text(r.To)})
	}
	for _, g := range m.Gaps {
		data.Gaps = append(data.Gaps, span{Camera: m.Named(g.Camera), From: zone.text(g.From), To: zone.text(g.To), Cause: evidence.CauseInWords(g.Cause)})
	}
	data.Data.Titles, data.Data.Clips = titles, []played{}
	for _, c := range m.Clips {
		data.Clips = append(data.Clips, clip{Path: c.Path, Camera: m.Named(c.Camera), Codec: codecsOf(c), From: zone.text(c.From), To: zone.text(c.To)})
		data.Data.Clips = append(data.Data.Clips, played{Path: c.Path, Camera: m.Named(c.Camera), Copy: copyOf(m.Files, c.Path)})
	}
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("couldn't write %s: %w", Name, err)
	}
	return b.Bytes(), nil
}

var titles = [2]string{"Posnetki videonadzora – preberi me", "Video surveillance footage – read me"}

// contents are what the template fills in.
type contents struct {
	Style                      template.CSS
	Script                     template.JS
	StyleHash, ScriptHash      string
	Titles                     [2]string
	Controller, Software, Zone string
	Commands, Windows          string
	Request                    []fact
	Asked, Gaps                []span
	Clips                      []clip
	Notes                      []proof.Sentence
	Player                     *proof.Sentence
	Data                       struct {
		Titles [2]string `json:"titles"`
		Clips  []played  `json:"clips"`
	}
}

type (
	span struct {
		Camera, From, To string
		Cause            proof.Sentence
	}
	clip   struct{ Path, Camera, Codec, From, To string }
	played struct {
		Path   string `json:"path"`
		Camera string `json:"camera"`
		Copy   string `json:"copy,omitempty"` // for viewing, where browsers don't play the clip
	}
	fact struct {
		proof.Sentence
		Value string
	}
)

// policyHash names a script or style in the page's policy: only this one may run.
func policyHash(text string) string {
	h := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(h[:])
}

// zone is how times are told.
type zone struct {
	name string
	at   *time.Location
}

// zoneOf is the local zone of the footage, or UTC where this system does not know it.
func zoneOf(name string) zone {
	if at, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return zone{name, at}
	}
	return zone{"UTC", time.UTC}
}

func (z zone) text(t time.Time) string { return t.In(z.at).Format("2. 1. 2006 15:04:05 MST") }

// copyOf is the viewing copy of a clip, if there is one.
func copyOf(files []evidence.File, path string) string {
	i := slices.IndexFunc(files, func(f evidence.File) bool { return f.Kind == evidence.KindDerived && f.Of == path })
	if i < 0 {
		return ""
	}
	return files[i].Path
}
