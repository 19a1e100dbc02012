package web

import (
	"varuh/accesslog/people"
	"varuh/accesslog/web/certificate"
)

// statusRoutes are about the appliance as a whole.
var statusRoutes = []route{
	{"GET", "/status", "status", may(people.System), gives((*Site).status), "Tells how recorder, stores, copies, clock and diary are."},
	{"GET", "/cameras/{camera}/health", "cameraHealth", may(people.System), takes((*Site).health),
		"How a camera has recorded lately: bitrate by the hour, and gaps. It says nothing of what footage shows."},
	{"POST", "/lock", "lock", may(people.Lock), gives((*Site).lock).ending(), "Takes the reading keys out of memory: nobody sees footage until somebody who can open them logs in."},
}

// Status is how the appliance is. It has no word of persons or of what footage shows.
type Status struct {
	Version  string          `json:"version"`
	Started  moment          `json:"started"`
	Now      moment          `json:"now"`
	Clock    string          `json:"clock"` // its state, such as synchronised
	Streams  []StreamStatus  `json:"streams"`
	Stores   []StoreStatus   `json:"stores"`
	Problems []Line          `json:"problems"` // that need a person
	Parties  []PartyStatus   `json:"parties"`  // who outside keeps checkpoints of the diary
	Packages []PackageStatus `json:"packages"` // for requests, that are there or to be built
	Config   ConfigStatus    `json:"config"`

	// What the site itself knows.
	Locked   []people.Which `json:"locked"` // keys that are not open
	Sessions int            `json:"sessions"`
	Entries  int64          `json:"entries"`         // of the diary
	Fault    *Line          `json:"fault,omitempty"` // why the diary is not to be trusted

	Certificate *CertificateStatus `json:"certificate,omitempty"` // that the pages are served with
}

// StreamStatus is one stream of a camera.
type StreamStatus struct {
	Camera    string `json:"camera"`
	Stream    string `json:"stream"`
	State     string `json:"state"`               // connecting, recording, waiting, paused, full, stalled or stopped
	Problem   *Line  `json:"problem,omitempty"`   // what is wrong, and what to do
	Format    string `json:"format,omitempty"`    // of the picture
	Transport string `json:"transport,omitempty"` // tcp or udp
	Last      moment `json:"last,omitzero"`       // end of the last fragment that was stored
	Segments  int64  `json:"segments"`            // begun since the start
	Gaps      int64  `json:"gaps"`                // ended since the start
	Losses    int64  `json:"losses"`              // fragments since the start from which packets are missing
	Offset    int64  `json:"offset_ms,omitempty"` // the camera's clock minus ours; 0 if it does not tell
}

// StoreStatus is one disk of footage.
type StoreStatus struct {
	Name    string `json:"name"`
	Free    int64  `json:"free"`              // bytes
	Problem *Line  `json:"problem,omitempty"` // what is wrong, and what to do
}

// PartyStatus is a witness or a time-stamping authority that is configured.
type PartyStatus struct {
	Name string `json:"name"`
	Kind string `json:"kind"`          // witness or tsa
	Size int64  `json:"size"`          // entries of the diary under the last checkpoint that it signed; 0: it has signed none
	Last moment `json:"last,omitzero"` // when it signed, by its own clock
}

// PackageStatus is a package for a request, without the request.
type PackageStatus struct {
	Entry   int64  `json:"entry"`             // package.order
	State   string `json:"state"`             // waiting, locked, building, staged, handed, gone or failed
	Percent int    `json:"percent,omitempty"` // that is written, about, while it is built
	Until   moment `json:"until,omitzero"`    // when it is destroyed at the latest; missing: nothing says so yet
	Links   int    `json:"links"`             // secret addresses in force by which an outsider fetches it
}

// ConfigStatus is what became of the last change of the configuration.
type ConfigStatus struct {
	Mistakes []Mistake `json:"mistakes"` // for which it is not in force; the one before is
	Restart  []string  `json:"restart"`  // keys of varuh.yml that were changed and wait for a restart
}

// Mistake is one in a file of the configuration.
type Mistake struct {
	File string `json:"file,omitempty"` // in the folder of the configuration; missing: in none
	Line int64  `json:"line,omitempty"` // missing: the file as a whole
	Says Line   `json:"says"`           // what is wrong and what is allowed
}

// CertificateStatus is what browsers are shown.
type CertificateStatus struct {
	Own         bool   `json:"own"`                 // it is the controller's own, not one that the appliance signed
	Issuer      string `json:"issuer"`              // its common name, or its organisation
	Until       moment `json:"until"`               // when it ends
	Fingerprint string `json:"fingerprint"`         // SHA-256, as browsers write it
	Authority   string `json:"authority,omitempty"` // the same of the appliance's authority, which people install
}

// Line is a sentence in both languages.
type Line struct {
	Sl string `json:"sl"`
	En string `json:"en"`
}

// filled has lists where nothing was said, so that JSON has no null.
func (s Status) filled() Status {
	if s.Streams == nil {
		s.Streams = []StreamStatus{}
	}
	if s.Stores == nil {
		s.Stores = []StoreStatus{}
	}
	if s.Problems == nil {
		s.Problems = []Line{}
	}
	if s.Parties == nil {
		s.Parties = []PartyStatus{}
	}
	if s.Packages == nil {
		s.Packages = []PackageStatus{}
	}
	if s.Config.Mistakes == nil {
		s.Config.Mistakes = []Mistake{}
	}
	if s.Config.Restart == nil {
		s.Config.Restart = []string{}
	}
	return s
}

func (s *Site) status(c *call) (Status, error) {
	st, err := s.o.Status(c.Context())
	if err != nil {
		return Status{}, err
	}
	st = st.filled()
	st.Now, st.Locked, st.Sessions, st.Entries = moment{s.o.Now()}, s.locked(), s.o.People.Sessions(), s.o.Diary.Head().Size
	st.Fault = s.fault()
	st.Certificate = s.certificate()
	return st, nil
}

// certificate is what is served, nil for plain HTTP.
func (s *Site) certificate() *CertificateStatus {
	if s.o.Own == nil {
		return nil
	}
	leaf := s.o.Own.Leaf()
	c := &CertificateStatus{Own: s.o.Own.Own(), Issuer: leaf.Issuer.CommonName, Until: moment{leaf.NotAfter}, Fingerprint: certificate.Fingerprint(leaf.Raw)}
	if c.Issuer == "" && len(leaf.Issuer.Organization) > 0 {
		c.Issuer = leaf.Issuer.Organization[0]
	}
	if root := s.root(); root != nil {
		c.Authority = certificate.Fingerprint(root)
	}
	return c
}

// fault says why the diary is not to be trusted, nil for nothing.
func (s *Site) fault() *Line {
	f := s.o.Diary.Fault()
	if f == nil {
		return nil
	}
	line := Line{Sl: f.String(), En: f.String()}
	if s.o.InBoth != nil {
		line = s.o.InBoth(f.String())
	}
	return &line
}

// locked are the keys that are not open.
func (s *Site) locked() []people.Which {
	list := []people.Which{}
	for _, w := range []people.Which{people.FootageKey, people.DiaryKey} {
		if s.o.Keys.Locked(w) {
			list = append(list, w)
		}
	}
	return list
}

func (s *Site) lock(c *call) (nothing, error) {
	return nothing{}, s.o.Door.Lock(c.Context(), c.actor())
}
