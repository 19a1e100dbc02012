package configs

import (
	"path"
	"strings"
	"time"
)

// localtime is the link to the zone of the machine: see localtime(5).
const localtime = "/etc/localtime"

// machine is the zone of the machine under its own name, such as Europe/Ljubljana, as TZ names it or the link of
// localtime(5): [time.Local] is called Local, which tells nobody elsewhere what times on a paper mean. Where it has no name
// that is known here, it is time.Local.
func machine(variable func(string) (string, bool), readlink func(string) (string, error)) *time.Location {
	name, set := variable("TZ")
	if set && name == "" {
		return time.UTC
	}
	if name = strings.TrimPrefix(name, ":"); !set {
		var err error
		if name, err = readlink(localtime); err != nil {
			return time.Local
		}
	}
	if _, short, found := strings.Cut(name, "/zoneinfo/"); found {
		name = short
	} else if path.IsAbs(name) || !set {
		return time.Local
	}
	if name == "" || name == "Local" {
		return time.Local
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.Local
	}
	return zone
}
