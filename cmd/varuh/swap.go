package main

import (
	"os"
	"path/filepath"
	"strings"
)

// swaps are the places onto which the kernel may write what this program has in memory, keys and pictures with it: none
// on a machine without swap, or where a control group that the program is in forbids it, as the unit does by
// MemorySwapMax=0. Nothing is locked into memory (mlock): an unprivileged program may lock less than Go's heap takes,
// and what the crypto packages copy could not be found to be locked. Compressed memory (zram) is no disk.
// What can't be read counts as no swap: there is none to be told of.
func swaps(proc, groups string) (list []string) {
	text, err := os.ReadFile(filepath.Join(proc, "swaps"))
	if err != nil || swapForbidden(proc, groups) {
		return nil
	}
	for _, line := range strings.Split(string(text), "\n")[1:] {
		if f := strings.Fields(line); len(f) > 0 && !strings.HasPrefix(f[0], "/dev/zram") {
			list = append(list, f[0])
		}
	}
	return list
}

// swapForbidden tells whether the control group of the program, or one around it, gets no swap. Those of version 1 say
// nothing of it.
func swapForbidden(proc, groups string) bool {
	text, err := os.ReadFile(filepath.Join(proc, "self", "cgroup"))
	if err != nil {
		return false
	}
	for _, line := range strings.Split(string(text), "\n") {
		own, ok := strings.CutPrefix(line, "0::")
		for dir := filepath.Join("/", own); ok && dir != "/"; dir = filepath.Dir(dir) {
			most, err := os.ReadFile(filepath.Join(groups, dir, "memory.swap.max"))
			if err == nil && strings.TrimSpace(string(most)) == "0" {
				return true
			}
		}
	}
	return false
}
