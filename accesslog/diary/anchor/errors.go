package anchor

import (
	"fmt"
	"net/http"
)

// AheadError is a witness that has cosigned more entries than the diary has: the diary went back, as
// after the restoring of an old disk, or another one uses its name and key. It is the witness's word
// alone; whoever doubts it asks its keeper for the checkpoint.
type AheadError struct {
	Witness string
	Size    int64 // that it has cosigned
	Ours    int64 // of the checkpoint that it was to cosign
}

func (e *AheadError) Error() string {
	return fmt.Sprintf("witness %s has cosigned %d entries of this diary, which now has %d: the diary went back", e.Witness, e.Size, e.Ours)
}

// ConflictError is a witness that knows another history of the diary. It is the witness's word alone;
// its keeper has the checkpoint, signed by the diary's key, that proves it.
type ConflictError struct {
	Witness string
	Old     int64 // size that it has cosigned; somewhere before it history breaks
	Size    int64 // of the checkpoint that it refused
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("witness %s has cosigned other %d entries than those that the diary now begins with: the diary was rewritten", e.Witness, e.Old)
}

// LieError is an answer that cannot be true, or that is no answer of a witness at all.
type LieError struct {
	Witness string
	What    string
}

func (e *LieError) Error() string {
	return fmt.Sprintf("witness %s answered what cannot be believed: %s", e.Witness, e.What)
}

// RefusedError is a witness or a time-stamping authority that declined, for reasons other than the
// diary's history.
type RefusedError struct {
	Party  string
	Status int // of HTTP
	Advice string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s refused with status %d: %s", e.Party, e.Status, e.Advice)
}

// refused finds the words for a status.
func refused(party string, status int) *RefusedError {
	advice := "try again later, then ask its keeper"
	switch {
	case status >= 300 && status < 400:
		advice = "it wants to send us elsewhere; enter the address that it means, if you trust it"
	case status == http.StatusBadRequest:
		advice = "it did not understand the request; is the address that of a witness?"
	case status == http.StatusUnauthorized || status == http.StatusProxyAuthRequired:
		advice = "it wants a password"
	case status == http.StatusForbidden:
		advice = "it does not know the key that signs the diary; give its keeper the diary's verifier key"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		advice = "it does not know this diary, or the address is wrong; give its keeper the diary's origin and verifier key"
	case status == http.StatusTooManyRequests:
		advice = "it is asked too often"
	}
	return &RefusedError{party, status, advice}
}
