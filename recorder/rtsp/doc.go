// Package rtsp guards the line to the cameras: only it talks to them, and no credential of theirs
// is ever in a log, an error, a metric or a page.
package rtsp
