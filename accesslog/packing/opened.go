package packing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/packing/sealed"
)

// opened opens the object of a package, if it is that one: its manifest has the hash by which its row, its request and its entries
// know it. Somebody may have changed a row a moment ago, which nobody sees before the next entry.
func (j *Jobs) opened(p Package) (*sealed.Object, error) {
	o, err := j.o.Shelf.Open(p.Place)
	if err != nil {
		return nil, err
	}
	manifest, err := inside(o, evidence.ManifestFile, proof.MaxManifest)
	if sum := sha256.Sum256(manifest); err == nil && hex.EncodeToString(sum[:]) != p.Manifest {
		err = fmt.Errorf("%w: what lies sealed for the request %s is another package", sealed.ErrDamaged, p.Request)
	}
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}
