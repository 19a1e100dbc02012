package configs

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Diary is what the configuration says of the diary.
type Diary struct {
	// GapThreshold is how long a stream must not have been recorded for an entry of its own in the diary:
	// 1s to 24h. Shorter gaps are in the hourly entries all the same. Default: 5m.
	GapThreshold Duration `yaml:"gap_threshold"`

	// AnchorEvery is how often the outside parties below are asked: 10m to 24h, while there is something
	// new to tell. Default: 1h.
	AnchorEvery Duration `yaml:"anchor_every"`

	// Witnesses are services that keep the diary's checkpoints and sign that it only grew (C2SP
	// tlog-witness). A removed witness is not asked any more; what it said stays.
	Witnesses []Witness `yaml:"witnesses"`

	// Quorum is how many of the witnesses must have signed a checkpoint for it to count as kept: 1 to all.
	// Default: 1.
	Quorum int `yaml:"quorum"`

	// Timestamps are time-stamping authorities (RFC 3161), which say when a checkpoint was there.
	Timestamps []Authority `yaml:"timestamps"`

	// TermYears is how many years past the end of their calendar year entries are kept: 2, or 3 to 5 with
	// Assessment. A change to fewer takes effect at the next prune. Default: 2.
	TermYears int `yaml:"term_years"`

	// Assessment is the reference of the risk assessment that a term of more than 2 years rests on, such
	// as OT-3/2026. It is entered with each prune. At most 200 characters.
	Assessment string `yaml:"assessment"`
}

// Witness is one witness.
type Witness struct {
	// URL is where checkpoints are sent, http:// or https://. Required.
	URL Web `yaml:"url"`

	// Key is the witness's verifier key, as its keeper publishes it: name+hash+key. Required.
	Key string `yaml:"key"`
}

// Authority is one time-stamping authority.
type Authority struct {
	// URL is where requests are sent, http:// or https://; it may carry a name and a password. Required.
	URL Web `yaml:"url"`

	// Roots names a file of certificates in PEM to which the authority's must lead. A relative path
	// starts at the folder of varuh.yml. Required.
	Roots string `yaml:"roots"`
}

// Web is an http or https address. It prints without what may be a password: scheme and host alone.
type Web struct{ u *url.URL }

// UnmarshalText implements [encoding.TextUnmarshaler]. The error does not quote the text.
func (a *Web) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("is no address; want http://HOST/PATH or https://HOST/PATH")
	}
	a.u = u
	return nil
}

// Reveal is the whole address. Only the code that asks there may have it.
func (a Web) Reveal() string {
	if a.u == nil {
		return ""
	}
	return a.u.String()
}

// String is the address for people: scheme, host and port.
func (a Web) String() string {
	if a.u == nil {
		return ""
	}
	return a.u.Scheme + "://" + a.u.Host
}

// Format implements [fmt.Formatter], so that %#v and %+v print what [Web.String] does.
func (a Web) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (a Web) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// IsZero tells whether there is no address.
func (a Web) IsZero() bool { return a.u == nil }

var (
	domainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
	keyPattern    = regexp.MustCompile(`^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$`)
)

// IsDomain tells whether s can stand in the name of a diary.
func IsDomain(s string) bool { return len(s) <= 253 && domainPattern.MatchString(s) }

func (c *Config) checkDiary(d *document) {
	if c.Controller != "" && !IsDomain(c.Controller) {
		d.fault("controller", "is %q; want a domain in lower case, such as sola.example", c.Controller)
	}
	y := &c.Diary
	d.span("diary.gap_threshold", y.GapThreshold, time.Second, 24*time.Hour)
	d.span("diary.anchor_every", y.AnchorEvery, 10*time.Minute, 24*time.Hour)
	switch a := y.Assessment; {
	case y.TermYears < 2 || y.TermYears > 5:
		d.fault("diary.term_years", "is %d; allowed are 2 to 5", y.TermYears)
	case y.TermYears > 2 && strings.TrimSpace(a) == "":
		d.fault("diary.term_years", "is %d; more than 2 years take diary.assessment, the reference of the risk assessment that says why", y.TermYears)
	case len(a) > 200:
		d.fault("diary.assessment", "has %d characters; a reference such as OT-3/2026 has at most 200", len(a))
	}
	if most := max(1, len(y.Witnesses)); y.Quorum < 1 || y.Quorum > most {
		d.fault("diary.quorum", "is %d; allowed are 1 to %d, the number of the witnesses", y.Quorum, most)
	}
	names := map[string]bool{}
	for i, w := range y.Witnesses {
		path := fmt.Sprintf("diary.witnesses[%d]", i)
		name, _, _ := strings.Cut(w.Key, "+")
		switch {
		case w.URL.IsZero():
			d.fault(path, "has no url; want http://HOST/PATH or https://HOST/PATH")
		case !keyPattern.MatchString(w.Key):
			d.fault(path, "has no key of the form name+hash+key; ask the keeper of the witness for it")
		case names[name]:
			d.fault(path, "is there twice; every witness needs a key of its own")
		}
		names[name] = true
	}
	for i := range y.Timestamps {
		a, path := &y.Timestamps[i], fmt.Sprintf("diary.timestamps[%d]", i)
		switch {
		case a.URL.IsZero():
			d.fault(path, "has no url; want http://HOST/PATH or https://HOST/PATH")
		case a.Roots == "":
			d.fault(path, "has no roots; name a file with the authority's root certificates in PEM")
		default:
			a.Roots = c.within(a.Roots)
		}
	}
}
