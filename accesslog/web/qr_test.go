package web

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// Somebody else's reader reads from the drawing what was drawn.
func TestQR(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "zbar-tools", "zbarimg", "--version")
	outside.Needs(t, "librsvg2-bin", "rsvg-convert", "--version")
	for _, text := range []string{"x", "otpauth://totp/varuh%20sola.example:vida.head?secret=AZYEH3GHLJQ5PNF4XRY7JK5GX2T2CF7P&issuer=varuh%20sola.example", strings.Repeat("0123456789", 60)} {
		code, err := qrOf(text)
		must(t, err)
		drawing := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d"><rect width="100%%" height="100%%" fill="#fff"/><path d="%s"/></svg>`, code.Size, code.Path)
		convert := exec.CommandContext(t.Context(), "rsvg-convert", "-w", "900", "-h", "900")
		convert.Stdin = strings.NewReader(drawing)
		png, err := convert.Output()
		must(t, err)
		name := filepath.Join(t.TempDir(), "code.png")
		must(t, os.WriteFile(name, png, 0o600))
		read, err := exec.CommandContext(t.Context(), "zbarimg", "--raw", "-q", name).Output()
		must(t, err)
		if got := string(bytes.TrimSpace(read)); got != text {
			t.Errorf("%q is read from the drawing of %q", got, text)
		}
	}
	if _, err := qrOf(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text is drawn that no QR code holds")
	}
}
