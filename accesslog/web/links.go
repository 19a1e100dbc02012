package web

import (
	"fmt"
	"strconv"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
)

// linkRoutes hand packages to outsiders who can't come, where the operator has published the appliance.
var linkRoutes = []route{
	{"GET", "/requests/{request}/package/links", "listLinks", may(people.Extract), gives((*Site).links), "The secret addresses by which the package of a request can be fetched yet."},
	{"POST", "/requests/{request}/package/links", "issueLink", may(people.Extract), takes((*Site).issueLink),
		"Makes a secret address by which an outsider fetches a package, encrypted, until a time and so many times. Address and passphrase are shown once, and go by two ways."},
	{"DELETE", "/requests/{request}/package/links/{link}", "endLink", may(people.Extract), gives((*Site).endLink).ending(), "Ends a secret address."},
	{"POST", "/links/uses", "useLink", forAll, takes((*Site).useLink), "Takes one use of a secret address, which is entered; then the package can be downloaded once within ten minutes."},
	{"GET", "/links/downloads/{download}", "downloadByLink", forAll, writes("application/zip", (*Site).downloadByLink).streaming(),
		"Gives a package of which a use was taken as a ZIP file under the passphrase, once."},
}

// LinkAsked is for whom a secret address is.
type LinkAsked struct {
	Recipient string `json:"recipient"` // name of who is to have the package, and of what body: each use names him
	Until     moment `json:"until"`     // seven days from now at most
	Uses      int    `json:"uses"`      // one to five
	Warned    bool   `json:"warned"`    // the warning was read
	Remark    string `json:"remark,omitempty"`
}

// LinkIssued is a secret address. Neither it nor the passphrase can be had again.
type LinkIssued struct {
	LinkInfo
	Address    string `json:"address"`
	Passphrase string `json:"passphrase"` // goes by another way than the address
	Warning    string `json:"warning"`
}

// LinkInfo is a secret address, without what is secret.
type LinkInfo struct {
	Entry int64  `json:"entry"` // package.link, which says for whom it is
	Until moment `json:"until"`
	Uses  int    `json:"uses"` // that are left

	Restored bool `json:"restored,omitempty"` // the appliance was put back from a copy since: it opens nothing; another one can be issued
}

// LinkList are those that are good yet, but for a restore.
type LinkList struct {
	Links []LinkInfo `json:"links"`
}

// LinkUsed is what an outsider fetches a package with.
type LinkUsed struct {
	Secret     string `json:"secret"` // of the address
	Passphrase string `json:"passphrase"`
	Warned     bool   `json:"warned"` // the warning was read
}

// LinkReady is a package that can be downloaded once.
type LinkReady struct {
	Download string `json:"download"` // path of the download, behind the prefix of the API
	Until    moment `json:"until"`
}

// published refuses what there is not where outsiders can't come.
func (s *Site) published() error {
	if s.o.Published == "" {
		return errNoPage
	}
	return nil
}

func (s *Site) links(c *call) (LinkList, error) {
	out := LinkList{Links: []LinkInfo{}}
	q, err := s.request(c)
	if err != nil {
		return out, err
	}
	list, err := s.o.Packages.Links(c.Context(), q.ID)
	for _, l := range list {
		out.Links = append(out.Links, linkInfo(l))
	}
	return out, err
}

func linkInfo(l packing.Link) LinkInfo {
	return LinkInfo{Entry: l.ID, Until: moment{l.Until}, Uses: l.Uses, Restored: l.Restored}
}

func (s *Site) issueLink(c *call, in LinkAsked) (LinkIssued, error) {
	if err := s.published(); err != nil {
		return LinkIssued{}, err
	}
	q, err := s.request(c)
	if err != nil {
		return LinkIssued{}, err
	}
	l, err := s.o.Packages.Issue(c.Context(), c.here(), q.ID, packing.LinkAsked{Recipient: in.Recipient, Warned: in.Warned, Remark: in.Remark, Until: in.Until.Time, Uses: in.Uses})
	if err != nil {
		return LinkIssued{}, err
	}
	return LinkIssued{linkInfo(l.Link), fmt.Sprintf("https://%s/pickup#%s", s.o.Published, l.Secret), l.Passphrase, disclosure.Warning.In(c.language)}, nil
}

func (s *Site) endLink(c *call) (nothing, error) {
	q, err := s.request(c)
	if err != nil {
		return nothing{}, err
	}
	id, err := strconv.ParseInt(c.PathValue("link"), 10, 64)
	if err != nil {
		return nothing{}, packing.ErrLink
	}
	return nothing{}, s.o.Packages.EndLink(c.Context(), c.here(), q.ID, id)
}

func (s *Site) useLink(c *call, in LinkUsed) (LinkReady, error) {
	if err := s.published(); err != nil {
		return LinkReady{}, err
	}
	r, err := s.o.Packages.Use(c.Context(), in.Secret, in.Passphrase, c.address, in.Warned)
	if err != nil {
		return LinkReady{}, err
	}
	return LinkReady{"/links/downloads/" + r.ID, moment{r.Until}}, nil
}

func (s *Site) downloadByLink(c *call, _ nothing) error {
	if err := s.published(); err != nil {
		return err
	}
	out, err := s.o.Packages.FetchByLink(c.Context(), c.PathValue("download"))
	if err != nil {
		return err
	}
	return c.hands(out, "paket-"+out.Package.Request+".zip")
}
