package main

import (
	"io/fs"
	"math"
	"runtime/debug"
	"testing"
	"testing/fstest"
)

// The limit is the least of the program's own control group and of those that it is in, and the collector heeds most of it.
func TestMemoryLimit(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	own := file("0::/system.slice/varuh.service\n")
	for name, tt := range map[string]struct {
		files fs.FS
		want  int64
	}{
		"own":      {fstest.MapFS{"proc/self/cgroup": own, "sys/fs/cgroup/system.slice/varuh.service/memory.max": file("1073741824\n"), "sys/fs/cgroup/system.slice/memory.max": file("max\n")}, 1 << 30},
		"above":    {fstest.MapFS{"proc/self/cgroup": own, "sys/fs/cgroup/system.slice/varuh.service/memory.max": file("max\n"), "sys/fs/cgroup/system.slice/memory.max": file("536870912\n")}, 1 << 29},
		"none":     {fstest.MapFS{"proc/self/cgroup": own, "sys/fs/cgroup/system.slice/varuh.service/memory.max": file("max\n")}, 0},
		"no group": {fstest.MapFS{}, 0},
		"v1":       {fstest.MapFS{"proc/self/cgroup": file("4:memory:/x\n")}, 0},
	} {
		if got, ok := memoryLimit(tt.files); got != tt.want || ok != (tt.want > 0) {
			t.Errorf("%s: %d %v", name, got, ok)
		}
	}
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	files := fstest.MapFS{"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("1000000000000\n")}
	debug.SetMemoryLimit(math.MaxInt64)
	if boundMemory(files, "2GiB"); debug.SetMemoryLimit(-1) != math.MaxInt64 {
		t.Error("what GOMEMLIMIT says did not stay")
	}
	if boundMemory(files, ""); debug.SetMemoryLimit(-1) != 750000000000 {
		t.Errorf("the collector heeds %d", debug.SetMemoryLimit(-1))
	}
}
