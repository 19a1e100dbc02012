package people

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// state is what the tables say, at one moment. Nobody changes it once it is read.
type state struct {
	persons map[string]*account // by id
	tokens  []AuthorityToken
	link    *link
	present *present
}

// account is a person with all that belongs to it.
type account struct {
	Person
	verifier verifier
	renew    bool
	second   []byte // sealed; nil: none
	reset    *Reset
	auths    []Authorisation // by their entries
	wraps    map[Which]wrap
	codes    [][32]byte
}

// wrap is a private key, encrypted for a person.
type wrap struct {
	key  string
	blob []byte
}

// link is the way in for the first person.
type link struct {
	hash    [32]byte
	expires time.Time
	entry   int64
}

// byLogin finds a person by the name to log in with, or nobody.
func (s *state) byLogin(login string) *account {
	for _, a := range s.persons {
		if a.Login == login {
			return a
		}
	}
	return nil
}

// nobody is the verifier of a name that nobody has. Its cost is that of some person, always the same one for a name, or
// else of new passwords: a log-in takes no less, or more, than that of a person whose password is older than the cost.
func (s *state) nobody(login string, cost Cost) *verifier {
	ids := slices.Sorted(maps.Keys(s.persons))
	if len(ids) > 0 {
		sum := sha256.Sum256([]byte(login))
		cost = s.persons[ids[binary.BigEndian.Uint64(sum[:])%uint64(len(ids))]].verifier.Cost
	}
	return &verifier{Cost: cost}
}

// authorisation finds one by its id.
func (s *state) authorisation(id string) (Authorisation, *account, error) {
	for _, p := range s.persons {
		if i := slices.IndexFunc(p.auths, func(a Authorisation) bool { return a.ID == id }); i >= 0 {
			return p.auths[i], p, nil
		}
	}
	return Authorisation{}, nil, fmt.Errorf("%w: authorisation %s", ErrUnknown, id)
}

// approvals are the authorisations that make a person an approver, not a deputy of one.
func (s *state) approvals(person string) (list []Authorisation) {
	if p := s.persons[person]; p != nil {
		for _, a := range p.auths {
			if a.Role == Approver && a.DeputyOf == "" {
				list = append(list, a)
			}
		}
	}
	return list
}

// person finds one by its id.
func (s *state) person(id string) (*account, error) {
	if p := s.persons[id]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%w: person %s", ErrUnknown, id)
}

func moment(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func momentOf(ns sql.NullInt64) time.Time {
	if !ns.Valid {
		return time.Time{}
	}
	return moment(ns.Int64)
}

// nanos is a time for a column, NULL for none.
func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

func scope(cameras sql.NullString) []string {
	if !cameras.Valid {
		return nil
	}
	return strings.Split(cameras.String, ",")
}

// column is a scope for a column, NULL for all cameras.
func column(cameras []string) any {
	if cameras == nil {
		return nil
	}
	return strings.Join(cameras, ",")
}
