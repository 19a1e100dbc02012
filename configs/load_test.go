package configs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// folder makes a configuration of the given files, by name below the folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const goodCamera = "id: hall\nname: Hall\nlocation: ground floor\nmain: rtsp://192.0.2.1/main\n"

func TestExamplesLoad(t *testing.T) {
	t.Parallel()
	main, err := os.ReadFile("varuh.yml")
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{
		"varuh.yml":               string(main),
		"cameras.d/example.yml":   ExampleCamera,
		"cameras.d/old.yml.off":   "not read",
		"passwords/main-entrance": "se\"cr et\nsecond line",
	})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	if c.SegmentDuration != want.SegmentDuration || c.SyncInterval != want.SyncInterval || c.Reserve != want.Reserve ||
		c.Silence != want.Silence || c.Unlock != want.Unlock || c.Metrics != want.Metrics || c.HTTPS != want.HTTPS || c.HTTP != want.HTTP || c.UnsafeStore {
		t.Errorf("the example is not the defaults: %+v", c)
	}
	if len(c.Cameras) != 1 || c.Cameras[0].ID != "main-entrance" || len(c.Cameras[0].Record) != 2 || c.Cameras[0].Audio != nil {
		t.Fatalf("cameras: %+v", c.Cameras)
	}
	if got := c.Cameras[0].MainURL(); got != "rtsp://viewer:se%22cr%20et@192.0.2.10/stream1" {
		t.Errorf("main URL is %s", got)
	}
}

// Every key of the two types is in the examples, so that they stay complete.
func TestExamplesComplete(t *testing.T) {
	t.Parallel()
	for text, keys := range map[string][]string{
		exampleMain: {"state", "store", "segment_duration", "sync_interval", "reserve", "silence", "time_zone", "unlock", "key", "accept", "metrics", "https", "http", "premises", "certificate", "file", "names", "unsafe_store",
			"controller", "diary", "gap_threshold", "anchor_every", "witnesses", "quorum", "timestamps", "url", "roots", "term_years", "assessment", "backup", "to", "every", "keep"},
		ExampleCamera: {"id", "name", "location", "main", "sub", "user", "password_file", "password_credential", "transport", "audio", "record", "limit", "keep_at_least"},
	} {
		for _, k := range keys {
			if !strings.Contains(text, k+":") {
				t.Errorf("the example lacks %s", k)
			}
		}
	}
}

func TestNewLoads(t *testing.T) {
	t.Parallel()
	for _, choice := range []Choice{
		{Store: []string{"store"}},
		{Store: []string{"/a", "/b"}, KeyFile: "/k/e y", State: "/var/lib/x", Metrics: "off", Controller: "sola.example"},
	} {
		c, err := Load(folder(t, map[string]string{"varuh.yml": New(choice)}))
		if err != nil {
			t.Fatal(err)
		}
		if c.KeyFile() != choice.KeyFile || c.Controller != choice.Controller || len(c.Store) != len(choice.Store) || !filepath.IsAbs(c.Store[0]) {
			t.Errorf("%+v became %+v", choice, c)
		}
		if choice.State == "" && c.State != c.Dir {
			t.Errorf("state is %s, not the folder %s", c.State, c.Dir)
		}
	}
}

const witnessKey = "witness.example+2b1c4a5f+BKJvFSMMGDD2R9FeHZhEkB1RrRXGLvqWnOeHhYB2gd1w"

