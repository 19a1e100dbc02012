package web

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QR is a QR code as the path of a drawing, whose every module is 1 wide.
type QR struct {
	Size int    `json:"size"` // of the drawing, its margin included
	Path string `json:"path"` // of what is black
}

// margin is what a QR code needs around it to be found: ISO/IEC 18004 asks for 4 modules.
const margin = 4

// qrOf draws a text.
func qrOf(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, fmt.Errorf("couldn't draw a QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			begin := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin+margin, y+margin, x-begin, x-begin)
			}
		}
	}
	return QR{code.Size + 2*margin, path.String()}, nil
}
