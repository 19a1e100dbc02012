package hold

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// What a person has just secured is not secured once more: he is answered with the hold that there is. In other words, by
// somebody else or an hour later it is another one; of one person there are so many.
func TestSecuredAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := order()
	a.Kind, a.Case, a.Review, a.By.ID = Provisional, "", time.Time{}, "guard"
	set := func(a Asked) Effect {
		t.Helper()
		e, err := r.register.Set(t.Context(), a)
		must(t, err)
		return e
	}
	first, before := set(a), r.diary.Head().Size
	for range 3 {
		if e := set(a); e.ID != first.ID || e.Receipt.Index != first.Receipt.Index || !e.Review.Equal(first.Review) || e.Segments != first.Segments || e.Bytes != first.Bytes {
			t.Errorf("%+v, want %+v", e, first)
		}
	}
	if size := r.diary.Head().Size; size != before {
		t.Errorf("%d entries more", size-before)
	}
	other, words := a, a
	other.By.ID, words.Basis = "caretaker", "another thing that was seen"
	ids := map[string]bool{first.ID: true, set(other).ID: true, set(words).ID: true}
	r.now = r.now.Add(sameAgain)
	if ids[set(a).ID] = true; len(ids) != 4 {
		t.Errorf("%d holds, want 4", len(ids))
	}
	for n := 3; n < mostProvisional; n++ {
		words.Basis = fmt.Sprint("seen ", n)
		set(words)
	}
	words.Basis = "one too many"
	if _, err := r.register.Set(t.Context(), words); !errors.Is(err, ErrMany) {
		t.Errorf("one too many: %v", err)
	}
	other.Basis = "of somebody else"
	set(other)
	lasting := order()
	lasting.By.ID = a.By.ID
	set(lasting)
}
