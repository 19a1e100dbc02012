package packing

import (
	"errors"
	"testing"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence/evidencetest"
)

// Where it is not known which cameras there are, nothing is taken out as all of them.
func TestAllCamerasUnknown(t *testing.T) {
	t.Parallel()
	bad := errors.New("the index can't be read")
	door := FromDoor(nil, func() ([]string, error) { return []string{"hall"}, bad })
	_, err := door.Export(t.Context(), Order{Request: disclosure.Request{Wanted: []disclosure.Wanted{{From: evidencetest.Dawn, To: noon}}}})
	if !errors.Is(err, bad) {
		t.Errorf("%v", err)
	}
}
