package people

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost is what one argon2id computation takes (RFC 9106). It is stored with each verifier, so that it can grow.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8 // that run side by side
}

// DefaultCost is the second recommended option of RFC 9106, section 4, for machines with little memory such as a Raspberry
// Pi. It takes 0.2 s on two cores of a server; see BenchmarkLogin.
var DefaultCost = Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}

// The bounds of a cost that is read from the database.
const (
	maxMemory = 1 << 20 // KiB
	maxPasses = 64
)

func (c Cost) check() error {
	if c.Passes < 1 || c.Passes > maxPasses || c.Lanes < 1 || c.Memory < 8*uint32(c.Lanes) || c.Memory > maxMemory {
		return fmt.Errorf("argon2id with %d KiB, %d passes and %d lanes: out of bounds", c.Memory, c.Passes, c.Lanes)
	}
	return nil
}

// verifier is what is kept of a password.
type verifier struct {
	Cost
	salt []byte // 16 random bytes
	hash []byte // 32 bytes
}

// secrets are what one computation over a password gives. Only verifier is kept.
type secrets struct {
	verifier [32]byte // tells whether the password is right
	wrap     [32]byte // wraps the private keys
	second   [32]byte // encrypts the secret of the second factor
}

// hasher computes argon2id for few at a time, so that memory is bounded whoever knocks.
type hasher struct {
	cost    Cost
	running chan struct{} // a place for each that runs
	waiting chan struct{} // a place for each that runs or waits
	count   func()        // told of each computation; nil: nobody
}

// Computations side by side, each of which keeps all lanes busy by itself, and those that wait for one.
const (
	defaultConcurrent = 1
	maxWaiting        = 16
)

func newHasher(cost Cost, concurrent int) *hasher {
	return &hasher{cost: cost, running: make(chan struct{}, concurrent), waiting: make(chan struct{}, concurrent+maxWaiting)}
}

// compute is the one expensive computation over a password. The error is [ErrBusy], or that of ctx while it waits.
func (h *hasher) compute(ctx context.Context, password string, salt []byte, c Cost) (s secrets, err error) {
	select {
	case h.waiting <- struct{}{}:
	default:
		return s, ErrBusy
	}
	defer func() { <-h.waiting }()
	select {
	case h.running <- struct{}{}:
	case <-ctx.Done():
		return s, ctx.Err()
	}
	defer func() { <-h.running }()
	if h.count != nil {
		h.count()
	}
	root := argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.Passes, c.Memory, c.Lanes, 32)
	return split(root)
}

// split makes of the result of a computation keys of which none tells another.
func split(root []byte) (s secrets, err error) {
	for use, into := range map[string]*[32]byte{"varuh/1 verifier": &s.verifier, "varuh/1 wrap key": &s.wrap, "varuh/1 second factor": &s.second} {
		key, err := hkdf.Expand(sha256.New, root, use, len(into))
		if err != nil {
			return secrets{}, fmt.Errorf("couldn't derive keys from a password: %w", err)
		}
		copy(into[:], key)
	}
	return s, nil
}

// make computes what is to be kept of a new password.
func (h *hasher) make(ctx context.Context, password string) (v verifier, s secrets, err error) {
	v = verifier{Cost: h.cost, salt: make([]byte, 16)}
	rand.Read(v.salt) // it never fails, by its documentation
	s, err = h.compute(ctx, password, v.salt, v.Cost)
	v.hash = s.verifier[:]
	return v, s, err
}

// verify computes over a password and tells whether it is the one. With the verifier of nobody it takes as long, and the
// answer is no: nobody learns by it whether there is a person of some name.
func (h *hasher) verify(ctx context.Context, password string, v *verifier) (s secrets, right bool, err error) {
	if err := v.check(); err != nil {
		return secrets{}, false, err
	}
	if v.hash == nil {
		_, err = h.compute(ctx, password, make([]byte, 16), v.Cost)
		return secrets{}, false, err
	}
	s, err = h.compute(ctx, password, v.salt, v.Cost)
	if err != nil || subtle.ConstantTimeCompare(s.verifier[:], v.hash) != 1 {
		return secrets{}, false, err
	}
	return s, true, nil
}
