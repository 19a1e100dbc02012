package footage

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	foreign := func(statements string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db := connect(path, 1)
			_, err := db.Exec(statements)
			ok(t, errors.Join(err, db.Close()))
		}
	}
	resized := func(size int64) func(*testing.T, string) {
		return func(t *testing.T, path string) { ok(t, os.Truncate(path, size)) }
	}
	tests := map[string]struct {
		spoil func(t *testing.T, path string)
		want  error
	}{
		"missing":        {func(t *testing.T, path string) { ok(t, os.Remove(path)) }, ErrMissing},
		"empty":          {resized(0), ErrDamaged},
		"cut":            {resized(5000), ErrDamaged},
		"no database":    {func(t *testing.T, path string) { ok(t, os.WriteFile(path, make([]byte, 9000), 0o600)) }, ErrDamaged},
		"another's":      {foreign("PRAGMA application_id = 5"), ErrDamaged},
		"newer":          {foreign("PRAGMA user_version = 3"), ErrVersion},
		"other tables":   {foreign("CREATE TABLE extra (x)"), ErrDamaged},
		"missing tables": {foreign("DROP TABLE gaps"), ErrDamaged},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "a folder with ? and % and #", "footage.db")
			ok(t, os.Mkdir(filepath.Dir(path), 0o700))
			_, err := Rebuild(t.Context(), nil, path, nil)
			ok(t, err)
			tt.spoil(t, path)
			if _, err := Open(path); !errors.Is(err, tt.want) {
				t.Fatalf("Open: %v, want %v", err, tt.want)
			}
			ix, report, err := OpenOrRebuild(t.Context(), nil, path, nil)
			if err != nil || report == nil {
				t.Fatalf("OpenOrRebuild: %v, %v", report, err)
			}
			ok(t, ix.Close())
		})
	}
}
