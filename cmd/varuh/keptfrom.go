package main

import (
	"context"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/retention"
)

// keptFrom implements [keptDiary] by the eraser's.
type keptFrom struct {
	ctx      context.Context
	eraser   *eraser
	register *hold.Register
	certain  time.Time // the earliest that it can be
}

func (k keptFrom) read() (r remembered, err error) {
	d, err := k.eraser.trusted()
	if err != nil {
		return r, err
	}
	h := d.Head() // before what it says is read: there may be more of that
	r.Origin, r.Size, r.Key = h.Origin, h.Size, h.VKey
	if r.Kept, err = k.spans(); err != nil {
		return r, err
	}
	r.Policies, err = readPolicies(k.ctx, d)
	if !k.certain.IsZero() {
		r.Policies = r.Policies.Since(k.certain.Add(-decidedLong))
	}
	return r, err
}

// spans are what is held and restricted by the diary, as it was set there.
func (k keptFrom) spans() (list []keptSpan, err error) {
	holds, restrictions, err := k.register.AsSet(k.ctx)
	for _, h := range holds {
		list = append(list, keptSpan{h.Camera, h.From.UTC(), h.To.UTC(), h.PastTerm, h.Until})
	}
	for _, s := range restrictions {
		list = append(list, keptSpan{s.Camera, s.From.UTC(), s.To.UTC(), s.PastTerm, s.Until})
	}
	return list, err
}

func (k keptFrom) vouch(text []byte) ([]byte, error) {
	d, err := k.eraser.trusted()
	if err != nil {
		return nil, err
	}
	return d.Vouch(k.ctx, text)
}

func (k keptFrom) vouched(text, sig []byte) (bool, error) {
	d, err := k.eraser.trusted()
	if err != nil {
		return false, err
	}
	return d.Vouched(k.ctx, text, sig)
}

func (k keptFrom) enter(lost keptLost) error {
	d, err := k.eraser.trusted()
	if err != nil {
		return err
	}
	for _, b := range lost.bodies() {
		if _, err := d.Append(k.ctx, diary.Entry{Op: "incident.open", Body: b}, nil); err != nil {
			return err
		}
	}
	return nil
}

// bodies are the incidents that tell of what was lost.
func (l keptLost) bodies() (list []proof.Body) {
	if len(l.strange) > 0 {
		list = append(list, proof.Body{Result: "mark not the diary's", Note: atMost(strings.Join(l.strange, "; "), maxNote)})
	}
	if len(l.spans) > 0 {
		var of []proof.Object
		for _, s := range l.spans[:min(len(l.spans), maxFindings)] {
			of = append(of, proof.Object{Camera: cameraName(s.Camera), From: s.From, To: s.To})
		}
		list = append(list, proof.Body{Result: "holds lost", Objects: of, Data: map[string]any{"lost": int64(len(l.spans))},
			Note: "holds or restrictions that the key slots remember are not in the diary any more; they last until " + first(l.spans).Format(time.DateOnly) + " for somebody to set them anew"})
	}
	if len(l.cameras) > 0 {
		list = append(list, proof.Body{Result: "terms lost", Data: map[string]any{"lost": int64(len(l.cameras))},
			Note: atMost("terms that the key slots remember are shorter than those in the diary; they go on counting until a person confirms them anew: "+strings.Join(l.cameras, ", "), maxNote)})
	}
	return list
}

// confirmedTerm is what a person has confirmed of a camera's term.
type confirmedTerm struct {
	camera string
	retention.Version
}

// end has what was lost of the camera's terms count for what was recorded before alone.
func (c *confirmedTerm) end(r *remembered) {
	if c != nil && len(r.Shorter[c.camera]) > 0 {
		r.Shorter = r.Shorter.Begin(c.camera, c.Version)
	}
}
