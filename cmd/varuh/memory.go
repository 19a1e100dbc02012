package main

import (
	"io/fs"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// memoryShare is how much of the memory that a service may have is for what the collector knows of, in percent. The rest
// is SQLite's, the stacks' and the kernel's for connections.
const memoryShare = 75

// boundMemory has the collector work harder before the kernel ends the program, recorder included, for its memory. What
// GOMEMLIMIT says stays.
func boundMemory(root fs.FS, environment string) {
	if limit, ok := memoryLimit(root); ok && environment == "" {
		debug.SetMemoryLimit(limit / 100 * memoryShare)
	}
}

// memoryLimit is the least limit of the program's control groups (cgroup v2), in bytes; false if there is none.
func memoryLimit(root fs.FS) (least int64, ok bool) {
	own, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(own)) {
		group, is := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !is {
			continue
		}
		for at := path.Clean("/" + group); ; at = path.Dir(at) {
			text, err := fs.ReadFile(root, path.Join("sys/fs/cgroup", at, "memory.max"))
			if n, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && wrong == nil && (!ok || n < least) {
				least, ok = n, true
			}
			if at == "/" {
				break
			}
		}
	}
	return least, ok
}
