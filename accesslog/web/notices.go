package web

import (
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
)

// noticeRoutes are about the notices that hang on the wall, and what the law asks beside them.
var noticeRoutes = []route{
	{"GET", "/cameras/{camera}/notices", "listNotices", may(people.System, people.Play, people.Notices), gives((*Site).notices),
		"All versions of the notice of a camera, the earliest first."},
	{"GET", "/notices/usual", "usualNotice", may(people.Notices), gives((*Site).usualNotice), "What most notices say, to begin with."},
	{"GET", "/notices/missing", "listMissing", may(people.System, people.Notices), gives((*Site).missing), "What is missing for each camera now."},
	{"POST", "/notices", "addNotice", may(people.Notices), takes((*Site).addNotice).long(), "Enters a version of the notice of some cameras."},
	{"POST", "/notices/{notice}/end", "endNotice", may(people.Notices), takes((*Site).endNotice), "Ends a version for some of its cameras, or withdraws one that has not begun."},
	{"POST", "/notices/{notice}/informed", "inform", may(people.Notices), takes((*Site).inform).long(), "Enters which employees were informed in writing of a version, and signed."},
	{"POST", "/decisions", "decide", may(people.Notices), takes((*Site).decide), "Enters the head's written decision to introduce video surveillance."},
}

// NoticeInfo is a version of a notice.
type NoticeInfo struct {
	ID           string         `json:"id"`
	Content      notice.Content `json:"content"`
	From         moment         `json:"from"`
	To           moment         `json:"to,omitzero"`
	Replaced     string         `json:"replaced,omitempty"` // id of the version that took its place from its beginning on, so that it is never in force
	Entered      moment         `json:"entered"`
	EnteredLater bool           `json:"entered_later"`
	Entry        int64          `json:"entry"`
	Decision     *Decision      `json:"decision,omitempty"`
	Informed     []SignOff      `json:"informed"`
	Missing      []Missing      `json:"missing"` // while there is something, the camera is not looked at
	Pending      []Missing      `json:"pending"` // what the law asks beside the notice
}

// Decision is the head's.
type Decision struct {
	Number  string `json:"number"`
	Date    day    `json:"date"`
	Reasons string `json:"reasons"`
	Entry   int64  `json:"entry"`
}

// SignOff is a list of employees who signed; their names are in its entry.
type SignOff struct {
	Date  day   `json:"date"`
	Count int   `json:"count"`
	All   bool  `json:"all"`
	Entry int64 `json:"entry"`
}

// Missing is one thing that is missing.
type Missing struct {
	Field   notice.Field `json:"field"`
	Purpose string       `json:"purpose,omitempty"` // where it is about one
	Text    string       `json:"text"`              // in the language asked for
}

// NoticeList are versions.
type NoticeList struct {
	Notices []NoticeInfo `json:"notices"`
}

func (c *call) noticeOf(n notice.Notice) NoticeInfo {
	info := NoticeInfo{ID: n.ID, Content: n.Content, From: moment{n.From}, To: moment{n.To}, Replaced: n.Replaced, Entered: moment{n.Entered}, EnteredLater: n.EnteredLater,
		Entry: n.Entry, Informed: []SignOff{}, Missing: c.missingOf(n.Missing()), Pending: c.missingOf(n.Pending())}
	if info.Content.Purposes == nil {
		info.Content.Purposes = []notice.Purpose{}
	}
	if d := n.Decision; d != nil {
		info.Decision = &Decision{d.Number, day{d.Date}, d.Reasons, d.Entry}
	}
	for _, o := range n.Informed {
		info.Informed = append(info.Informed, SignOff{day{o.Date}, o.Count, o.All, o.Entry})
	}
	return info
}

func (c *call) missingOf(list []notice.Missing) []Missing {
	out := make([]Missing, 0, len(list))
	for _, m := range list {
		out = append(out, Missing{m.Field, m.Purpose, m.In(c.language)})
	}
	return out
}

func (s *Site) notices(c *call) (NoticeList, error) {
	id := c.PathValue("camera")
	if err := s.exists(id); err != nil {
		return NoticeList{}, err
	}
	versions, err := s.o.Notices.Versions(c.Context(), id)
	if err != nil {
		return NoticeList{}, err
	}
	list := NoticeList{Notices: make([]NoticeInfo, 0, len(versions))}
	for _, n := range versions {
		list.Notices = append(list.Notices, c.noticeOf(n))
	}
	return list, nil
}

