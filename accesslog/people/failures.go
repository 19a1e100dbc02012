package people

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Failure is what failed for one person, or for names that nobody has, and is one entry. The names are not kept: people
// type passwords there.
type Failure struct {
	Person      string // id; "" for names that nobody has
	Name        string // of the person
	Count       int
	WrongCode   int // of them with the right password
	NoCode      int // of them with the right password and no code, where one is asked for
	NotInForce  int // of them with the right password, and code, but without an authorisation in force
	First, Last time.Time
	Addresses   []netip.Prefix // the first few from which they came; in IPv6 the network
}

// How much is no typing error any more.
const (
	manyFailures   = 20
	manyWrongCodes = 5
)

// Alarming tells whether somebody seems to be guessing, which is an incident. A wrong code counts for more: the password
// is known already.
func (f Failure) Alarming() bool {
	return f.Count >= manyFailures || f.WrongCode >= manyWrongCodes || f.NoCode >= manyWrongCodes
}

// maxAddresses is how many addresses one entry names.
const maxAddresses = 8

// failures gathers what failed until it is entered.
type failures struct {
	mu      sync.Mutex
	pending map[string]*Failure
}

func newFailures() *failures { return &failures{pending: map[string]*Failure{}} }

// add counts one. change says what kind it was.
func (f *failures) add(one Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.pending[one.Person]
	if all == nil {
		f.pending[one.Person] = &one
		return
	}
	all.merge(one)
}

// failure is one, of nobody yet.
func (r *Register) failure(from netip.Addr) Failure {
	return Failure{Count: 1, First: r.o.Now(), Last: r.o.Now(), Addresses: []netip.Prefix{neighbours(from)}}
}

// of makes it a person's.
func (f Failure) of(p *account) Failure {
	f.Person, f.Name = p.ID, p.Name
	return f
}

// merge adds another to it.
func (f *Failure) merge(one Failure) {
	f.Count, f.WrongCode, f.NoCode, f.NotInForce = f.Count+one.Count, f.WrongCode+one.WrongCode, f.NoCode+one.NoCode, f.NotInForce+one.NotInForce
	if one.First.Before(f.First) {
		f.First = one.First
	}
	if one.Last.After(f.Last) {
		f.Last = one.Last
	}
	for _, a := range one.Addresses {
		if len(f.Addresses) < maxAddresses && !slices.Contains(f.Addresses, a) {
			f.Addresses = append(f.Addresses, a)
		}
	}
}

// halfway tells whether all that is known is that somebody who has the password was asked for the code, a few times, and
// may be about to enter it.
func (f Failure) halfway() bool { return f.NoCode == f.Count && f.NoCode < manyWrongCodes }

// codeTime is how long somebody may take to enter the code before that is a failure.
const codeTime = time.Minute

// due tells whether a failure is to be entered by a time.
func (f Failure) due(now time.Time) bool { return !f.halfway() || now.Sub(f.Last).Abs() >= codeTime }

// excuse forgets that a person was asked for the code, who has entered it now, from there.
func (f *failures) excuse(person string, from netip.Prefix) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one := f.pending[person]; one != nil && one.halfway() && slices.Equal(one.Addresses, []netip.Prefix{from}) {
		delete(f.pending, person)
	}
}

// take takes what is to be entered.
func (f *failures) take(which func(Failure) bool) (list []Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for person, one := range f.pending {
		if which(*one) {
			list = append(list, *one)
			delete(f.pending, person)
		}
	}
	return list
}

// enterFailures writes entries of failed log-ins, and keeps those that could not be written.
func (r *Register) enterFailures(ctx context.Context, which func(Failure) bool) (entered []Failure, err error) {
	list := r.failures.take(which)
	for i, f := range list {
		if _, err := r.o.Diary.Append(ctx, diary.Entry{Op: opFailed, Body: f.body()}, nil); err != nil {
			for _, left := range list[i:] {
				r.failures.add(left)
			}
			return entered, fmt.Errorf("couldn't enter that log-ins failed: %w", err)
		}
		entered = append(entered, f)
	}
	return entered, nil
}

func (f Failure) body() proof.Body {
	data := map[string]any{"count": int64(f.Count), "first": clock(f.First), "last": clock(f.Last)}
	if f.Person == "" {
		data["names"] = "unknown"
	} else {
		data["person"], data["name"] = f.Person, f.Name
	}
	for name, n := range map[string]int{"wrong_code": f.WrongCode, "no_code": f.NoCode, "not_in_force": f.NotInForce} {
		if n > 0 {
			data[name] = int64(n)
		}
	}
	var addresses []string
	for _, a := range f.Addresses {
		addresses = append(addresses, addressText(a))
	}
	data["addresses"] = strings.Join(addresses, " ")
	return proof.Body{Data: data}
}

// addressText is an address for people; in IPv6 the network.
func addressText(p netip.Prefix) string {
	switch {
	case !p.IsValid():
		return "console"
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }
