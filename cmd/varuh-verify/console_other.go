//go:build !windows

package main

// ownsConsole tells whether the window closes with this program.
func ownsConsole() bool { return false }
