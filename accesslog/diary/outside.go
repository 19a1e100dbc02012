package diary

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"varuh/accesslog/diary/proof"
)

// outside is what the database remembers of checkpoints that left, and of what outside parties gave for them.
type outside struct {
	keys     []proof.Key          // of the diary
	parties  map[string]proof.Key // of witnesses, by name
	known    []Party
	released []Released
	anchors  []Anchor
	entries  []int64 // indexes of the entries anchor that rows are about
	size     int64   // of the diary
	cut      int64
	notes    map[int64][]Released // those of released that fit, by size
}

func outsideOf(ctx context.Context, db querier, size, cut int64) (o outside, err error) {
	o.size, o.cut = size, cut
	if o.keys, err = keysOf(ctx, db); err != nil {
		return o, err
	}
	if o.released, err = releasedOf(ctx, db); err != nil {
		return o, err
	}
	if o.anchors, err = anchorsOf(ctx, db, -1<<62); err != nil {
		return o, err
	}
	if o.entries, err = indexes(ctx, db, `SELECT a.i FROM diary_anchors a JOIN diary_leaves l ON l.i = a.i
		WHERE `+hasOp(opAnchor)+` ORDER BY a.i`); err != nil {
		return o, err
	}
	o.known, err = partiesOf(ctx, db)
	o.parties = map[string]proof.Key{}
	for _, p := range o.known {
		if k, err := proof.ParseKey(p.Key); err == nil && k.Witness() && p.Kind == "witness" {
			o.parties[p.Name] = k
		}
	}
	return o, err
}

// check drops what does not fit, and says of each why. There may be an anchor for every hour of years, so the
// signatures are checked on all processors.
func (o *outside) check() (wrong []string) {
	wrong = o.checkReleased()
	anchors, more := fitting(o.anchors, o.fits)
	o.anchors = anchors
	return append(wrong, more...)
}

// checkReleased is check for the checkpoints alone.
func (o *outside) checkReleased() (wrong []string) {
	o.notes = map[int64][]Released{}
	o.released, wrong = fitting(o.released, o.left)
	for _, r := range o.released {
		o.notes[r.Size] = append(o.notes[r.Size], r)
	}
	return wrong
}

// fitting are those of a list that fit, and sentences about the others.
func fitting[T any](list []T, fits func(T) error) (good []T, wrong []string) {
	i := 0
	for err := range inParallel(yes(list), func(v T) (error, error) { return fits(v), nil }) {
		if err == nil {
			good = append(good, list[i])
		} else {
			wrong = append(wrong, err.Error())
		}
		i++
	}
	return good, wrong
}

// yes is a list as a sequence without errors.
func yes[T any](list []T) func(func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// left tells why a checkpoint is none that left this diary.
func (o *outside) left(r Released) error {
	signed, err := proof.OpenCheckpoint(r.Note, o.keys...)
	if err == nil && signed.Size != r.Size {
		err = fmt.Errorf("it is one of %d", signed.Size)
	}
	if err == nil && r.Size > o.size {
		return fmt.Errorf("a row of diary_released is a checkpoint of %d entries that this diary signed, which has %d: an older copy was put back, or entries were deleted", r.Size, o.size)
	}
	if err != nil {
		return fmt.Errorf("a row of diary_released, a checkpoint of %d entries, is not of this diary and is left out: %w", r.Size, err)
	}
	return nil
}

// fits tells why an anchor can't be one.
func (o *outside) fits(a Anchor) (err error) {
	_, entered := slices.BinarySearch(o.entries, a.Index)
	notes := o.notes[a.Size]
	switch {
	case !entered && a.Index >= o.cut:
		err = errors.New("no entry says so")
	case a.Size > a.Index:
		err = fmt.Errorf("it is over %d entries, which there were not yet", a.Size)
	case len(notes) == 0:
		err = fmt.Errorf("the checkpoint of %d entries that it is over is not there", a.Size)
	case a.Kind == printKind:
	case a.Kind != "witness" && a.Kind != "tsa":
		err = fmt.Errorf("there are none of the kind %q", a.Kind)
	case !slices.ContainsFunc(o.known, func(p Party) bool { return p.Name == a.Party && p.Kind == a.Kind && p.First < a.Index }):
		err = fmt.Errorf("no party that was configured by then is a %s of that name", a.Kind)
	case a.Kind == "witness":
		err = o.cosigns(a, notes...)
	default:
		err = formed(a.Data, notes[0].Note)
	}
	if err != nil {
		return fmt.Errorf("the row of entry %d in diary_anchors, by %q, is left out: %w", a.Index, a.Party, err)
	}
	return nil
}

// formed tells why a token can't be a timestamp (RFC 3161) of a checkpoint by its form. Whether its signature holds is
// told by whoever has the certificates: by a prune, and by who verifies a bundle.
func formed(token, note []byte) error {
	c, err := proof.ReadCheckpoint(note)
	if err != nil {
		return err
	}
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	rest, err := asn1.Unmarshal(token, &info)
	if err != nil || len(rest) > 0 || !info.Type.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}) { // signed data of CMS
		return errors.New("it is no timestamp")
	}
	if imprint := sha256.Sum256([]byte(c.Text())); !bytes.Contains(info.Content.FullBytes, imprint[:]) {
		return errors.New("its imprint is not that of the checkpoint")
	}
	return nil
}

// cosigns tells why a cosignature is of none of the checkpoints. Where the key of a witness can't be read, only the
// form can be wrong.
func (o *outside) cosigns(a Anchor, notes ...Released) (err error) {
	keys := o.keys
	k, known := o.parties[a.Party]
	if known {
		keys = append(slices.Clone(keys), k)
	}
	for _, r := range notes {
		var signed proof.Signed
		signed, err = proof.OpenCheckpoint(slices.Concat(r.Note, a.Data), keys...)
		if err == nil && known && len(signed.Cosignatures) == 0 {
			err = fmt.Errorf("%s did not sign it", a.Party)
		}
		if err == nil {
			return nil
		}
	}
	return err
}
