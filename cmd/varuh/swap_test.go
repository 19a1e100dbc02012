package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSwaps(t *testing.T) {
	t.Parallel()
	const head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
	const disk, zram = "/dev/sda3                               partition\t2097148\t0\t-2\n", "/dev/zram0 partition\t2097148\t0\t100\n"
	for name, tt := range map[string]struct {
		swaps, group string
		limits       map[string]string
		want         []string
	}{
		"none":                         {head, "0::/user.slice\n", nil, nil},
		"a partition":                  {head + disk, "0::/user.slice\n", nil, []string{"/dev/sda3"}},
		"compressed memory":            {head + zram, "0::/user.slice\n", nil, nil},
		"both":                         {head + zram + disk, "0::/user.slice\n", nil, []string{"/dev/sda3"}},
		"forbidden by the unit":        {head + disk, "0::/system.slice/varuh.service\n", map[string]string{"system.slice/varuh.service": "0\n"}, nil},
		"forbidden around it":          {head + disk, "0::/system.slice/varuh.service\n", map[string]string{"system.slice": "0\n", "system.slice/varuh.service": "max\n"}, nil},
		"not forbidden":                {head + disk, "0::/system.slice/varuh.service\n", map[string]string{"system.slice/varuh.service": "max\n"}, []string{"/dev/sda3"}},
		"forbidden to another":         {head + disk, "0::/system.slice/varuh.service\n", map[string]string{"system.slice/other.service": "0\n"}, []string{"/dev/sda3"}},
		"control groups of version 1":  {head + disk, "9:memory:/varuh\n1:name=systemd:/varuh\n", map[string]string{"varuh": "0\n"}, []string{"/dev/sda3"}},
		"nobody says what swap it has": {"", "", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, text string) {
				must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
				must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
			}
			if tt.swaps != "" {
				write("proc/swaps", tt.swaps)
			}
			write("proc/self/cgroup", tt.group)
			for group, limit := range tt.limits {
				write("cgroup/"+group+"/memory.swap.max", limit)
			}
			if got := swaps(filepath.Join(dir, "proc"), filepath.Join(dir, "cgroup")); !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// service are the settings of the unit's service, by name.
func service(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../systemd/varuh.service")
	must(t, err)
	section, got := "", map[string][]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
		}
		if name, value, ok := strings.Cut(line, "="); ok && section == "[Service]" && !strings.HasPrefix(line, "#") {
			got[name] = append(got[name], value)
		}
	}
	return got
}

// The unit keeps what is in memory from every disk, whatever the machine's own settings are, and goes on where memory ended for
// ffmpeg, which package derived has die first.
func TestUnitKeepsMemoryFromDisk(t *testing.T) {
	t.Parallel()
	got := service(t)
	for name, want := range map[string]string{"LimitCORE": "0", "MemorySwapMax": "0", "PrivateTmp": "yes", "UMask": "0077", "ProtectProc": "invisible", "OOMPolicy": "continue", "Restart": "always"} {
		if !slices.Equal(got[name], []string{want}) {
			t.Errorf("%s is %q, want %s once", name, got[name], want)
		}
	}
}
