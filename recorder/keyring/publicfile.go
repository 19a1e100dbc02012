package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/recorder/durable"
)

// Use says what a public key is for.
type Use string

// The uses of a public key.
const (
	Reading  Use = "reading"  // its private half opens footage in daily work
	Recovery Use = "recovery" // its private half lies on paper in the sealed envelope
)

// PublicEntry is one public key in a public key file.
type PublicEntry struct {
	ID       KeyID     `json:"id"`                 // of Key; says which one a slot was sealed to
	Use      Use       `json:"use"`                // reading or recovery
	Key      PublicKey `json:"key"`                // X25519
	Since    time.Time `json:"since"`              // UTC, from when on slots are sealed to it
	Retiring bool      `json:"retiring,omitempty"` // a rotation replaces it: slots may still be sealed to it
}

// Public is the content of a public key file. It holds no secret.
type Public struct {
	Version int           `json:"version"`
	Keys    []PublicEntry `json:"keys"`
}

// NewPublic is the content for a first pair of keys.
func NewPublic(reading, recovery PublicKey, since time.Time) Public {
	since = since.UTC().Truncate(time.Second)
	return Public{Version: 1, Keys: []PublicEntry{
		{ID: reading.ID(), Use: Reading, Key: reading, Since: since},
		{ID: recovery.ID(), Use: Recovery, Key: recovery, Since: since},
	}}
}

// Current are the keys that new slots are sealed to.
func (p Public) Current() []PublicKey {
	var keys []PublicKey
	for _, e := range p.Keys {
		if !e.Retiring {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

// Rotating tells whether a rotation has begun and not ended.
func (p Public) Rotating() bool { return len(p.Current()) < len(p.Keys) }

// succeed is the content from the start of a rotation to its end: old keys retire, next come.
func (p Public) succeed(next Public) Public {
	for _, e := range p.Keys {
		e.Retiring = true
		next.Keys = append(next.Keys, e)
	}
	return next
}

// settled is the content after a rotation.
func (p Public) settled() Public {
	out := Public{Version: p.Version}
	for _, e := range p.Keys {
		if !e.Retiring {
			out.Keys = append(out.Keys, e)
		}
	}
	return out
}

// check refuses a file that would leave footage without one of its two ways to be opened.
func (p Public) check() error {
	if p.Version != 1 {
		return fmt.Errorf("version %d of public keys is not known here: update varuh", p.Version)
	}
	current := map[Use]int{}
	for _, e := range p.Keys {
		if e.Key.ID() != e.ID {
			return fmt.Errorf("public key %v is damaged: it is not the key of that id", e.ID)
		}
		if e.Use != Reading && e.Use != Recovery {
			return fmt.Errorf("public key %v is for %q: want %q or %q", e.ID, e.Use, Reading, Recovery)
		}
		if !e.Retiring {
			current[e.Use]++
		}
	}
	if current[Reading] == 0 || current[Recovery] == 0 {
		return errors.New("a reading key and a recovery key are needed, and one of them is missing")
	}
	if n := current[Reading] + current[Recovery]; n > MaxKeys {
		return fmt.Errorf("%d public keys are too many: a slot holds %d", n, MaxKeys)
	}
	return nil
}

// WritePublic writes a public key file durably.
func WritePublic(fsys durable.FS, name string, p Public) error {
	if err := p.check(); err != nil {
		return fmt.Errorf("public keys are not written to %s: %w", name, err)
	}
	b, err := json.MarshalIndent(p, "", "  ")
	if err == nil {
		err = durable.WriteFile(fsys, name, append(b, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("couldn't write public keys to %s: %w", name, err)
	}
	return nil
}

// ReadPublic reads a public key file and checks every key against its id.
func ReadPublic(fsys durable.FS, name string) (Public, error) {
	b, err := durable.ReadFile(fsys, name, 64<<10)
	if err != nil {
		return Public{}, fmt.Errorf("couldn't read public keys: %w", err)
	}
	var p Public
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return Public{}, fmt.Errorf("couldn't read public keys in %s: %w", name, err)
	}
	if rest, err := dec.Token(); err != io.EOF {
		return Public{}, errors.Join(fmt.Errorf("couldn't read public keys in %s: %v follows their end", name, rest), err)
	}
	if err := p.check(); err != nil {
		return Public{}, fmt.Errorf("couldn't use public keys in %s: %w", name, err)
	}
	return p, nil
}
