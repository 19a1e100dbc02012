package configs

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"varuh/retention"
)

// The words that some keys choose from.
const (
	UnlockAuto    = "auto"
	UnlockLogin   = "login"
	AcceptBox     = "box_theft_reveals_footage"
	MetricsOff    = "off"
	credentialKey = "credential:"
)

var (
	idPattern         = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)
	credentialPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,255}$`)
)

// check looks at the values of varuh.yml and makes its paths absolute.
func (c *Config) check(d *document) {
	d.span("segment_duration", c.SegmentDuration, time.Minute, time.Hour)
	d.span("sync_interval", c.SyncInterval, time.Second, time.Minute)
	d.span("silence", c.Silence, 2*time.Second, 10*time.Minute)
	if c.Reserve < 64<<20 || c.Reserve > 64<<30 {
		d.fault("reserve", "is %s; allowed are 64MiB to 64GiB", c.Reserve)
	}
	zone, err := time.LoadLocation(c.TimeZone)
	if c.Zone = zone; c.TimeZone == "" {
		c.Zone = machine(os.LookupEnv, os.Readlink)
	} else if err != nil {
		d.fault("time_zone", "%q is not known here; want a name such as Europe/Ljubljana", c.TimeZone)
	}
	c.checkStores(d)
	c.checkUnlock(d)
	c.checkPersons(d)
	c.checkMetrics(d)
	c.checkPages(d)
	c.checkDiary(d)
	c.checkBackup(d)
}

func (c *Config) checkStores(d *document) {
	c.State = c.within(c.State)
	if len(c.Store) == 0 {
		d.fault("store", "is missing; list at least one folder that takes footage")
	}
	seen := map[string]bool{}
	for i, dir := range c.Store {
		path := fmt.Sprintf("store[%d]", i)
		if dir == "" {
			d.fault(path, "is empty; name a folder")
			continue
		}
		dir = c.within(dir)
		c.Store[i] = dir
		if dir == c.State || dir == c.Dir {
			d.fault(path, "is the state folder itself; use a folder inside it, such as %s", filepath.Join(dir, "store"))
		}
		for other := range seen {
			if inside(dir, other) || inside(other, dir) {
				d.fault(path, "is the same folder as another store or lies inside it; each store is one disk")
			}
		}
		seen[dir] = true
	}
}

// inside tells whether a is b or lies in it.
func inside(a, b string) bool {
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

func (c *Config) checkUnlock(d *document) {
	cred, isCred := strings.CutPrefix(c.Key, credentialKey)
	switch {
	case c.Unlock == "locked":
		d.fault("unlock", "is locked, of an earlier version; write unlock: login, by which the log-in of a person opens footage and diary")
	case c.Unlock != UnlockAuto && c.Unlock != UnlockLogin:
		d.fault("unlock", "is %q; allowed are login and auto", c.Unlock)
	case c.Unlock == UnlockLogin && c.Key != "":
		d.fault("key", "is given, but unlock is login; set unlock: auto, or remove the key from this machine and this line")
	case c.Unlock == UnlockLogin:
	case c.Key == "":
		d.fault("unlock", "is auto, which needs key: the path of a key file or credential:NAME")
	case isCred && !credentialPattern.MatchString(cred):
		d.fault("key", "names no credential; want credential:NAME with letters, digits, dots, dashes and underscores")
	case !isCred && !filepath.IsAbs(c.Key):
		d.fault("key", "is neither an absolute path nor credential:NAME")
	case !isCred && c.Accept == "":
		d.fault("key", "is a key file, so whoever takes the whole box can read all footage; say that this is known with "+
			"accept: %s, or use credential:NAME with a key bound to the TPM, or unlock: login", AcceptBox)
	}
	if c.Accept != "" && c.Accept != AcceptBox {
		d.fault("accept", "is %q; allowed is %s", c.Accept, AcceptBox)
	}
}

// roles are those that may be asked for a second factor: all that there are, in package people.
var roles = []string{"administrator", "approver", "caretaker", "auditor", "maintainer", "guard", "inspector"}

// checkPersons looks at what is asked of persons who log in.
func (c *Config) checkPersons(d *document) {
	if c.IdleLock != 0 {
		d.span("idle_lock", c.IdleLock, time.Minute, 24*time.Hour)
	}
	for i, role := range c.SecondFactor {
		if !slices.Contains(roles, role) || slices.Index(c.SecondFactor, role) < i {
			d.fault(fmt.Sprintf("second_factor[%d]", i), "is %q; allowed are %s, each once", role, strings.Join(roles, ", "))
		}
	}
}

// KeyFile is the path of the private reading key, or "" without one; Credential is its name as a
// systemd credential, or "".
func (c *Config) KeyFile() string {
	if strings.HasPrefix(c.Key, credentialKey) {
		return ""
	}
	return c.Key
}

// Credential is the name of the systemd credential that holds the private reading key, or "".
func (c *Config) Credential() string {
	name, ok := strings.CutPrefix(c.Key, credentialKey)
	if !ok {
		return ""
	}
	return name
}

func (c *Config) checkMetrics(d *document) {
	if c.Metrics == MetricsOff {
		return
	}
	host, port, err := net.SplitHostPort(c.Metrics)
	if err != nil || port == "" {
		d.fault("metrics", "is %q; want an address and a port such as 127.0.0.1:9184, or off", c.Metrics)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		d.fault("metrics", "is %q; want a port from 1 to 65535", c.Metrics)
		return
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		d.fault("metrics", "is %q, which other machines could reach; only loopback is allowed, such as 127.0.0.1:9184, or off", c.Metrics)
	}
}

// check looks at the values of one camera's file.
func (c *Camera) check(d *document) {
	if t := d.token("id"); t != nil {
		c.line = t.Position.Line
	}
	switch {
	case c.ID == "":
		d.fault("id", "is missing; give the camera an id of a-z, 0-9 and -")
	case c.ID == "keys":
		d.fault("id", "must not be keys: the store has a folder of that name")
	case !idPattern.MatchString(c.ID):
		d.fault("id", "is %q; allowed are up to 64 of a-z, 0-9 and - (not first or last)", c.ID)
	}
	c.Name, c.Location = strings.TrimSpace(c.Name), strings.TrimSpace(c.Location)
	d.required("name", c.Name, "what people call the camera")
	d.required("location", c.Location, "where the camera hangs and what it sees")
	if c.Main.IsZero() {
		d.fault("main", "is missing; want rtsp://HOST/PATH or rtsps://HOST/PATH")
	}
	if !c.Sub.IsZero() && !c.Main.IsZero() && c.Sub.u.String() == c.Main.u.String() {
		d.fault("sub", "is the same stream as main; use the camera's smaller stream or remove the line")
	}
	if c.Transport != "auto" && c.Transport != "tcp" && c.Transport != "udp" {
		d.fault("transport", "is none of auto, tcp and udp")
	}
	if c.Audio != nil && strings.TrimSpace(c.Audio.Reason) == "" {
		d.fault("audio", "needs a reason: why sound is strictly needed here; without one remove audio")
	}
	if err := (retention.Policy{Limit: c.Limit, Keep: c.Keep}).Check(); err != nil {
		d.fault("keep_at_least", "does not go with limit: %v", err)
	}
	c.checkCredentials(d)
}

func (c *Camera) checkCredentials(d *document) {
	named := c.PasswordFile != "" || c.PasswordCredential != ""
	switch {
	case c.PasswordFile != "" && c.PasswordCredential != "":
		d.fault("password_credential", "and password_file are both given; keep one")
	case c.PasswordCredential != "" && !credentialPattern.MatchString(c.PasswordCredential):
		d.fault("password_credential", "is no name; want letters, digits, dots, dashes and underscores")
	case named && c.User == "":
		d.fault("user", "is missing; name the camera's account that the password belongs to")
	case c.User != "" && !named:
		d.fault("user", "has no password; name it with password_file or password_credential")
	case c.User != "" && (c.Main.credentials() || c.Sub.credentials()):
		d.fault("user", "is given, but a URL carries an account too; keep one of the two")
	}
}

func (d *document) required(key, value, what string) {
	if strings.TrimSpace(value) == "" {
		d.fault(key, "is missing; say %s", what)
	}
}

func (d *document) span(key string, v Duration, least, most time.Duration) {
	if time.Duration(v) < least || time.Duration(v) > most {
		d.fault(key, "is %s; allowed are %s to %s", v, Duration(least), Duration(most))
	}
}