// What is left out of diary: keeps its default beside what is there.
func TestDiary(t *testing.T) {
	t.Parallel()
	c, err := Load(folder(t, map[string]string{"varuh.yml": "store: [a]\ncontroller: sola.example\ndiary:\n  witnesses:\n    - url: https://w.example/x\n      key: " +
		witnessKey + "\n  timestamps:\n    - url: https://u:canary@t.example/tsr\n      roots: r.pem\n"}))
	if err != nil {
		t.Fatal(err)
	}
	y := c.Diary
	if y.GapThreshold != Duration(5*time.Minute) || y.AnchorEvery != Duration(time.Hour) || y.Quorum != 1 || c.Controller != "sola.example" {
		t.Errorf("the defaults are lost: %+v", y)
	}
	if len(y.Witnesses) != 1 || y.Witnesses[0].URL.Reveal() != "https://w.example/x" || y.Witnesses[0].Key != witnessKey {
		t.Errorf("witnesses: %+v", y.Witnesses)
	}
	if a := y.Timestamps[0]; a.URL.Reveal() != "https://u:canary@t.example/tsr" || a.Roots != filepath.Join(c.Dir, "r.pem") {
		t.Errorf("authorities: %+v", y.Timestamps)
	}
	text, err := c.Canonical()
	if err != nil || strings.Contains(fmt.Sprintf("%s %v %+v %#v", text, y, c, y), "canary") {
		t.Errorf("a password is shown, or %v", err)
	}
}

// The canonical form changes with what is recorded, and never holds a password.
func TestCanonical(t *testing.T) {
	t.Parallel()
	form := func(camera, password string) string {
		dir := folder(t, map[string]string{"varuh.yml": "store: [a]\n", "cameras.d/a.yml": camera, "pw": password})
		c, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Canonical()
		if err != nil || strings.Contains(string(b), "canary") {
			t.Fatalf("%s %v", b, err)
		}
		return strings.ReplaceAll(string(b), dir, "DIR")
	}
	const with = "user: u\npassword_file: pw\n"
	first := form(goodCamera+with, "canary1")
	if other := form(goodCamera+with, "canary2"); other != first {
		t.Errorf("a password is in the form:\n%s\n%s", first, other)
	}
	inURL := strings.Replace(goodCamera, "rtsp://192.0.2.1/main", "rtsp://u:canary@192.0.2.1/canary?canary", 1)
	for _, camera := range []string{inURL, goodCamera + with + "record: [mon-fri 06:00-22:00]\n", goodCamera + with + "record: [mon-fri 06:00-21:00]\n", goodCamera + with + "audio: {reason: r}\n"} {
		if form(camera, "canary") == first {
			t.Errorf("the form does not tell of %s", camera)
		}
	}
	if form(goodCamera+with+"record: [mon-fri 06:00-22:00]\n", "x") == form(goodCamera+with+"record: [mon-thu 06:00-22:00]\n", "x") {
		t.Error("the form does not tell of the days of a schedule")
	}
}

