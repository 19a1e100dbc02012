package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sentenceFolders are where sentences of the status come from.
var sentenceFolders = []string{".", "../../recorder", "../../recorder/rtsp", "../../retention", "../../retention/copies", "../../accesslog/diary"}

// sentenceFuncs give sentences of the status, and nothing else that is as long.
var sentenceFuncs = []string{"sentence", "sentences", "troubles", "trouble", "Sentence", "clockSays", "doubts", "fullSentence", "sharedDisk", "undatedSays", "astraySays",
	"explain", "explainOwn", "explainStatus", "explainNetwork", "explainTransport", "silent", "restless", "takesRestart", "warn", "inDays", "doubt", "String", "keyFault"}

// sentenceCalls take sentences of the status.
var sentenceCalls = []string{"wrong", "complain", "tell"}

// logged are the types whose sentences go to the log and the diary alone, or are in both languages.
var logged = []string{"Event", "Finding", "Note", "proof.Finding", "proof.Sentence"}

// saying collects what a syntax tree says to people, as formats by their places.
type saying struct {
	files *token.FileSet
	found map[string]string
}

func (s saying) walk(t *testing.T, folder string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	must(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.files, name, nil, parser.SkipObjectResolution)
		must(t, err)
		ast.Inspect(f, func(n ast.Node) bool { return s.look(n) })
	}
}

// look takes in what stands in the places of sentences. It returns whether to look further down.
func (s saying) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if slices.Contains(sentenceFuncs, n.Name.Name) && n.Body != nil && !(n.Name.Name == "String" && !strings.Contains(s.files.Position(n.Pos()).Filename, "fault.go")) {
			s.all(n.Body)
		}
	case *ast.CompositeLit:
		return !slices.Contains(logged, nameOf(n.Type))
	case *ast.KeyValueExpr:
		if nameOf(n.Key) == "Sentence" {
			s.all(n.Value)
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if of, ok := left.(*ast.SelectorExpr); ok && slices.Contains([]string{"Sentence", "Sentences", "warnings", "trouble"}, of.Sel.Name) && i < len(n.Rhs) {
				s.all(n.Rhs[i])
			}
		}
	case *ast.CallExpr:
		if nameOf(n.Fun) == "r.event" && strings.Contains(s.files.Position(n.Pos()).Filename, "retention") { // an alarm
			s.all(n)
		}
		if of, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(sentenceCalls, of.Sel.Name) && nameOf(of.X) != "term" {
			for _, a := range n.Args {
				s.all(a)
			}
		}
	}
	return true
}

// all takes in every text below a node. Texts that are put together are one.
func (s saying) all(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			return !slices.Contains(logged, nameOf(n.Type))
		case *ast.BinaryExpr:
			if text := joined(n); text != "" {
				s.take(n.Pos(), text)
				return false
			}
		case *ast.BasicLit:
			s.take(n.Pos(), joined(n))
		}
		return true
	})
}

// take keeps a text that is a sentence, or a part of one that is put into others.
func (s saying) take(at token.Pos, text string) {
	if strings.Count(strings.TrimSpace(text), " ") >= 3 && !strings.Contains(text, "SELECT") {
		s.found[text] = s.files.Position(at).String()
	}
}

// joined is a text, or texts and what is between them, as a format; "" if there is no text in it.
func joined(n ast.Expr) string {
	switch n := n.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
			return text
		}
	case *ast.ParenExpr:
		return joined(n.X)
	case *ast.BinaryExpr:
		if n.Op != token.ADD {
			return ""
		}
		left, right := joined(n.X), joined(n.Y)
		if left == "" && right == "" {
			return ""
		}
		if left == "" {
			left = "%s"
		}
		if right == "" {
			right = "%s"
		}
		return left + right
	}
	return ""
}

// nameOf is the name of a type or a key.
func nameOf(n ast.Expr) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return nameOf(n.X) + "." + n.Sel.Name
	case *ast.StarExpr:
		return nameOf(n.X)
	}
	return ""
}

var anyVerb = regexp.MustCompile(`%[-+#.0-9]*[a-z]`)

// parts are put into sentences, or have others put in, that are held against the words whole, in TestSentencesWhole.
var parts = []string{" and what is held", ", or release what need not be held", "%s: %s are promised, but with this bitrate%s the disks carry %s; add a disk, lower the bitrate or the promise%s",
	"%swhat was held when the diary was last trusted stays", "%s: the next on %s. Whoever needs it must bring the diary back before"}

// quoting have errors that sentences quote behind a colon, or that a command tells: they stay English, as in the log.
var quoting = []string{"../../accesslog/diary/database.go", "packagestick.go"}

