package people

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"strings"
)

// Bearer is the session of a token's text, for one request from an address. It opens no keys: what is locked stays so.
func (r *Register) Bearer(ctx context.Context, text string, from netip.Addr) (Session, error) {
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	token, err := ParseToken(rest)
	if err != nil || !ok {
		return Session{}, ErrNoSession
	}
	hash := token.hash()
	return r.authority(ctx, func(t AuthorityToken) bool { return subtle.ConstantTimeCompare(t.hash[:], hash[:]) == 1 }, from)
}

// stillAuthority is [Register.Still] for the session of a token.
func (r *Register) stillAuthority(ctx context.Context, s Session) (Session, error) {
	return r.authority(ctx, func(t AuthorityToken) bool { return sessionOf(t) == s.ID }, s.Address)
}

// authority is the session of the token that is asked for.
func (r *Register) authority(ctx context.Context, is func(AuthorityToken) bool, from netip.Addr) (Session, error) {
	now, err := r.state(ctx)
	if err != nil {
		return Session{}, err
	}
	t, ok := now.token(is)
	if !ok {
		return Session{}, ErrNoSession
	}
	a := t.authorisation()
	if err := a.standing(r.o.Now()); err != nil {
		return Session{}, err
	}
	return Session{ID: sessionOf(t), Person: Person{ID: sessionOf(t), Name: t.Holder + " (" + t.Name + ")", Language: "sl"}, Authorisations: []Authorisation{a},
		Proof: byToken, Address: from, Began: t.From, Ends: t.To, Entry: t.Entry}, nil
}

// sessionOf names the session of a token, and its person. No session or person of another kind has such a name.
func sessionOf(t AuthorityToken) string { return "token-" + t.ID }
