package main

import (
	"context"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
)

// demoNotices are the notices of the demo: one with live view and sound, one with live view, and one with neither.
var demoNotices = []struct {
	cameras []string
	area    notice.Text
	live    bool
	audio   bool
}{
	{[]string{"entrance"}, notice.Text{Sl: "vhod (preizkusna slika)", En: "entrance (test picture)"}, true, true},
	{[]string{"yard"}, notice.Text{Sl: "dvorišče (preizkusna slika)", En: "yard (test picture)"}, true, false},
	{[]string{"hall", "stairs"}, notice.Text{Sl: "avla in stopnišče (preizkusna slika)", En: "hall and stairs (test picture)"}, false, false},
}

// putUp enters the notices, the head's decision and that the employees were informed, for cameras that lack them.
func (d *demo) putUp(ctx context.Context, o *office, head *signed) error {
	r, err := o.notices()
	if err != nil {
		return err
	}
	for i := range demoNotices {
		of := demoNotices[i].cameras
		n, ok, err := r.At(ctx, of[0], o.boot.Now())
		if err != nil {
			return err
		}
		if !ok {
			if _, err := r.Add(ctx, notice.Asked{Content: demoContent(i), Cameras: of, By: head.Actor}); err != nil {
				return err
			}
			if n, ok, err = r.At(ctx, of[0], o.boot.Now()); err != nil || !ok {
				return err
			}
		}
		if err := d.complete(ctx, r, n, of, head.Actor); err != nil {
			return err
		}
	}
	return nil
}

// complete enters what the law asks beside a notice.
func (d *demo) complete(ctx context.Context, r *notice.Register, n notice.Notice, cameras []string, by proof.Actor) error {
	if n.Decision == nil {
		_, err := r.Decide(ctx, notice.Decided{Cameras: cameras, Number: "demo", Date: r.Now(), By: by,
			Reasons: "Demo: kaže, kako varuh posluje s posnetki. / It shows what varuh does with footage."})
		if err != nil {
			return err
		}
	}
	if len(n.Informed) > 0 {
		return nil
	}
	_, err := r.Inform(ctx, notice.Informed{Notice: n.ID, Date: r.Now(), All: true, Remark: "nobody works in front of a test picture", By: by})
	return err
}

// demoContent is what one of the notices says.
func demoContent(i int) notice.Content {
	of := demoNotices[i]
	c := notice.Usual()
	c.Controller = notice.Party{Name: "Šola (demo)", Address: "Šolska ulica 1, 1000 Ljubljana", Email: "tajnistvo@sola.example"}
	c.Officer = notice.Officer{Name: demoPersons[2].name, Email: "dpo@sola.example"}
	c.Area, c.Live, c.Audio = of.area, of.live, of.audio
	if of.audio {
		c.AudioReason = notice.Text{Sl: "demo kaže, da je za zvok treba navesti razlog", En: demoSound}
	}
	return c
}
