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

// The console's own code page may be an old one: this makes it show UTF-8.
func init() {
	const utf8 = 65001
	syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleOutputCP").Call(utf8)
}
