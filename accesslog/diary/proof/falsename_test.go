package proof

import (
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// replaced is a diary of six entries whose key was replaced by entry 3, and in which whoever stole that key goes on.
func replaced(t *testing.T) (l *testLog, stolen note.Signer) {
	l = newLog(t, 3)
	l.rotate("compromise")
	l.add("view.start", nil)
	stolen = l.signers[0]
	return l, stolen
}

// Whoever stole the key that was replaced may leave out by which one it was: then it can't be told whose signature it is.
func TestOldKeyUntold(t *testing.T) {
	t.Parallel()
	l, stolen := replaced(t)
	l.entries[3].Manifest = nil
	good := l.options()
	r := verify(t, l.bundle(good), VerifyOptions{Keys: l.keys})
	if has(t, r, CodeKeyUntold, false); r.Bad() || !r.Unsettled() {
		t.Errorf("%+v", r)
	}
	l.signers = []note.Signer{stolen}
	r = verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys[:1]})
	if has(t, r, CodeKeyUntold, false); r.Bad() || !r.Unsettled() || r.Intact.State != Unknown {
		t.Errorf("%+v", r)
	}
	r = verify(t, l.bundle(l.options()), VerifyOptions{})
	if has(t, r, CodeKeyChanged, false); r.Unsettled() || r.Confirmed {
		t.Errorf("a key that nobody confirmed: %+v", r)
	}
}

// A thief who is neither the old key nor the new one is not let through by a change that is not proven.
func TestThirdKey(t *testing.T) {
	t.Parallel()
	l, _ := replaced(t)
	l.newKey()
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
	has(t, r, CodeOldKey, true)
}

// To say that the diary had another name before does not do away with the change of its key.
func TestFalseName(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		old      string // the name that it cites; "" withholds the body
		withhold bool   // by which key the old one was replaced
		code     Code
		bad      bool
	}{
		"the present name":             {testOrigin, false, CodeNewOrigin, true},
		"the present name, untold":     {testOrigin, true, CodeNewOrigin, true},
		"a name it never had":          {"x.example/varuh/1/dnevnik", false, CodeOldKey, true},
		"a name it never had, untold":  {"x.example/varuh/1/dnevnik", true, CodeKeyUntold, false},
		"a name that is not told":      {"", false, CodeOldKey, true},
		"neither the name nor the key": {"", true, CodeKeyUntold, false},
	} {
		l, stolen := replaced(t)
		b := accepted()
		b.Data["old_origin"] = tt.old
		i := l.enter("origin.begin", b)
		if tt.old == "" {
			l.entries[i].Body = nil
		}
		if tt.withhold {
			l.entries[3].Manifest = nil
		}
		l.add("view.start", nil)
		l.signers = []note.Signer{stolen}
		bundle := l.bundle(l.options())
		r := verify(t, bundle, VerifyOptions{Keys: l.keys[:1]})
		t.Log(what)
		has(t, r, tt.code, tt.bad)
		if !r.Bad() && !r.Unsettled() {
			t.Errorf("%s: %+v", what, r)
		}
		// A checkpoint of before bears the name that it is said to have only now.
		r = verify(t, bundle, VerifyOptions{Keys: l.keys[:1], Held: [][]byte{l.sign(2)}})
		if has(t, r, CodeNewOrigin, tt.old != "" || r.Bad()); !r.Bad() {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

// A key that was replaced under an earlier name says nothing of the present one.
func TestChangeUnderEarlierName(t *testing.T) {
	t.Parallel()
	l, _ := replaced(t)
	l.accept(accepted())
	l.add("view.start", nil)
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(l.size() - 1)}})
	wantStates(t, r, Yes, Yes, No)
	if r.Bad() || r.Unsettled() || len(r.Findings) != 2 { // the new name, and the page for people
		t.Errorf("%+v", r)
	}
}

// One person accepts nothing, however often and in whatever spelling the entry has the name.
func TestNotTwoPersons(t *testing.T) {
	t.Parallel()
	for second, two := range map[string]bool{
		"Bor": true, "Živa Černko": true,
		"": false, "Živa Črnko": false, "živa  črnko": false, " Živa\u00a0Črnko ": false, "Z\u030civa C\u030crnko": false, "Ži\u200bva Črnko": false, "Ziva Crnko": false,
	} {
		for _, found := range []bool{true, false} {
			l := wentBack(t)
			if !found { // as with a foreign key, with which no incident could be signed
				l = newLog(t, 3)
			}
			b := accepted()
			b.Data["second_id"], b.Data["second_name"] = "2", second
			if second == "" {
				b.Data["second_id"] = ""
			}
			l.accept(b)
			r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
			if r.Bad() || r.Unsettled() == two {
				t.Errorf("%q: %+v", second, r)
			}
			if !two {
				has(t, r, CodeUnaccepted, false)
			}
		}
	}
}
