// Package rtsptest guards tests and the demo against needing a camera: it serves clips in real
// time, over and over, as a camera would, and misbehaves on wish.
package rtsptest
