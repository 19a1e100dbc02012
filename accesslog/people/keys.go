package people

// Which is one of the two key pairs that are wrapped for persons.
type Which string

// The key pairs.
const (
	FootageKey Which = "footage"
	DiaryKey   Which = "diary"
)

// whiches are both.
var whiches = []Which{FootageKey, DiaryKey}

// Sealer has private reading keys at hand, or not, and wraps them for persons. The wrap key comes from the person's password
// and is nowhere kept. Its methods may be called from many goroutines.
type Sealer interface {
	// Key tells the id of the key pair in use, and whether its private half is at hand.
	Key(w Which) (id string, open bool)

	// Seal wraps the private half, which must be at hand, for a person.
	Seal(w Which, wrapKey [32]byte, person string) (blob []byte, err error)
}

// Keys holds the private reading keys in memory for everybody, or not. Whoever replaces them, or has the recovery key, has
// them as a [Sealer] of his own, which nobody can lock and nobody else is lent.
type Keys interface {
	Sealer

	// Unlock opens a wrap and keeps the private half in memory until the keys are locked.
	Unlock(w Which, wrapKey [32]byte, person string, blob []byte) error

	// Rewrap opens a wrap and seals what is in it under another wrap key. It keeps nothing in memory.
	Rewrap(w Which, old, next [32]byte, person string, blob []byte) ([]byte, error)

	// Holds tells whether a wrap has the private half of a key pair, by what stands readable in it. While keys are
	// replaced it has that of two.
	Holds(blob []byte, id string) bool
}
