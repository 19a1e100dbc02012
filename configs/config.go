package configs

import (
	"net/url"
	"path/filepath"
	"time"

	"varuh/retention"
)

// Config is the file varuh.yml together with the cameras.
type Config struct {
	// State is the folder of everything but footage: index, keys, lock, socket. It may be on the SD
	// card. A relative path starts at the folder of varuh.yml. Default: that folder.
	State string `yaml:"state"`

	// Store lists the folders that take footage, one per disk. A relative path starts at the folder
	// of varuh.yml. At least one; each is prepared by "varuh init" and carries a marker.
	Store []string `yaml:"store"`

	// SegmentDuration is about how much footage one segment file holds: 1m to 1h. Default: 10m.
	SegmentDuration Duration `yaml:"segment_duration"`

	// SyncInterval is how often written footage is made durable, and so what a power cut can cost
	// more than a crash: 1s to 1m. Default: 5s.
	SyncInterval Duration `yaml:"sync_interval"`

	// Reserve is the free space that footage never takes, so that keys and index can always be
	// written: 64MiB to 64GiB. At the reserve recording stops with a gap. Default: 256MiB.
	Reserve Size `yaml:"reserve"`

	// Silence is how long a camera may send no picture before that is an event, and before one that
	// sends nothing at all is connected to anew: 2s to 10m, and more than the time between two of its
	// pictures. Default: 10s.
	Silence Duration `yaml:"silence"`

	// TimeZone is the zone that the schedules of cameras are meant in, by its IANA name, such as
	// Europe/Ljubljana. Default: the zone of the machine. Everything stored is in UTC.
	TimeZone string `yaml:"time_zone"`

	// Unlock says what opens footage and diary after a start: "login", that a person logs in who may; or
	// "auto", the machine does it by itself, with Key. It records without either. Default: login.
	Unlock string `yaml:"unlock"`

	// IdleLock is after what time without use the private reading keys that a log-in opened leave the memory:
	// 1m to 24h, or 0s for never. Whoever looks at footage uses them. Default: 30m.
	IdleLock Duration `yaml:"idle_lock"`

	// SecondFactor lists the roles whose persons log in with a code beside the password, such as administrator.
	// Default: none; who sets one up for himself is asked for it all the same.
	SecondFactor []string `yaml:"second_factor"`

	// Key is where the private reading key is for "unlock: auto": an absolute path of a key file,
	// which must not be on the file system of a store, or "credential:NAME" for a systemd
	// credential, which can be bound to the machine's TPM. That of the diary has "-diary" behind its name.
	Key string `yaml:"key"`

	// Accept must be "box_theft_reveals_footage" with a key file: whoever takes the whole box can
	// then read all footage.
	Accept string `yaml:"accept"`

	// Metrics is the loopback address and port of /metrics for Prometheus, or "off".
	// Default: 127.0.0.1:9184.
	Metrics string `yaml:"metrics"`

	// HTTPS is where the pages and their API are: ":443", an address and a port, or "off". Who has no authorisation in
	// force gets no footage there. Default: off.
	HTTPS string `yaml:"https"`

	// HTTP is where a page without data sends browsers on to HTTPS, and hands out the certificate that they need:
	// ":80", or "off". Default: off.
	HTTP string `yaml:"http"`

	// Premises are the networks on the premises, such as 192.168.1.0/24. Who asks from elsewhere needs an
	// authorisation for outside. Default: none but this machine.
	Premises []string `yaml:"premises"`

	// Certificate is what HTTPS is served with. Default: one that the appliance signs itself.
	Certificate Certificate `yaml:"certificate"`

	// Published is the name, and the port if it is not 443, by which the pages are reached from outside, such as
	// kamere.sola.example. Only then can an outsider be given a secret address from which he fetches a package. Default: none.
	Published string `yaml:"published"`

	// Controller is the domain of whoever is responsible for the recording, such as sola.example. The
	// diary bears it in its name from "varuh init" on and for life. Default: the name of the machine.
	Controller string `yaml:"controller"`

	// Diary is about the diary, and about who outside keeps it from being rewritten.
	Diary Diary `yaml:"diary"`

	// Backup is where copies go from which a lost machine is made again, and how often. Default: nowhere.
	Backup Backup `yaml:"backup"`

	// UnsafeStore lets a store be on a file system that does not keep the promises footage needs
	// (vfat, exfat, ntfs, NFS, CIFS). A power cut may then cost footage that was thought safe.
	UnsafeStore bool `yaml:"unsafe_store"`

	// Cameras are the files of cameras.d, sorted by file name.
	Cameras []Camera `yaml:"-"`

	// Dir is the folder the configuration was read from.
	Dir string `yaml:"-"`

	// Zone is TimeZone, loaded; by default the machine's, by its name if it has one.
	Zone *time.Location `yaml:"-"`
}

