package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"sync"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/web"
	"varuh/recorder/keyring"
)

// openDesk is the desk of an open diary with some entries.
func openDesk(t *testing.T) desk {
	t.Helper()
	c, keys := keyed(t)
	d, err := openDiary(t.Context(), c.state, c.appliance)
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	for range 6 {
		_, err := d.Append(t.Context(), diary.Entry{Op: "start"}, nil)
		must(t, err)
	}
	return desk{diary: d, keys: keys}
}

var auditor = diaryOrder{who: played("auditor"), Reason: "why"}

// However many take the diary out side by side, each gets all of it, and others read it meanwhile.
func TestManyExports(t *testing.T) {
	t.Parallel()
	k := openDesk(t)
	var exports sync.WaitGroup
	for range 8 {
		exports.Go(func() {
			var b bytes.Buffer
			if out, err := k.export(t.Context(), auditor, &b); err != nil || out.err() != nil {
				t.Error(out, err)
				return
			}
			if r, err := verifyBundle(t.Context(), b.Bytes(), proof.VerifyOptions{}); err != nil || r.Bad() {
				t.Error(r, err)
			}
		})
		exports.Go(func() {
			if err := k.read(t.Context(), auditor, func(diaryLine) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	exports.Wait()
}

// A bundle holds what its entry says and that entry, but nothing that others entered while it was made.
func TestExportEndsAtItsEntry(t *testing.T) {
	t.Parallel()
	k := openDesk(t)
	own := k.diary.Head().Size
	k.wrote = func(string) {
		_, err := k.diary.Append(t.Context(), diary.Entry{Op: "view.start"}, nil)
		must(t, err)
	}
	for _, o := range []diaryOrder{auditor, {who: played("auditor"), Reason: "why", From: 2, To: 5}} {
		var b bytes.Buffer
		_, err := k.export(t.Context(), o, &b)
		must(t, err)
		want := own + 1
		if o.To > 0 {
			want = o.To
		}
		r, err := verifyBundle(t.Context(), b.Bytes(), proof.VerifyOptions{})
		must(t, err)
		if r.Bad() || r.From != o.From || r.To != want || r.Size < own+2 {
			t.Errorf("the bundle of %+v has entries %d to %d of %d:\n%s", o, r.From, r.To, r.Size, reportText(r))
		}
	}
}

// A bundle that a page gets says in no trailer what could not be opened: where the diary's keys were changed since they were
// taken from memory, it comes to no end.
func TestShownBundleAfterKeyChange(t *testing.T) {
	t.Parallel()
	k := openDesk(t)
	other, err := keyring.GenerateKey()
	must(t, err)
	for _, tt := range []struct {
		keys keyring.Identity
		want error
	}{{k.keys, nil}, {keyring.Identity{other}, diary.ErrNoKey}} {
		var b bytes.Buffer
		err := k.bundle(t.Context(), &b, "", k.shown(t.Context(), web.Bundle{Opener: k.diary.Opener(tt.keys)}))
		_, whole := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if !errors.Is(err, tt.want) || (whole == nil) != (tt.want == nil) {
			t.Errorf("%v, and as a ZIP: %v", err, whole)
		}
	}
	var b bytes.Buffer
	must(t, k.bundle(t.Context(), &b, "", k.shown(t.Context(), web.Bundle{}))) // nobody asked for what they say
}

// The last entries are asked for without a look at all of them, and the entry says which.
func TestReadLast(t *testing.T) {
	t.Parallel()
	k := openDesk(t)
	size, n := k.diary.Head().Size, 0
	o := auditor
	o.Last = 2
	must(t, k.read(t.Context(), o, func(diaryLine) error { n++; return nil }))
	body, _, err := k.diary.Opener(k.keys).Open(t.Context(), size)
	must(t, err)
	b, err := proof.ParseBody(body)
	must(t, err)
	if n != 2 || b.Data["from"] != size-2 || b.Data["to"] != size {
		t.Errorf("%d entries, and it is entered that they were %v", n, b.Data)
	}
}

// To verify the diary in its place takes no checkpoint out.
func TestVerifyStays(t *testing.T) {
	t.Parallel()
	k := openDesk(t)
	left := func() (n int) {
		rows, err := k.diary.Query(t.Context(), `SELECT count(*) FROM diary_released`)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			must(t, rows.Scan(&n))
		}
		must(t, rows.Err())
		return n
	}
	before := left()
	r, err := k.verify(t.Context(), nil)
	must(t, err)
	if r.Bad() || left() != before {
		t.Errorf("%d checkpoints had left, then %d\n%s", before, left(), r.text())
	}
	_, err = k.checkpoint(t.Context(), false)
	must(t, err)
	if left() != before+1 {
		t.Error("a checkpoint that was handed out does not count")
	}
}
