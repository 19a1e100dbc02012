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

// Keys holds the private reading keys in memory, or not, and wraps them for persons. The wrap key comes from the
// person's password and is nowhere kept. Its methods may be called from many goroutines.
type Keys interface {
	// Key tells the id of the key pair in use, and whether its private half is in memory.
	Key(w Which) (id string, open bool)

	// Seal wraps the private half, which must be in memory, for a person.
	Seal(w Which, wrapKey [32]byte, person string) (blob []byte, err error)

	// Unlock opens a wrap and keeps the private half in memory until the keys are locked.
	Unlock(w Which, wrapKey [32]byte, person string, blob []byte) error

	// Rewrap opens a wrap and seals what is in it under another wrap key. It keeps nothing in memory.
	Rewrap(w Which, old, next [32]byte, person string, blob []byte) ([]byte, error)

	// Holds tells whether a wrap has the private half of a key pair, by what stands readable in it. While keys are
	// replaced it has that of two.
	Holds(blob []byte, id string) bool
}
