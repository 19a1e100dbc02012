// Package aeszip guards an archive by a passphrase: ZIP files with AES-256 in WinZip's way (AE-2, "AES
// Encryption Information: Encryption Specification AE-1 and AE-2", version 1.04), which 7-Zip, WinZip,
// bsdtar and The Unarchiver open. Windows Explorer does not.
//
//  1. Contents are deflated, then encrypted, then authenticated (encrypt-then-MAC). There is no checksum of
//     the plaintext in the clear, as AE-1 has one.
//  2. Each file has a salt of its own, so no key stream comes twice.
//  3. Names, sizes and dates stay readable: what a name says must be harmless.
//  4. A reader gives the end of a file only if its authentication code is right. What came before the
//     end may be false until then: read to the end first.
//
// The key is derived by 1000 rounds of PBKDF2 with HMAC-SHA-1, as the format has it. That slows guessing
// little, so a passphrase must not be guessable to begin with: take one of [NewPassphrase].
package aeszip