// A term of more than two years is taken with the assessment that it rests on.
func TestDiaryTerm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"store: [a]\n": 2,
		"store: [a]\ndiary:\n  term_years: 5\n  assessment: OT-3/2026\n": 5,
		"store: [a]\ndiary:\n  assessment: OT-3/2026\n":                  2,
	} {
		c, err := Load(folder(t, map[string]string{"varuh.yml": text}))
		if err != nil || c.Diary.TermYears != want || want > 2 && c.Diary.Assessment != "OT-3/2026" {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
}

func TestMistakesInMain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"stor: [a]\n", `varuh.yml:1:1: unknown key "stor"; allowed here are state, store, segment_duration`},
		{"rtsp//u:canary@h: x\n", "varuh.yml:1:1: unknown key; allowed"},
		{"store: a\n", "varuh.yml:1:8: store wants a list"},
		{"store:\n", "varuh.yml:1:8: store has no value"},
		{"store: [~]\n", "varuh.yml:1:9: store[0] has no value"},
		{"store: []\n", "varuh.yml:1:8: store is missing"},
		{"store: ['']\n", "store[0] is empty"},
		{"store: [a, b/../a]\n", "varuh.yml:1:12: store[1] is the same folder"},
		{"store: [a, a/b]\n", "varuh.yml:1:12: store[1] is the same folder"},
		{"store: [.]\n", "store[0] is the state folder itself"},
		{"store: [a]\nstore: [b]\n", `varuh.yml:2:1: not valid YAML: mapping key "store" already defined`},
		{"store: [a]\nreserve: 256\n", `varuh.yml:2:10: reserve: "256" is no size; want a whole number with a unit`},
		{"store: [a]\nreserve: 1.5GiB\n", "is no size"},
		{"store: [a]\nreserve: 99999999999TiB\n", "is larger than any disk"},
		{"store: [a]\nreserve: 1MiB\n", "varuh.yml:2:10: reserve is 1MiB; allowed are 64MiB to 64GiB"},
		{"store: [a]\nsegment_duration: 10\n", `varuh.yml:2:19: segment_duration: "10" is no time span`},
		{"store: [a]\nsegment_duration: 10 minutes\n", "is no time span"},
		{"store: [a]\nsegment_duration: -5m\n", "is no time span"},
		{"store: [a]\nsegment_duration: [10m]\n", "varuh.yml:2:19: segment_duration wants one value"},
		{"store: [a]\nsegment_duration: 2h\n", "segment_duration is 2h; allowed are 1m to 1h"},
		{"store: [a]\nsync_interval: 100ms\n", "sync_interval is 100ms; allowed are 1s to 1m"},
		{"store: [a]\nsilence: 1s\n", "allowed are 2s to 10m"},
		{"store: [a]\nunsafe_store: 'yes'\n", "varuh.yml:2:15: unsafe_store wants true or false"},
		{"store: [a]\nunsafe_store: yes\n", "unsafe_store wants true or false"},
		{"store: [a]\ntime_zone: Mars/Base\n", `time_zone "Mars/Base" is not known`},
		{"store: [a]\nunlock: locked\n", `varuh.yml:2:9: unlock is locked, of an earlier version; write unlock: login`},
		{"store: [a]\nunlock: none\n", `varuh.yml:2:9: unlock is "none"; allowed are login and auto`},
		{"store: [a]\nidle_lock: 10s\n", `varuh.yml:2:12: idle_lock is 10s; allowed are 1m to 24h`},
		{"store: [a]\nsecond_factor: [head]\n", `varuh.yml:2:17: second_factor[0] is "head"; allowed are administrator, approver`},
		{"store: [a]\nsecond_factor: [guard, guard]\n", `varuh.yml:2:24: second_factor[1] is "guard"; allowed are`},
		{"store: [a]\nunlock: auto\n", "unlock is auto, which needs key"},
		{"store: [a]\nunlock: auto\nkey: k\n", "key is neither an absolute path nor credential:NAME"},
		{"store: [a]\nunlock: auto\nkey: 'credential:'\n", "key names no credential"},
		{"store: [a]\nunlock: auto\nkey: /k\n", "accept: box_theft_reveals_footage"},
		{"store: [a]\nunlock: auto\nkey: /k\naccept: yes\n", `varuh.yml:4:9: accept is "yes"`},
		{"store: [a]\nkey: /k\n", "key is given, but unlock is login"},
		{"store: [a]\nmetrics: 0.0.0.0:9184\n", "only loopback is allowed"},
		{"store: [a]\nmetrics: :9184\n", "only loopback is allowed"},
		{"store: [a]\nmetrics: 127.0.0.1:99999\n", `varuh.yml:2:10: metrics is "127.0.0.1:99999"; want a port from 1 to 65535`},
		{"store: [a]\nmetrics: 127.0.0.1:0\n", "want a port from 1 to 65535"},
		{"store: [a]\nmetrics: 127.0.0.1:http\n", "want a port from 1 to 65535"},
		{"store: [\"a\\nb\"]\n", "varuh.yml:1:9: store[0] has a line break or a control character"},
		{"store: [a]\nmetrics: 9184\n", "want an address and a port"},
		{"store: [a]\ncontroller: Sola Example\n", `varuh.yml:2:13: controller is "Sola Example"; want a domain`},
		{"store: [a]\ndiary:\n  gap_treshold: 5m\n", `varuh.yml:3:3: unknown key "gap_treshold"; allowed here are gap_threshold, anchor_every`},
		{"store: [a]\ndiary:\n  gap_threshold: 100ms\n", "diary.gap_threshold is 100ms; allowed are 1s to 24h"},
		{"store: [a]\ndiary:\n  anchor_every: 1m\n", "varuh.yml:3:17: diary.anchor_every is 1m; allowed are 10m to 24h"},
		{"store: [a]\ndiary:\n  term_years: 1\n", "varuh.yml:3:15: diary.term_years is 1; allowed are 2 to 5"},
		{"store: [a]\ndiary:\n  term_years: 6\n  assessment: OT-3/2026\n", "diary.term_years is 6; allowed are 2 to 5"},
		{"store: [a]\ndiary:\n  term_years: 2y\n", "diary.term_years wants a whole number"},
		{"store: [a]\ndiary:\n  term_years: 3\n", "varuh.yml:3:15: diary.term_years is 3; more than 2 years take diary.assessment"},
		{"store: [a]\ndiary:\n  term_years: 5\n  assessment: ' '\n", "more than 2 years take diary.assessment"},
		{"store: [a]\ndiary:\n  assessment: " + strings.Repeat("x", 201) + "\n", "diary.assessment has 201 characters"},
		{"store: [a]\ndiary:\n  quorum: two\n", "varuh.yml:3:11: diary.quorum wants a whole number"},
		{"store: [a]\ndiary:\n  quorum: 1.5\n", "diary.quorum wants a whole number"},
		{"store: [a]\ndiary:\n  quorum: 2\n  witnesses: [{url: 'http://w/', key: " + witnessKey + "}]\n", "diary.quorum is 2; allowed are 1 to 1"},
		{"store: [a]\ndiary:\n  witnesses: [{url: 'http://w/', key: " + witnessKey + "}, {url: 'http://x/', key: " + witnessKey + "}]\n", "diary.witnesses[1] is there twice"},
		{"store: [a]\ndiary:\n  witnesses: [{url: 'ftp://canary:x@w/', key: k}]\n", "diary.witnesses[0].url: is no address"},
		{"store: [a]\ndiary:\n  witnesses: [{url: 'http://w/', key: k}]\n", "diary.witnesses[0] has no key of the form"},
		{"store: [a]\ndiary:\n  witnesses: [{key: k}]\n", "diary.witnesses[0] has no url"},
		{"store: [a]\ndiary:\n  timestamps: [{url: 'http://t/'}]\n", "diary.timestamps[0] has no roots"},
		{"store: &a [b]\n", "anchors, aliases, tags"},
		{"store: !!seq [b]\n", "anchors, aliases, tags"},
		{"store: [a]\n<<: {silence: 5s}\n", "unknown key; allowed"},
		{"store: [a]\n---\nstore: [b]\n", "a second document starts here"},
		{"- a\n", "varuh.yml:1:1: wants keys with values"},
		{"store: [a\n", "not valid YAML"},
		{"store: [a]\nstate: {a: b}\n", "state wants one value"},
		{"", "varuh.yml: store is missing"},
		{"# nothing\n", "varuh.yml: store is missing"},
	} {
		_, err := Load(folder(t, map[string]string{"varuh.yml": tt.text}))
		checkMistake(t, tt.text, err, tt.want)
	}
}

