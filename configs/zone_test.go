package configs

import (
	"errors"
	"testing"
)

// The machine's zone goes by a name that others know, wherever it has one.
func TestMachineZone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		variable string // "-": not set
		link     string // "": it is none
		want     string
	}{
		{"-", "/usr/share/zoneinfo/Europe/Ljubljana", "Europe/Ljubljana"},
		{"-", "../usr/share/zoneinfo/Etc/UTC", "Etc/UTC"},
		{"-", "/etc/mine", "Local"},
		{"-", "/usr/share/zoneinfo/Nowhere/Town", "Local"},
		{"-", "/usr/share/zoneinfo/", "Local"},
		{"-", "", "Local"},
		{"", "/usr/share/zoneinfo/Europe/Ljubljana", "UTC"},
		{"Europe/Vienna", "/usr/share/zoneinfo/Europe/Ljubljana", "Europe/Vienna"},
		{":Europe/Vienna", "", "Europe/Vienna"},
		{"/usr/share/zoneinfo/Europe/Vienna", "", "Europe/Vienna"},
		{"/etc/mine", "", "Local"},
		{"CET-1CEST", "", "Local"},
		{"Local", "", "Local"},
	} {
		variable := func(string) (string, bool) { return tt.variable, tt.variable != "-" }
		if tt.variable == "-" {
			variable = func(string) (string, bool) { return "", false }
		}
		readlink := func(name string) (string, error) {
			if tt.link == "" || name != "/etc/localtime" {
				return "", errors.New("it is a file")
			}
			return tt.link, nil
		}
		if got := machine(variable, readlink).String(); got != tt.want {
			t.Errorf("TZ=%s, link %q: %s, want %s", tt.variable, tt.link, got, tt.want)
		}
	}
}

// A configuration without time_zone takes the machine's.
func TestDefaultZone(t *testing.T) {
	t.Setenv("TZ", "Europe/Vienna")
	c, err := Load(folder(t, map[string]string{"varuh.yml": "store: [store]\n", "cameras.d/hall.yml": goodCamera}))
	if err != nil || c.Zone.String() != "Europe/Vienna" {
		t.Errorf("%v, %v", c, err)
	}
}
