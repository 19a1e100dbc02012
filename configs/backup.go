package configs

import (
	"time"

	"varuh/retention"
)

// Backup is what the configuration says of backups.
type Backup struct {
	// To is the folder that backups are made in. It is on another disk than the state folder, neither inside that nor
	// inside a store. A relative path starts at the folder of varuh.yml. Default: none, no backup is made by itself.
	To string `yaml:"to"`

	// Every is how often one is made: 1h to 168h. Default: 24h.
	Every Duration `yaml:"every"`

	// Keep is for how long one is kept, since it holds the keys of footage that is erased later: 1d to 1y, and longer than
	// Every. Default: 35d.
	Keep retention.Term `yaml:"keep"`
}

func (c *Config) checkBackup(d *document) {
	b := &c.Backup
	d.span("backup.every", b.Every, time.Hour, 168*time.Hour)
	begin := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	switch end := b.Keep.End(begin, nil); {
	case b.Keep.IsZero():
		d.fault("backup.keep", "has no value; allowed are 1d to 1y")
	case end.Sub(begin) <= time.Duration(b.Every):
		d.fault("backup.keep", "is %s, within which no next backup is made; it must be longer than every, %s", b.Keep, b.Every)
	}
	if b.To == "" {
		return
	}
	b.To = c.within(b.To)
	if inside(b.To, c.State) {
		d.fault("backup.to", "lies inside the state folder %s, and would be lost with it; name a folder on another disk", c.State)
	}
	for _, store := range c.Store {
		if inside(b.To, store) {
			d.fault("backup.to", "lies inside the store %s, and would be lost with it; name a folder on another disk", store)
		}
	}
}