// Whatever recorder, stores, terms, diary and pages say to people is said in Slovenian, too: all places are looked through where
// sentences of the status are made.
func TestSentencesInSlovenian(t *testing.T) {
	t.Parallel()
	s := saying{token.NewFileSet(), map[string]string{}}
	for _, folder := range sentenceFolders {
		s.walk(t, folder)
	}
	if len(s.found) < 100 {
		t.Errorf("only %d sentences were found", len(s.found))
	}
	for format, at := range s.found {
		if !sayable(format) && !slices.Contains(parts, format) && !slices.ContainsFunc(quoting, func(file string) bool { return strings.HasPrefix(at, file) }) {
			t.Errorf("%s: %q is not said in Slovenian: add it to the words", at, format)
		}
	}
	for _, s := range shownSentences {
		if len(anyVerb.FindAllString(s.en, -1)) != strings.Count(strings.ReplaceAll(s.sl, "%%", ""), "%s") || s.sl == "" || s.sl == s.en {
			t.Errorf("%q is said as %q", s.en, s.sl)
		}
		if first := filled(s.en); !strings.Contains(mustSay(first), strings.SplitN(strings.ReplaceAll(s.sl, "%%", "%"), "%s", 2)[0]) {
			t.Errorf("%q is said by the words of another sentence, as %q", s.en, mustSay(first))
		}
	}
}

// sayable tells whether there are words for what a format makes: by itself, before an error that it quotes, or as what is counted.
func sayable(format string) bool {
	text := filled(format)
	_, counts := countInSlovenian("7 " + text)
	return counts || mustSay(text) != "" || mustSay(text+": 7") != ""
}

// filled is what a format makes.
func filled(format string) string {
	return strings.ReplaceAll(anyVerb.ReplaceAllString(strings.ReplaceAll(format, "%q", `"7"`), "7"), "%%", "%")
}

// mustSay is a sentence in Slovenian, or nothing.
func mustSay(en string) string {
	sl, _ := inSlovenianWords(en)
	return sl
}

// Sentences are said whole, with their spans, counts and dates, and with the sentences that they quote.
func TestSentencesWhole(t *testing.T) {
	t.Parallel()
	for en, sl := range map[string]string{
		"hall/main: 10.0.0.7:554: the camera is there but does not answer; restart it": "hall/main: 10.0.0.7:554: kamera je dosegljiva, a ne odgovarja; znova jo zaženite",
		"hall: 30d are promised, but its footage reaches back 3 days only":             "hall: obljubljeno je 30 dni, posnetki pa segajo nazaj le 3 dni",
		"hall: 2mo are promised, but with this bitrate and what is held the disks carry 1 hours; add a disk, lower the bitrate or the promise, or release what need not be held": "hall: obljubljeno je 2 meseca, s to bitno hitrostjo in zadržanji pa diski nosijo 1 uro; dodajte disk, " +
			"znižajte bitno hitrost ali obljubo ali sprostite, česar ni treba zadržati",
		"hall/main: no picture for 1m30s: check the camera and its network": "hall/main: že 1 min 30 s ni slike: preverite kamero in njeno omrežje",
		"2 segments are past the term and still there: look at the log":     "prek roka in še tu: 2 odseka; poglejte dnevnik delovanja",
		"4 events did not fit into the queue for the diary, or into an entry; entries of the diary are past their term and could not be destroyed: the disk is full": "v vrsto za dnevnik ali v zapis ni šlo: 4 dogodki; " +
			"zapisi dnevnika so prek roka in jih ni bilo mogoče uničiti: the disk is full",
		"the diary has 1 entry, but the key slots of /srv/a remembers 99: an older copy was put back, which is so after every restore, or entries were deleted": "dnevnik ima 1 zapis, hramba ključev /srv/a pa se jih spominja 99: " +
			"povrnjena je starejša kopija, kar je tako po vsaki obnovi, ali pa so bili zapisi izbrisani",
		"it is not certain how late it is, and what falls due meanwhile stays: nobody but the machine's clock has told the time yet; let a person confirm the date and time, or an outside party that signs the time be asked (varuh clock confirm)": "ni zanesljivo, " +
			"koliko je ura, in kar medtem zapade, ostane: časa doslej ni povedal nihče razen ure naprave; datum in uro naj potrdi oseba ali pa naj se vpraša zunanja stran, ki podpisuje čas (varuh clock confirm)",
		"the recovery words were used on 2026-11-02 08:30:00, so that the envelope is not sealed any more: replace it with varuh keys rotate": "besede za obnovo so bile uporabljene 2. 11. 2026 08:30:00, zato kuverta ni več zapečatena: zamenjajte jo z varuh keys rotate",
		"the disk of the state folder /s has only 1.5 MiB left, and diary, index and keys go there: make room on it before it is full":        "na disku mape stanja /s je le še 1,5 MiB prostora, tja pa gredo dnevnik, kazalo in ključi: sprostite ga, preden se napolni",
		"entry 7 is encrypted under content key 2, which is not there":                                                                        "zapis 7 je šifriran s ključem vsebine 2, ki ga ni",
		"the configuration is not in force: varuh.yml: line 3":                                                                                "nastavitve ne veljajo (opis napake je tehničen in v angleščini): varuh.yml: line 3",
		"something that nobody has foreseen":                                                                                                  "Naprava sporoča (v angleščini): something that nobody has foreseen",
	} {
		if got := bothLanguages(en); got.Sl != sl || got.En != en {
			t.Errorf("%+v", got)
		}
	}
}
