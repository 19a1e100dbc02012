package configs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// Duration is a time span written with its unit: 90s, 10m, 1h30m.
type Duration time.Duration

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no time span; want a number with a unit, such as 500ms, 90s, 10m or 1h30m", text)
	}
	*d = Duration(v)
	return nil
}

// String is the span in short: 10m rather than 10m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	s = regexp.MustCompile(`([hm])0s$`).ReplaceAllString(s, "$1")
	return regexp.MustCompile(`h0m$`).ReplaceAllString(s, "h")
}

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Size is a number of bytes written with its unit: 256MiB, 20GB.
type Size uint64

var sizePattern = regexp.MustCompile(`^([0-9]+) ?([kKMGT]i?B)$`)

var sizeUnits = map[string]uint64{
	"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KiB": 1 << 10, "kiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Size) UnmarshalText(text []byte) error {
	m := sizePattern.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no size; want a whole number with a unit, such as 256MiB, 1GiB or 20GB", text)
	}
	n, err := strconv.ParseUint(string(m[1]), 10, 64)
	unit := sizeUnits[string(m[2])]
	if err != nil || n > math.MaxInt64/unit {
		return errors.New("is larger than any disk")
	}
	*s = Size(n * unit)
	return nil
}

// String is the size in the largest binary unit that divides it.
func (s Size) String() string {
	for _, u := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if s >= Size(sizeUnits[u]) && uint64(s)%sizeUnits[u] == 0 {
			return strconv.FormatUint(uint64(s)/sizeUnits[u], 10) + u
		}
	}
	return strconv.FormatUint(uint64(s), 10) + "B"
}

// MarshalText implements [encoding.TextMarshaler].
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
