package diary

import (
	"context"
	"slices"
)

// LastWords are what each outside party gave last, in an entry of at least from, with the time that is verified anew in it:
// of every party the last that verifies. What cannot be verified here says nothing, and is left out.
func (d *Diary) LastWords(ctx context.Context, p Pruning, from int64) (list []Anchor, err error) {
	o, err := outsideOf(ctx, d.read, d.Head().Size, d.Head().Cut)
	if err != nil {
		return nil, err
	}
	o.checkReleased()
	rows := map[int64]Anchor{}
	for _, a := range o.anchors {
		rows[a.Index] = a
	}
	heard := map[string]bool{}
	for _, i := range slices.Backward(o.entries) {
		if i < from {
			break
		}
		if a := rows[i]; heard[a.Kind+" "+a.Party] {
			continue
		}
		earlier := slices.DeleteFunc(slices.Clone(o.known), func(k Party) bool { return k.First >= i })
		a, at, err := d.wordOf(ctx, p, &o, earlier, rows, i)
		if err != nil {
			continue
		}
		heard[a.Kind+" "+a.Party] = true
		a.Time = at
		list = append(list, a)
	}
	return list, nil
}
