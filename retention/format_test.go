package retention

import (
	"os"
	"regexp"
	"testing"
)

// The example of a list in the diary's FORMAT.md is one in its one form.
func TestListOfFormat(t *testing.T) {
	t.Parallel()
	b := must1(os.ReadFile("../accesslog/diary/FORMAT.md"))(t)
	line := regexp.MustCompile(`(?m)^    (\{"segments":\[.*\})$`).FindSubmatch(b)
	if line == nil {
		t.Fatal("FORMAT.md has no example of a list of erasures")
	}
	m, err := ParseManifest(line[1])
	if err != nil || len(m.Segments) != 1 || m.Segments[0].Reason != ByTerm || !m.Segments[0].ID.Time().Equal(m.Segments[0].From) {
		t.Errorf("%+v, %v", m, err)
	}
}
