package copies

import (
	"os"
	"strings"
	"testing"
)

// What FORMAT.md shows for the words in it.
const (
	formatIdentity  = "AGE-SECRET-KEY-1PQGPSGPGXQUYQJZSTPSXSURCSZYFPX9Q4ZCT3SXG6RVWP68SLPQQW670ZP"
	formatRecipient = "age1ml8tln29ndx3mhvmvdhcnx5h7he49a7pczd6pudkt8f3f78qcyxqfxjnek"
)

func TestFormatShowsTheKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("FORMAT.md")
	must(t, err)
	for _, want := range []string{words, formatIdentity, formatRecipient} {
		if !strings.Contains(string(text), want) {
			t.Errorf("FORMAT.md lacks %s", want)
		}
	}
}
