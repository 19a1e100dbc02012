package keyring

import (
	"context"
	"errors"
	"iter"
	"time"

	"varuh/recorder/durable"
)

// Ring keeps the slots of one store, in twins: one on the state folder's disk, one on the store's.
type Ring struct{}

// Open opens the ring of a store. Both folders must be there; a missing one is an unmounted disk.
// pubs are the keys that every new slot is sealed to, reading and recovery; without any the ring
// reads, seals and erases, but does not create.
func Open(fsys durable.FS, stateDir, storeDir string, store ID, pubs []PublicKey) (*Ring, error) {
	return nil, nil
}

// Store is the id of the store whose slots these are.
func (r *Ring) Store() ID { return ID{} }

// Create draws a key for a new object. When it returns nil, the slot is durable in both twins.
func (r *Ring) Create(ctx context.Context, id ID, kind Kind) (Key, uint32, error) {
	return Key{}, 0, nil
}

// Seal notes in the slots that their objects are complete, durable in both twins.
func (r *Ring) Seal(ctx context.Context, objects []Sealing) error { return nil }

// Erase destroys keys: a tombstone overwrites them in both twins, durably.
func (r *Ring) Erase(ctx context.Context, refs []Ref) error { return nil }

// Slot reads one slot, reconciled from both twins.
func (r *Ring) Slot(ref Ref) (Slot, error) { return Slot{}, nil }

// All walks the slots of all days from the day of since on (zero: all), oldest first. A slot that
// cannot be read comes with its error and goes on.
func (r *Ring) All(since time.Time) iter.Seq2[Slot, error] { return nil }

// Mend makes the twins equal from the day of since on (zero: all), a tombstone winning over anything.
func (r *Ring) Mend(ctx context.Context, since time.Time) (Mended, error) { return Mended{}, nil }

// Retire shrinks the slot file of a day whose every slot is erased.
func (r *Ring) Retire(ctx context.Context, day time.Time) error { return nil }

// Mended is what [Ring.Mend] did.
type Mended struct {
	Slots int     // read
	Fixed int     // written anew in one twin
	Lost  []error // slots that neither twin can give, [ErrDamaged]
}

// Ref names a slot: the object and the slot's number in the file of its day.
type Ref struct {
	ID   ID
	Slot uint32
}

// Sealing says that an object is complete.
type Sealing struct {
	Ref
	Records uint32
	Root    [32]byte
}

// Kind says what sort of object a slot's key belongs to.
type Kind uint8

// The kinds of object.
const (
	KindSegment Kind = 1
	KindPackage Kind = 2
)

// State of a slot. It only ever grows.
type State uint8

// The states of a slot.
const (
	StateOpen   State = 1 // the object is being written; after a crash it may be recovered
	StateSealed State = 2 // the object is complete; if it lost bytes, that is an incident
	StateErased State = 3 // the key is destroyed
)

// KeyID is the first 8 bytes of the SHA-256 of a public key.
type KeyID [8]byte

// SealedKey is an object's key under one public key.
type SealedKey struct {
	To  KeyID
	Box [80]byte // HPKE: 32 bytes encapsulated key, 48 bytes ciphertext
}

// Slot is what the keyring knows of one object.
type Slot struct {
	Ref
	Kind       Kind
	State      State
	Generation uint32      // counts the writes of this slot
	Keys       []SealedKey // none once erased
	Records    uint32      // of the sealed object
	Root       [32]byte    // of the sealed object
	Fault      error       // why the twins differ, nil if they do not; Mend repairs it
}

// What the ring says of a slot.
var (
	ErrNoSlot  = errors.New("no such key slot")
	ErrErased  = errors.New("key erased")
	ErrDamaged = errors.New("key slot damaged in both twins")
	ErrVersion = errors.New("key slot written by a newer version of varuh")
	ErrSealed  = errors.New("object sealed before, with other contents")
	ErrNoKey   = errors.New("no private key here opens this slot")
)

