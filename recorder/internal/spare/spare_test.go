package spare

import "testing"

// What is lent is empty, large enough and never lent twice at a time; what is returned is lent again,
// unless it is huge.
func TestLending(t *testing.T) {
	for range len(buffers) {
		<-buffers // of a run before
	}
	a, b := Borrow(10), Borrow(10)
	if len(a) != 0 || cap(a) < 10 || &a[:1][0] == &b[:1][0] {
		t.Fatalf("lent %d bytes of %d", len(a), cap(a))
	}
	Return(a)
	if again := Borrow(cap(a)); &again[:1][0] != &a[:1][0] {
		t.Error("what was returned is not lent again")
	}
	Return(make([]byte, most+1))
	if c := Borrow(1); cap(c) > most {
		t.Error("a huge buffer was kept")
	}
	for range 2 * kept {
		Return(make([]byte, Step))
	}
	if n := len(buffers); n > kept {
		t.Errorf("%d buffers are kept", n)
	}
}
