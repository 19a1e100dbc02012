package main

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refusedByFAT are the calls that FAT answers with an error, as vfat of Linux does (fs/fat/namei_vfat.c: it has no such operations;
// fs/fat/file.c: fat_setattr).
var refusedByFAT = map[uint32]unix.Errno{
	unix.SYS_FCHMOD: unix.EPERM, unix.SYS_FCHMODAT: unix.EPERM, unix.SYS_FCHMODAT2: unix.EPERM,
	unix.SYS_FCHOWN: unix.EPERM, unix.SYS_FCHOWNAT: unix.EPERM,
	unix.SYS_LINKAT: unix.EPERM, unix.SYS_SYMLINKAT: unix.EPERM, unix.SYS_MKNODAT: unix.EPERM,
	unix.SYS_SETXATTR: unix.EOPNOTSUPP, unix.SYS_LSETXATTR: unix.EOPNOTSUPP, unix.SYS_FSETXATTR: unix.EOPNOTSUPP,
}

// likeFAT does something with the calls refused that FAT refuses, on a thread of its own, which ends with it.
func likeFAT(do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends, and none is made from it
		if err := refuseCalls(); err != nil {
			done <- fmt.Errorf("couldn't refuse calls: %w", err)
			return
		}
		done <- do()
	}()
	return <-done
}

// What the kernel shows of a call (struct seccomp_data), by its offset.
const (
	callNumber = 0
	thirdArg   = 16 + 2*8 // the low half, on little-endian machines
	fifthArg   = 16 + 4*8
)

// refuseCalls has the kernel refuse them to this thread, and the two that are refused by a flag: opening a file without a name,
// and exchanging two names.
func refuseCalls() error {
	var program []unix.SockFilter
	load := func(offset uint32) {
		program = append(program, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset})
	}
	refuse := func(e unix.Errno) {
		program = append(program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(e)})
	}
	unless := func(code uint16, k uint32, skip uint8) { // skips so many where the comparison fails
		program = append(program, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | code, K: k, Jf: skip})
	}
	load(callNumber)
	for number, e := range refusedByFAT {
		unless(unix.BPF_JEQ, number, 1)
		refuse(e)
	}
	for _, by := range []struct {
		number, argument, flags uint32
		e                       unix.Errno
	}{{unix.SYS_OPENAT, thirdArg, unix.O_TMPFILE &^ unix.O_DIRECTORY, unix.EOPNOTSUPP}, {unix.SYS_RENAMEAT2, fifthArg, unix.RENAME_EXCHANGE, unix.EINVAL}} {
		load(callNumber)
		unless(unix.BPF_JEQ, by.number, 3)
		load(by.argument)
		unless(unix.BPF_JSET, by.flags, 1)
		refuse(by.e)
	}
	program = append(program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&filter))); e != 0 {
		return e
	}
	return nil
}