func TestMistakesInCamera(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"", "id is missing"},
		{"id: A b\n", `hall.yml:1:5: id is "A b"; allowed are up to 64`},
		{"id: -a\n", "allowed are up to 64"},
		{"id: " + strings.Repeat("a", 65) + "\n", "allowed are up to 64"},
		{"id: keys\n", "must not be keys"},
		{"id: hall\n", "name is missing"},
		{"id: hall\nname: x\n", "location is missing"},
		{"id: hall\nname: x\nlocation: y\n", "main is missing"},
		{"id: hall\nname: \"x\\e[2J\"\nlocation: y\n", "hall.yml:2:7: name has a line break or a control character"},
		{"id: hall\nname: \"x\\u202ey\"\nlocation: y\n", "hall.yml:2:7: name has a line break or a control character"},
		{"id: hall\nname: x\nlocation: |\n  a\n  b\n", "location has a line break or a control character"},
		{goodCamera + "audio: {reason: \"a\\tb\"}\n", "audio.reason has a line break or a control character"},
		{goodCamera + "sub: rtsp://192.0.2.1/main\n", "hall.yml:5:6: sub is the same stream as main"},
		{goodCamera + "sub: http://192.0.2.1/main\n", "hall.yml:5:6: sub: has an unknown scheme"},
		{goodCamera + "sub: rtsp:///main\n", "sub: names no host"},
		{goodCamera + "sub: rtsp://u:canary@h:0/main\n", "port out of range"},
		{goodCamera + "sub: rtsp://u:canary#x@h/main\n", "sub: is not a URL"},
		{goodCamera + "transport: canary\n", "transport is none of auto, tcp and udp"},
		{goodCamera + "audio: true\n", "hall.yml:5:8: audio wants keys with values; the keys are reason"},
		{goodCamera + "audio: {}\n", "needs a reason"},
		{goodCamera + "audio: {reason: ' '}\n", "needs a reason"},
		{goodCamera + "audio: {why: x}\n", `hall.yml:5:9: unknown key "why"; allowed here are reason`},
		{goodCamera + "password: canary\n", `hall.yml:5:1: unknown key "password"`},
		{goodCamera + "user: x\n", "user has no password"},
		{goodCamera + "password_file: p\n", "user is missing"},
		{goodCamera + "user: x\npassword_file: p\n", "that cannot be read: no such file"},
		{goodCamera + "user: x\npassword_file: p\npassword_credential: c\n", "are both given"},
		{goodCamera + "user: x\npassword_credential: ../c\n", "is no name"},
		{goodCamera + "user: x\npassword_credential: c\n", "needs a start by systemd"},
		{"id: hall\nname: Hall\nlocation: x\nmain: rtsp://u:canary@h/\nuser: x\npassword_file: p\n", "keep one of the two"},
		{goodCamera + "limit: 2y\n", "hall.yml:5:8: limit: 2y is longer than one year"},
		{goodCamera + "limit: 366d\n", "longer than one year"},
		{goodCamera + "limit: forever\n", "is no term"},
		{goodCamera + "limit: 7d\nkeep_at_least: 14d\n", "hall.yml:6:16: keep_at_least does not go with limit: footage is to be kept for at least 14d"},
		{goodCamera + "record: [mon]\nrecord: [tue]\n", "already defined"},
		{goodCamera + "record: mon\n", "record wants a list"},
		{goodCamera + "record: [monday]\n", `hall.yml:5:10: record[0]: "monday" is no day`},
		{goodCamera + "record: [mon 8]\n", "is no span of time"},
		{goodCamera + "record: [mon 8:0-9:00]\n", "is no time of day"},
		{goodCamera + "record: [mon 08:00-25:00]\n", "is no time of day"},
		{goodCamera + "record: [mon 08:00-08:00]\n", "is an empty span"},
	} {
		_, err := Load(folder(t, map[string]string{"varuh.yml": "store: [a]\n", "cameras.d/hall.yml": tt.text}))
		checkMistake(t, tt.text, err, tt.want)
	}
}

