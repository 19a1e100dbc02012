package evidence

import (
	"errors"

	"varuh/accesslog/diary/proof"
)

var (
	// ErrFormat is wrapped by every refusal of bytes that are not in the format: of a recorder, or of a package.
	ErrFormat = errors.New("not as varuh writes it")
	// ErrVersion is returned for a package that a newer varuh wrote: it is no damage.
	ErrVersion = proof.ErrVersion
	// ErrTooLarge is returned for a package of more footage than its manifest can list: ask for less at a time.
	ErrTooLarge = errors.New("more than one package can hold: ask for a shorter range")
	// ErrEmpty is returned where there is no footage at all.
	ErrEmpty = errors.New("there is no footage in the range")
)
