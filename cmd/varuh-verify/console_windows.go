package main

import (
	"syscall"
	"unsafe"
)

// ownsConsole tells whether the window closes with this program: nobody else is attached to it, as
// when the program was started by a double click.
func ownsConsole() bool {
	var processes [2]uint32
	n, _, _ := syscall.NewLazyDLL("kernel32.dll").NewProc("GetConsoleProcessList").Call(uintptr(unsafe.Pointer(&processes[0])), uintptr(len(processes)))
	return n == 1
}

// speakUTF8 makes the console show UTF-8, whose own code page may be an old one, until it is given back: whoever called the
// program from a window goes on in that. Without a console it does nothing.
func speakUTF8() (giveBack func()) {
	const utf8 = 65001
	kernel := syscall.NewLazyDLL("kernel32.dll")
	set := kernel.NewProc("SetConsoleOutputCP")
	own, _, _ := kernel.NewProc("GetConsoleOutputCP").Call()
	if done, _, _ := set.Call(utf8); own == 0 || done == 0 {
		return func() {}
	}
	return func() { set.Call(own) }
}
