// Package configs guards the configuration: what is not understood is refused with file, line,
// column and what is allowed there, and a valid configuration is never replaced by an invalid one.
//
// The configuration is a folder: varuh.yml ([Config]) and one file per camera in cameras.d
// ([Camera]). The comments of these two types are the manual; varuh.yml beside this file shows every
// key with its default.
//
// Invariants:
//
//  1. Strict. An unknown key, a key given twice, a key without a value, a value of another kind
//     and a number without its unit are mistakes. Anchors, aliases, tags and a second document in a
//     file are refused too: none of them is needed, and each can hide a value from the reader.
//  2. All mistakes at once. [Load] reports every mistake that it can find as one [Problems], sorted
//     by file and line, so that nobody mends a file one error at a time.
//  3. No secret is printed. A camera's password lives in a [Secret] and its URL in an [Address];
//     both print without it, also in errors, in JSON and with %#v. Messages quote a value
//     only where no password can stand.
//  4. Files in cameras.d that do not end in .yml are not read: rename a file to end in .off to
//     take its camera out. A file that ends in .yaml is a mistake, since ignoring it would
//     silently not record a camera.
package configs
