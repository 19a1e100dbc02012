// Package keyring guards the keys of footage: a key is whole or gone, and a destroyed key never
// returns.
package keyring
