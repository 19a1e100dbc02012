// Package segment guards the footage on disk: plaintext is never on disk, a sealed file never
// changes, and a torn tail is cut at the last whole record without any key.
package segment
