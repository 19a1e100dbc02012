// Package aeszip guards an archive by a passphrase: ZIP files with AES-256 in the way of WinZip (AE-2),
// which the common programs on Windows, macOS and Linux open.
package aeszip
