package proof

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// VerifyOptions are what the person who verifies knows from elsewhere.
type VerifyOptions struct {
	Keys []Key    // known from outside the bundle: of the log, or of witnesses
	Held [][]byte // signed checkpoints that somebody kept
	// Timestamp checks an RFC 3161 response for a checkpoint's text and returns its time and authority; nil
	// leaves timestamps unchecked.
	Timestamp func(response, text []byte) (time.Time, string, error)
	// Each is given each entry in order, with its parsed parts, once its chunk was read; nil for none.
	Each func(Leaf, *Body, []byte) error
}

// VerifyBundle checks a bundle in a folder or a zip file. The error is that of ctx or of reading; what is wrong
// with the diary is in the report.
func VerifyBundle(ctx context.Context, bundle fs.FS, o VerifyOptions) (*Report, error) {
	return nil, errors.ErrUnsupported
}
