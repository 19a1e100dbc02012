package web

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
)

// paperRoutes give what is printed. Each is a page that needs nothing else, to be kept as a file.
var paperRoutes = []route{
	{"GET", "/cameras/{camera}/notices/{notice}/{paper}", "noticePaper", may(people.System, people.Play, people.Notices), writes(paperType, (*Site).noticePaper),
		"Gives a version of a notice as the sign for the wall (sign), the text for the web site (web), the list that employees sign (informed), or the head's decision to sign (decision)."},
	{"GET", "/authorisations/{authorisation}/paper", "authorisationPaper", may(people.Authorise, people.Persons), writes(paperType, (*Site).authorisationPaper),
		"Gives what a person signs before an authorisation is in force, with the statement of confidentiality."},
	{"POST", "/diary/checkpoint/page", "checkpointPage", may(people.ReadDiary), writes(paperType, (*Site).checkpointPage),
		"Gives the last checkpoint with its QR code, to be kept on paper where nobody of the appliance can change it. That it was taken out is entered."},
	{"GET", "/incidents", "listIncidents", may(people.Incidents, people.System), takes((*Site).incidents),
		"The entries about incidents, the last ones first, without what they say: that is read in the diary."},
}

const paperType = "text/html; charset=utf-8"

// PaperAsked is in which language.
type PaperAsked struct {
	Language string `json:"language,omitempty"` // sl or en; that of the person if it is missing
}

// languageOr is the language that is asked for, or the other.
func (p PaperAsked) languageOr(other string) (string, error) {
	switch p.Language {
	case "":
		return other, nil
	case "sl", "en":
		return p.Language, nil
	}
	return "", &wrong{"language", text{"Jezik je sl ali en.", "A language is sl or en."}}
}

// paper answers with a page that is kept as a file. Shown here it would lack its looks: see [policy].
func (c *call) paper(name string, page *bytes.Buffer) error {
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.html"`)
	return c.bytes(paperType, page.Bytes())
}

// noticePaper gives a paper of one version of a camera's notice, in the language that is asked for or that of the person: the sign
// (sign), the text for the web (web), the list that employees sign once they were informed (informed), or the decision of the head
// (decision).
func (s *Site) noticePaper(c *call, in PaperAsked) error {
	language, err := in.languageOr(c.language)
	if err != nil {
		return err
	}
	if err := s.exists(c.PathValue("camera")); err != nil {
		return err
	}
	versions, err := s.o.Notices.Versions(c.Context(), c.PathValue("camera"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(n notice.Notice) bool { return n.ID == c.PathValue("notice") })
	if i < 0 {
		return notice.ErrUnknown
	}
	var page bytes.Buffer
	switch c.PathValue("paper") {
	case "sign":
		err = notice.Sign(&page, versions[i], language, s.o.Notices.Zone)
	case "web":
		err = notice.WebText(&page, versions[i], language, s.o.Notices.Zone)
	case "informed":
		err = notice.InformedPage(&page, versions[i], nil, language, s.o.Notices.Zone)
	case "decision":
		err = s.decisionPaper(c, &page, versions[i], language)
	default:
		err = errNoPage
	}
	if err != nil {
		return err
	}
	return c.paper("obvestilo-"+c.PathValue("paper"), &page)
}

func (s *Site) decisionPaper(c *call, w io.Writer, n notice.Notice, language string) error {
	d, err := s.o.Notices.Decided(c.Context(), n)
	if err != nil {
		return err
	}
	d.Cameras = s.called(d.Cameras)
	return notice.DecisionPage(w, n.Content, d, language, s.o.Notices.Zone)
}

// authorisationPaper gives an authorisation as a paper for signing, in the language that is asked for or that of its person.
func (s *Site) authorisationPaper(c *call, in PaperAsked) error {
	records, err := s.o.People.Persons(c.Context())
	if err != nil {
		return err
	}
	p, names := people.Paper{Zone: s.zone()}, map[string]string{}
	for _, r := range records {
		names[r.ID] = r.Name
		for _, a := range r.Authorisations {
			if a.ID == c.PathValue("authorisation") {
				p.Person, p.Authorisation = r.Person, a
			}
		}
	}
	if p.Authorisation.ID == "" {
		return people.ErrUnknown
	}
	p.DeputyOf = names[p.Authorisation.DeputyOf]
	if p.Language, err = in.languageOr(p.Person.Language); err != nil {
		return err
	}
	if p.Controller, err = s.controller(c); err != nil {
		return err
	}
	var page bytes.Buffer
	if err := p.Write(&page); err != nil {
		return err
	}
	return c.paper("pooblastilo", &page)
}

// controller is who is responsible, as a notice in force says, "" where none does.
func (s *Site) controller(c *call) (string, error) {
	for _, camera := range s.o.Cameras() {
		n, there, err := s.o.Notices.At(c.Context(), camera.ID, s.o.Now())
		if err != nil || there {
			return strings.TrimSpace(n.Controller.Name + "\n" + n.Controller.Address), err
		}
	}
	return "", nil
}

// checkpointPage gives the diary's last checkpoint as a page to be printed, and enters before that it was printed. It names the
// controller by the first line of the notices, and without one by the origin of the diary.
func (s *Site) checkpointPage(c *call, _ nothing) error {
	note, err := s.o.Diary.Checkpoint(c.Context())
	if err != nil {
		return err
	}
	keys, err := s.o.Diary.Keys(c.Context())
	if err != nil {
		return err
	}
	signed, err := proof.OpenCheckpoint(note, keys...)
	if err != nil {
		return err
	}
	if _, err := s.o.Diary.Print(c.Context(), signed.Size); err != nil {
		return err
	}
	controller, err := s.controller(c)
	if err != nil {
		return err
	}
	if controller, _, _ = strings.Cut(controller, "\n"); controller == "" {
		controller, _, _ = strings.Cut(signed.Origin, "/")
	}
	var page bytes.Buffer
	if err := (anchor.Page{Controller: controller, Checkpoint: signed, Made: s.o.Now().In(s.zone())}).HTML(&page); err != nil {
		return err
	}
	return c.paper("kontrolna-tocka", &page)
}

// IncidentsAsked is which incidents.
type IncidentsAsked struct {
	Before int64 `json:"before,omitempty"` // only entries before this one: next of the answer before; 0: all
}

// Incident is an entry about one. Who and what is in its body.
type Incident struct {
	Entry int64  `json:"entry"`
	Op    string `json:"op"`
	Time  moment `json:"time"`
	Ref   *int64 `json:"ref,omitempty"` // the entry that it goes on with
}

// IncidentList are entries about incidents.
type IncidentList struct {
	Incidents []Incident `json:"incidents"`
	Next      int64      `json:"next"` // where the rest ends; 0: there is none
}

// incidents lists entries about incidents, the latest first. It ends after mostEntries of them, or once it has looked at mostLooked
// entries of any kind; Next says where to go on.
func (s *Site) incidents(c *call, in IncidentsAsked) (IncidentList, error) {
	size := s.o.Diary.Head().Size
	if in.Before == 0 || in.Before > size {
		in.Before = size
	}
	all, looked := IncidentList{Incidents: []Incident{}}, 0
	for e, err := range ordered(c.Context(), s.o.Diary, 0, in.Before, true) {
		if err != nil {
			return all, err
		}
		if len(all.Incidents) == mostEntries || looked == mostLooked {
			all.Next = e.Index + 1
			break
		}
		if looked++; strings.HasPrefix(e.Op, "incident.") {
			all.Incidents = append(all.Incidents, Incident{e.Index, e.Op, moment{e.Time}, e.Ref})
		}
	}
	return all, nil
}
