package reader_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"varuh/accesslog/evidence/evidencetest"
)

// What [evidencetest.Moves] does to the files of a package, the page finds and names as varuh-verify does: each fifth is tried,
// with VARUH_LONG each.
func (b *tab) testMoves(t *testing.T) {
	c := evidencetest.Whole(t, "a")
	pkg, _ := c.Written(t)
	type move struct {
		What  string
		Gone  []string
		From  map[string]string
		Sums  string // made anew; "": as they were
		Named []string
	}
	var moves []move
	for n, m := range evidencetest.Moves(pkg) {
		if n%5 > 0 && os.Getenv("VARUH_LONG") == "" {
			continue
		}
		x := move{What: m.What, Gone: append([]string{}, m.Gone...), From: m.From, Named: m.Named()}
		if m.Again {
			x.Sums = string(evidencetest.Summed(m.Done(pkg)))
		}
		moves = append(moves, x)
	}
	text, err := json.Marshal(moves)
	must(t, err)
	js[bool](b, harness)
	wrong := js[[]string](b, fmt.Sprintf(`(async () => {
		const files = %s, typed = %q, wrong = [], good = await examined(files, typed);
		if (good.sum !== 'good' || good.bad.length > 0) wrong.push('as it is: ' + JSON.stringify(good));
		for (const m of %s) {
			const after = {...files};
			for (const name of m.Gone) delete after[name];
			for (const [name, from] of Object.entries(m.From ?? {})) after[name] = from === '' ? Uint8Array.of(1, 2) : files[from];
			if (m.Sums !== '') after['SHA256SUMS.txt'] = utf8(m.Sums);
			const r = await examined(after, typed);
			if (r.sum !== 'bad' || r.verdicts.exported !== 'no' || !r.bad.some((f) => m.Named.some((name) => f.includes(name)))) wrong.push(m.What + ': ' + JSON.stringify(r));
		}
		return wrong;
	})()`, loaded(t, pkg), plain(c.Diary.Key.Fingerprint()), text))
	if len(moves) < 50 {
		t.Errorf("only %d moves", len(moves))
	}
	for _, w := range wrong[:min(len(wrong), 20)] {
		t.Error(w)
	}
}
