package configs

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Canonical is the configuration in one form, for a hash that tells whether it changed. It holds no secret:
// passwords are left out, and of each address all but scheme and host. So a changed password does not show.
func (c *Config) Canonical() ([]byte, error) {
	plain := *c
	plain.Zone = nil
	plain.Cameras = slices.Clone(c.Cameras)
	b, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("couldn't write the configuration down: %w", err)
	}
	return b, nil
}

// MarshalText implements [encoding.TextMarshaler]: days and times, each day by its name.
func (w Window) MarshalText() ([]byte, error) {
	var text []byte
	for i, on := range w.days {
		if on && text != nil {
			text = append(text, ',')
		}
		if on {
			text = append(text, weekdays[i]...)
		}
	}
	return fmt.Appendf(text, " %02d:%02d-%02d:%02d", w.from/60, w.from%60, w.to/60, w.to%60), nil
}