// What editors and people write and mean is taken: a byte order mark, line ends of Windows, text over several lines.
func TestTaken(t *testing.T) {
	t.Parallel()
	c, err := Load(folder(t, map[string]string{"varuh.yml": "\uFEFFstore: [a]\r\nmetrics: '[::1]:65535'\r\n",
		"cameras.d/hall.yml": "\uFEFFid: hall\nname: Dvorišče – 東\nlocation: >\n  behind the house,\n  facing the gate\nmain: rtsp://h/\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if cam := c.Cameras[0]; cam.ID != "hall" || cam.Name != "Dvorišče – 東" || cam.Location != "behind the house, facing the gate" {
		t.Errorf("got %+v", cam)
	}
	if _, err := Load(filepath.Join(c.Dir, "varuh.yml")); err == nil || !strings.Contains(err.Error(), "varuh.yml is no folder; want the folder that has varuh.yml in it") {
		t.Error(err)
	}
}

func checkMistake(t *testing.T, text string, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%q was taken", text)
	case !strings.Contains(err.Error(), want):
		t.Errorf("%q gave\n%v\nwant %s", text, err, want)
	case strings.Contains(err.Error(), "canary"):
		t.Errorf("%q: the error quotes the password: %v", text, err)
	}
}

// All mistakes of all files come in one go.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"varuh.yml":        "store: [a]\nreserve: 5\nsilence: 5\n",
		"cameras.d/a.yml":  goodCamera,
		"cameras.d/b.yml":  goodCamera,
		"cameras.d/c.yml":  strings.Replace(goodCamera, "hall", "other", 1),
		"cameras.d/d.yaml": "",
	})
	_, err := Load(dir)
	p, ok := err.(Problems)
	if !ok || len(p) != 5 {
		t.Fatalf("got %d problems: %v", len(p), err)
	}
	for i, want := range []string{
		`b.yml:1:1: id "hall" is taken by `,
		`c.yml:1:1: main is the stream that camera "hall"`,
		`d.yaml: is not read`,
		"varuh.yml:2:10", "varuh.yml:3:10",
	} {
		if !strings.Contains(p[i].Error(), want) {
			t.Errorf("problem %d is %v, want %s", i, p[i], want)
		}
	}
}