// Camera is one file in cameras.d.
type Camera struct {
	// ID names the camera's folder and rows for ever: up to 64 of a-z, 0-9 and "-". Required. It must
	// not change while footage of the camera exists, and must not be given to another camera.
	ID string `yaml:"id"`

	// Name is what people call the camera. Required; may change.
	Name string `yaml:"name"`

	// Location says where the camera hangs and what it sees. Required: footage is picture, location
	// and time.
	Location string `yaml:"location"`

	// Main is the URL of the stream that is kept, rtsp:// or rtsps://. Required.
	Main Address `yaml:"main"`

	// Sub is the URL of a smaller stream that is recorded as well, for browsers and slow lines.
	// It should be H.264 if Main is H.265.
	Sub Address `yaml:"sub"`

	// User is the account on the camera, if it does not stand in the URLs. It should be an account
	// that can only watch.
	User string `yaml:"user"`

	// PasswordFile names a file whose first line is the password of User. Others must not be able to
	// read it. A relative path starts at the folder of varuh.yml.
	PasswordFile string `yaml:"password_file"`

	// PasswordCredential names a systemd credential (LoadCredential=, LoadCredentialEncrypted=)
	// whose first line is the password of User.
	PasswordCredential string `yaml:"password_credential"`

	// Transport is "tcp", "udp" or "auto": TCP, and UDP if the camera refuses TCP. Default: auto.
	Transport string `yaml:"transport"`

	// Audio lets sound be recorded. Without it sound is not even asked for.
	Audio *Audio `yaml:"audio"`

	// Record lists when the camera is recorded, such as "mon-fri 06:00-22:00"; see [Window]. The time
	// outside is a gap with the cause "schedule". Default: always.
	Record Schedule `yaml:"record"`

	// Limit is how long footage may be kept, counted from its first frame: 1d to 365d, 1mo to 12mo, or
	// 1y; public-area is 6mo and public-transport 7d, as the law has it there. A shorter one than before is
	// pending until an approver confirms it; a longer one is for what is recorded from then on. Default: 1y.
	Limit retention.Term `yaml:"limit"`

	// Keep is the depth that is promised by whoever decides about the recording: nothing but a full disk
	// goes below it, and never quietly. At most Limit. Default: none; the disk rolls over as it must.
	Keep retention.Term `yaml:"keep_at_least"`

	// File is the name of the camera's file, with its folder.
	File string `yaml:"-"`

	password Secret
	line     int // of the id, for reports about two cameras with one id
}

// Audio is the permission to record sound, which video surveillance has only exceptionally.
type Audio struct {
	// Reason says why sound is strictly needed here. Required.
	Reason string `yaml:"reason"`
}

// DefaultConfig has the default of every key that has one.
func DefaultConfig() Config {
	return Config{
		SegmentDuration: Duration(10 * time.Minute),
		SyncInterval:    Duration(5 * time.Second),
		Reserve:         256 << 20,
		Silence:         Duration(10 * time.Second),
		Unlock:          UnlockLogin,
		IdleLock:        Duration(30 * time.Minute),
		Metrics:         "127.0.0.1:9184",
		HTTPS:           PagesOff,
		HTTP:            PagesOff,
		Diary:           Diary{GapThreshold: Duration(5 * time.Minute), TermYears: 2, AnchorEvery: Duration(time.Hour), Quorum: 1},
		Backup:          Backup{Every: Duration(24 * time.Hour), Keep: retention.Term{Days: 35}},
	}
}

// MainURL is the URL of the main stream with the credentials in it. Only the code that talks to
// cameras may have it.
func (c *Camera) MainURL() string { return c.reveal(c.Main) }

// SubURL is the URL of the sub stream with the credentials in it, or "" if there is none.
func (c *Camera) SubURL() string {
	if c.Sub.IsZero() {
		return ""
	}
	return c.reveal(c.Sub)
}

func (c *Camera) reveal(a Address) string {
	u := *a.u
	if c.User != "" {
		u.User = url.UserPassword(c.User, c.password.Reveal())
	}
	return u.String()
}

// Same tells whether two versions of a camera would be recorded alike, password included.
func (c *Camera) Same(o *Camera) bool {
	return c.ID == o.ID && c.MainURL() == o.MainURL() && c.SubURL() == o.SubURL() &&
		c.Transport == o.Transport && (c.Audio == nil) == (o.Audio == nil) && c.Record.equal(o.Record)
}

// within makes a path of the configuration absolute: it starts at the folder of varuh.yml.
func (c *Config) within(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(c.Dir, path)
}
