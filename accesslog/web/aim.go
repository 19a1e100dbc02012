package web

import (
	"net/http"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
	"varuh/accesslog/playback"
)

// aimRoutes let a maintainer see where a camera points, while somebody who may show it is present: the maintainer asks
// and gets a code, the person beside him enters it in a session of his own.
var aimRoutes = []route{
	{http.MethodPost, "/aims", "askAim", may(people.Aim), takes((*Site).askAim),
		"Asks for an aiming picture, and gives the code that somebody who is present enters to open it."},
	{http.MethodPost, "/aim-codes", "openAim", may(people.OpenAim), takes((*Site).openAim),
		"Opens the aiming picture that a maintainer beside you has asked for."},
	{http.MethodGet, "/aims/{aim}", "aim", may(people.Aim), gives((*Site).ownAim),
		"Tells whether an aiming picture was opened, and until when."},
	{http.MethodGet, "/aims/{aim}/picture", "aimPicture", may(people.Aim), writes(anyStill, (*Site).aimPicture).streaming(),
		"Gives the newest key frame of an aiming picture, as keyFrame does."},
	{http.MethodPost, "/aims/{aim}/end", "endAim", may(people.Aim), gives((*Site).endAim).ending(),
		"Ends an aiming picture."},
}

// askedAim is what a maintainer asks for.
type askedAim struct {
	Camera string `json:"camera"`
	Stream string `json:"stream,omitempty"` // main if it is missing
	Remark string `json:"remark,omitempty"`
}

// aiming is an aiming picture as those two see it.
type aiming struct {
	ID         string `json:"id"`
	Camera     string `json:"camera"`
	Stream     string `json:"stream"`
	Maintainer string `json:"maintainer"` // his name
	Code       string `json:"code,omitempty"`
	Open       bool   `json:"open"`
	Until      moment `json:"until"`
}

func (a *aim) told() aiming {
	return aiming{a.id, a.camera, a.stream, a.session.Person.Name, a.code, a.open != nil, moment{a.until}}
}

func (s *Site) askAim(c *call, q askedAim) (aiming, error) {
	if err := s.exists(q.Camera); err != nil {
		return aiming{}, err
	}
	if _, err := c.find(people.Aim, q.Camera, time.Time{}); err != nil {
		return aiming{}, err
	}
	p := place{Camera: q.Camera, Stream: q.Stream}.settled()
	a := &aim{session: c.session, address: c.address, camera: p.Camera, stream: p.Stream, remark: q.Remark}
	a.session.Token = people.Token{}
	if err := s.aims.add(a, s.o.Now()); err != nil {
		return aiming{}, err
	}
	return a.told(), nil
}

// aimCode is what the person enters who is present.
type aimCode struct {
	Code   string `json:"code"`
	Camera string `json:"camera"` // that the person lets be seen
}

func (s *Site) openAim(c *call, q aimCode) (aiming, error) {
	if _, err := c.find(people.OpenAim, q.Camera, time.Time{}); err != nil {
		return aiming{}, err
	}
	a, err := s.aims.redeem(q, c.asker(), s.o.Now())
	if err != nil {
		return aiming{}, err
	}
	if a.session.Person.ID == c.session.Person.ID {
		return aiming{}, people.ErrSelf
	}
	a.open, err = s.o.Door.OpenAim(c.Context(), accesslog.AskAim{By: c.session, ByAddress: c.address, For: a.session, Address: a.address,
		Remark: a.remark, Camera: a.camera, Stream: a.stream})
	if err != nil {
		return aiming{}, err
	}
	a.until = a.open.Until()
	s.aims.keep(a)
	return a.told(), nil
}

func (s *Site) ownAim(c *call) (aiming, error) {
	a, err := s.aims.find(c.PathValue("aim"), c.session, s.o.Now())
	if err != nil {
		return aiming{}, err
	}
	return a.told(), nil
}

// picture is an open one of this session.
func (s *Site) picture(c *call) (*accesslog.Aim, error) {
	a, err := s.aims.find(c.PathValue("aim"), c.session, s.o.Now())
	if err == nil && a.open == nil {
		err = errNoAim
	}
	if err != nil {
		return nil, err
	}
	return s.o.Door.Aim(a.open.ID(), c.session, c.address)
}

// aimAsked is in what form the picture is wanted.
type aimAsked struct {
	Chunk bool `json:"chunk,omitempty"` // as a message for WebCodecs, see package playback
}

func (s *Site) aimPicture(c *call, q aimAsked) error {
	a, err := s.picture(c)
	if err != nil {
		return err
	}
	out := &outlet{call: c}
	return out.end(a.Current(c.Context(), func(k accesslog.Still) (bool, error) {
		still, err := playback.NewStill(k)
		if err != nil {
			return false, err
		}
		return out.still(q.Chunk)(still)
	}))
}

func (s *Site) endAim(c *call) (nothing, error) {
	a, err := s.picture(c)
	if err != nil {
		return nothing{}, err
	}
	s.aims.drop(c.PathValue("aim"))
	return nothing{}, a.End(c.Context())
}
