package diary

import (
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// info has the form of a timestamp token, and says what the test wants.
type info struct {
	Type asn1.ObjectIdentifier
	Said said `asn1:"explicit,tag:0"`
}

type said struct{ Imprint, Text []byte }

// token has the form of a timestamp of a text.
func token(t *testing.T, of, says string) []byte {
	t.Helper()
	imprint := sha256.Sum256([]byte(of))
	b, err := asn1.Marshal(info{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, said{imprint[:], []byte(says)}})
	must(t, err)
	return b
}

// unwrapped is what a token says, empty if it is none.
func unwrapped(token []byte) string {
	var i info
	if _, err := asn1.Unmarshal(token, &i); err != nil {
		return ""
	}
	return string(i.Said.Text)
}

// A row that is no timestamp of a party that was configured by then is named, and no bundle carries it: it would make
// the diary look bad to whoever verifies it.
func TestJunkTimestamp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ party, data, want string }{
		"of nobody":               {"evil", "x'3003020101'", "no party that was configured by then"},
		"junk":                    {"tsa.example", "x'3003020101'", "it is no timestamp"},
		"of another checkpoint":   {"tsa.example", fmt.Sprintf("x'%x'", token(t, "else", "")), "its imprint is not that"},
		"of one configured later": {"late.example", "data", "no party that was configured by then"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			_, err := d.AddParty(t.Context(), Party{Name: "tsa.example", Kind: "tsa", Key: "the roots"}, proof.Body{Actor: ana()})
			must(t, err)
			appendAll(t, d, 2)
			n, err := d.Checkpoint(t.Context())
			must(t, err)
			c, err := proof.ReadCheckpoint(n)
			must(t, err)
			_, err = d.Anchored(t.Context(), Anchor{Kind: "tsa", Party: "tsa.example", Size: c.Size, Time: noon, Data: token(t, c.Text(), "")})
			must(t, err)
			_, err = d.AddParty(t.Context(), Party{Name: "late.example", Kind: "tsa", Key: "the roots"}, proof.Body{Actor: ana()})
			must(t, err)
			stamps := func() (n int) {
				for _, f := range r.bundle(t, d).File {
					if strings.HasSuffix(f.Name, ".tst") {
						n++
					}
				}
				return n
			}
			if n := stamps(); n != 1 || len(d.Complaints()) > 0 {
				t.Errorf("%d timestamps before, %q", n, d.Complaints())
			}
			shut(t, d)
			r.tamper(t, fmt.Sprintf(`UPDATE diary_anchors SET party = '%s', data = %s`, tt.party, tt.data))
			d = r.open(t)
			if n := stamps(); n != 0 || !complains(d, tt.want) {
				t.Errorf("%d timestamps, %q", n, d.Complaints())
			}
		})
	}
}