// PublicKey is an X25519 key that slots are sealed to.
type PublicKey [32]byte

// ID names the key.
func (p PublicKey) ID() KeyID { return KeyID{} }

// PrivateKey opens what was sealed to its public key. It never prints itself.
type PrivateKey struct{ seed [32]byte }

// GenerateKey makes a new private key.
func GenerateKey() PrivateKey { return PrivateKey{} }

// Public is the public half.
func (k PrivateKey) Public() PublicKey { return PublicKey{} }

// Words writes the key as 16 words and a word that checks them, for the sealed envelope.
func (k PrivateKey) Words() [17]string { return [17]string{} }

// ParseWords reads what [PrivateKey.Words] gave, whatever the case, spaces and dashes.
func ParseWords(text string) (PrivateKey, error) { return PrivateKey{}, nil }

// Identity is the private keys at hand.
type Identity []PrivateKey

// Open takes the object's key out of its slot, or returns ErrErased or ErrNoKey. store is the ring's.
func (i Identity) Open(store ID, s Slot) (Key, error) { return Key{}, nil }

// WriteKeyFile writes a private key durably to a file of mode 0600. It never replaces a key.
func WriteKeyFile(fsys durable.FS, name string, k PrivateKey) error { return nil }

// ReadKeyFile reads a private key and refuses a file that others than its owner can read.
func ReadKeyFile(fsys durable.FS, name string) (PrivateKey, error) { return PrivateKey{}, nil }

// ReadIdentity reads a key file and, if a rotation is under way, the one that will replace it.
func ReadIdentity(fsys durable.FS, name string) (Identity, error) { return nil, nil }

// ReadCredential reads a private key that systemd passed in dir ($CREDENTIALS_DIRECTORY).
func ReadCredential(fsys durable.FS, dir, name string) (PrivateKey, error) { return PrivateKey{}, nil }

// CheckPlace refuses a key file, there or yet to be made, on the file system of a store.
func CheckPlace(fsys durable.FS, keyFile string, storeDirs ...string) error { return nil }

// Use says what a public key is for.
type Use string

// The uses of a public key.
const (
	Reading  Use = "reading"
	Recovery Use = "recovery"
)

// PublicEntry is one public key in a public key file.
type PublicEntry struct {
	ID       KeyID     `json:"id"`
	Use      Use       `json:"use"`
	Key      PublicKey `json:"key"`
	Since    time.Time `json:"since"`
	Retiring bool      `json:"retiring,omitempty"` // a rotation is replacing it
}

// Public is the content of a public key file.
type Public struct {
	Version int           `json:"version"`
	Keys    []PublicEntry `json:"keys"`
}

// NewPublic is the content for a first pair.
func NewPublic(reading, recovery PublicKey, since time.Time) Public { return Public{} }

// Current are the keys that new slots are sealed to.
func (p Public) Current() []PublicKey { return nil }

// Rotating tells whether a rotation is under way.
func (p Public) Rotating() bool { return false }

// WritePublic writes a public key file durably.
func WritePublic(fsys durable.FS, name string, p Public) error { return nil }

// ReadPublic reads a public key file.
func ReadPublic(fsys durable.FS, name string) (Public, error) { return Public{}, nil }

// Rotation replaces the reading and the recovery key of all stores.
type Rotation struct {
	FS      durable.FS
	Rings   []*Ring  // of every store
	Publics []string // every public key file; the first, in the state folder, decides
	KeyFile string   // of the private reading key
}

// Begin starts a rotation. Print the words of the recovery key and have them confirmed before.
func (ro Rotation) Begin(ctx context.Context, reading PrivateKey, recovery PublicKey, now time.Time) error {
	return nil
}

// Finish goes on with a rotation begun, and returns how many slots it sealed anew.
func (ro Rotation) Finish(ctx context.Context) (int, error) { return 0, nil }
