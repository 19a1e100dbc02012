//go:build !windows

package main

// ownsConsole tells whether the window closes with this program.
func ownsConsole() bool { return false }

// speakUTF8 makes the console show UTF-8, until it is given back.
func speakUTF8() (giveBack func()) { return func() {} }