func (s *Site) usualNotice(*call) (notice.Content, error) { return notice.Usual(), nil }

// MissingList is what is missing, by cameras.
type MissingList struct {
	Cameras []CameraMissing `json:"cameras"`
}

// CameraMissing is what is missing for a camera now.
type CameraMissing struct {
	Camera  string    `json:"camera"`
	Notice  string    `json:"notice,omitempty"` // in force; none: none is
	Missing []Missing `json:"missing"`
	Pending []Missing `json:"pending"`
}

func (s *Site) missing(c *call) (MissingList, error) {
	list := MissingList{Cameras: []CameraMissing{}}
	for _, camera := range s.o.Cameras() {
		n, _, err := s.o.Notices.At(c.Context(), camera.ID, s.o.Now())
		if err != nil {
			return MissingList{}, err
		}
		list.Cameras = append(list.Cameras, CameraMissing{camera.ID, n.ID, c.missingOf(n.Missing()), c.missingOf(n.Pending())})
	}
	return list, nil
}

// AskedNotice is a version that somebody enters.
type AskedNotice struct {
	Content notice.Content `json:"content"`
	Cameras []string       `json:"cameras"`
	From    moment         `json:"from,omitzero"`    // now if it is missing
	Stated  string         `json:"stated,omitempty"` // who states that the sign has hung since, and how he knows; needed where from has passed
	Remark  string         `json:"remark,omitempty"`
}

// Added is a version that was entered.
type Added struct {
	ID           string    `json:"id"`
	Entry        int64     `json:"entry"`
	EnteredLater bool      `json:"entered_later"`
	Missing      []Missing `json:"missing"`
}

func (s *Site) addNotice(c *call, in AskedNotice) (Added, error) {
	a, err := s.o.Notices.Add(c.Context(), notice.Asked{Content: in.Content, Cameras: in.Cameras, From: in.From.Time, Stated: in.Stated, Remark: in.Remark, By: c.actor()})
	if err != nil {
		return Added{}, err
	}
	return Added{a.ID, a.Receipt.Index, a.EnteredLater, c.missingOf(in.Content.Missing())}, nil
}

// AskedEnd is the end of a version.
type AskedEnd struct {
	Cameras []string `json:"cameras"`
	At      moment   `json:"at,omitzero"` // now if it is missing
	Reason  string   `json:"reason"`
}

// Entered is the entry that something made.
type Entered struct {
	Entry int64 `json:"entry"`
}

func (s *Site) endNotice(c *call, in AskedEnd) (Entered, error) {
	r, err := s.o.Notices.End(c.Context(), notice.Ended{Notice: c.PathValue("notice"), Cameras: in.Cameras, At: in.At.Time, Reason: in.Reason, By: c.actor()})
	return Entered{r.Index}, err
}

// AskedInformed is a list of employees who were informed.
type AskedInformed struct {
	Names  []string `json:"names"`
	Date   day      `json:"date"` // of the last signature
	All    bool     `json:"all"`  // with these, all who work in the area are informed
	Remark string   `json:"remark,omitempty"`
}

func (s *Site) inform(c *call, in AskedInformed) (Entered, error) {
	r, err := s.o.Notices.Inform(c.Context(), notice.Informed{Notice: c.PathValue("notice"), Names: in.Names, Date: in.Date.in(s.o.Notices.Zone), All: in.All,
		Remark: in.Remark, By: c.actor()})
	return Entered{r.Index}, err
}

// AskedDecision is the head's decision.
type AskedDecision struct {
	Cameras []string `json:"cameras"`
	Number  string   `json:"number"`
	Date    day      `json:"date"`
	Reasons string   `json:"reasons"`
	Remark  string   `json:"remark,omitempty"`
}

func (s *Site) decide(c *call, in AskedDecision) (Entered, error) {
	r, err := s.o.Notices.Decide(c.Context(), notice.Decided{Cameras: in.Cameras, Number: in.Number, Date: in.Date.in(s.o.Notices.Zone), Reasons: in.Reasons,
		Remark: in.Remark, By: c.actor()})
	return Entered{r.Index}, err
}