func TestPasswordFileForAll(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"varuh.yml":          "store: [a]\n",
		"pw":                 "canary\n",
		"cameras.d/hall.yml": goodCamera + "user: x\npassword_file: pw\n",
	})
	if err := os.Chmod(filepath.Join(dir, "pw"), 0o604); err != nil {
		t.Fatal(err)
	}
	_, err := Load(dir)
	checkMistake(t, "a password file for all", err, "chmod o=")
}

func TestCredential(t *testing.T) {
	dir := folder(t, map[string]string{
		"varuh.yml":          "store: [a]\n",
		"creds/hall":         "can:ary\r\n",
		"cameras.d/hall.yml": goodCamera + "user: x\npassword_credential: hall\n",
	})
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Join(dir, "creds"))
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Cameras[0].MainURL(); got != "rtsp://x:can%3Aary@192.0.2.1/main" {
		t.Errorf("main URL is %s", got)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	load := func(more string) *Camera {
		c, err := Load(folder(t, map[string]string{"varuh.yml": "store: [a]\n", "cameras.d/hall.yml": goodCamera + more}))
		if err != nil {
			t.Fatal(err)
		}
		return &c.Cameras[0]
	}
	one := load("")
	if !one.Same(load("")) || !one.Same(load("transport: auto\n")) {
		t.Error("the same camera is told to be another")
	}
	for _, more := range []string{"transport: tcp\n", "sub: rtsp://h/s\n", "record: [mon]\n", "audio: {reason: x}\n"} {
		if one.Same(load(more)) {
			t.Errorf("%q is told to change nothing", more)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	_, err := Load(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "varuh init") {
		t.Errorf("got %v", err)
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Size{"1kB": 1000, "1 KiB": 1024, "256MiB": 256 << 20, "2TB": 2e12} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s is %d, %v", text, s, err)
		}
	}
	for d, want := range map[time.Duration]string{10 * time.Minute: "10m", time.Hour: "1h", 90 * time.Second: "1m30s", 500 * time.Millisecond: "500ms"} {
		if got := Duration(d).String(); got != want {
			t.Errorf("%v prints as %s", d, got)
		}
	}
}
