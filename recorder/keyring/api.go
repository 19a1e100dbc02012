package keyring

import (
	"context"
	"time"

	"varuh/recorder/durable"
)

// Retire shrinks the slot files of a day whose every slot is erased.
func (r *Ring) Retire(ctx context.Context, on time.Time) error { return nil }

// Rotation replaces the reading and the recovery key of all stores.
type Rotation struct {
	FS      durable.FS
	Rings   []*Ring  // of every store
	Publics []string // every public key file; the first, in the state folder, decides
	KeyFile string   // of the private reading key
	Old     Identity // private keys from elsewhere, such as a systemd credential
}

// Begin starts a rotation. Print the words of the recovery key and have them confirmed before.
func (ro Rotation) Begin(ctx context.Context, reading PrivateKey, recovery PublicKey, now time.Time) error {
	return nil
}

// Rotated is what a rotation did.
type Rotated struct {
	Slots int     // sealed anew
	Lost  []error // what neither twin can give
}

// Finish goes on with a rotation begun.
func (ro Rotation) Finish(ctx context.Context) (Rotated, error) { return Rotated{}, nil }
