package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"varuh/recorder"
	"varuh/retention"
)

// Metrics carry camera ids, no names and no bitrate: how much a camera sends tells when something
// moved before it. Free space is rounded for the same reason.

const freeStep = 4 << 30

// eventCounts counts events by kind.
type eventCounts struct{ *prometheus.CounterVec }

func newEventCounts() *eventCounts {
	return &eventCounts{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "varuh_events_total", Help: "Events of the recorder since the start, by kind.",
	}, []string{"kind"})}
}

func (c *eventCounts) add(e recorder.Event) { c.WithLabelValues(e.Kind).Inc() }

// statusMetrics turns the status into metrics when somebody asks.
type statusMetrics struct{ d *Daemon }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("varuh_"+name, help, labels, nil)
}

var (
	descUp       = desc("stream_recording", "1 if the stream is being recorded, else 0.", "camera", "stream")
	descLast     = desc("stream_last_fragment_timestamp_seconds", "End of the last fragment that was recorded.", "camera", "stream")
	descSegments = desc("stream_segments_total", "Segments begun since the start.", "camera", "stream")
	descGaps     = desc("stream_gaps_total", "Gaps ended since the start.", "camera", "stream")
	descLosses   = desc("stream_losses_total", "Fragments with packets missing since the start.", "camera", "stream")
	descDropped  = desc("stream_dropped_total", "Fragments that did not fit into the queue to the disk.", "camera", "stream")
	descWaited   = desc("stream_waited_seconds", "Longest that a fragment waited until it was written, since the start.", "camera", "stream")
	descFree     = desc("store_free_bytes", "Free space of a store, rounded down to 4 GiB.", "store")
	descOK       = desc("store_ok", "1 if the store takes footage without trouble, else 0.", "store")
	descConfig   = desc("config_problems", "Mistakes in a configuration that is therefore not in force.")
	descDiary    = desc("diary_entries", "Entries of the diary.")
	descAnchored = desc("diary_anchored_entries", "Entries of the diary under a checkpoint that somebody outside keeps.")
	descWaiting  = desc("diary_waiting_entries", "Entries that wait for the diary, and those that did not fit into the queue.")
	descAlarm    = desc("diary_alarm", "1 if the outside parties that are configured have kept nothing for too long, else 0.")
	descDiaryOK  = desc("diary_ok", "1 if the diary is open and written without trouble, else 0: then nobody gets access to footage.")
	descIncident = desc("diary_incidents_total", "Incidents entered in the diary since the start.")
	descState    = desc("state_free_bytes", "Free space of the disk of the state folder, rounded down to 4 GiB.")
	descStateOK  = desc("state_ok", "1 if the disk of the state folder has room enough for diary and index, else 0.")
	descOldest   = desc("footage_oldest_age_seconds", "Age of the oldest footage of a camera that nothing keeps past its term.", "camera")
	descLimit    = desc("footage_limit_seconds", "Term of a camera's footage.", "camera")
	descPromised = desc("footage_promised_seconds", "Depth that is promised for a camera; 0: none.", "camera")
	descForecast = desc("footage_forecast_seconds", "Depth that the disks carry, rounded down to a day: 0 while nothing is known.", "camera")
	descDue      = desc("footage_due_segments", "Segments that the next run erases.")
	descLate     = desc("footage_late_segments", "Segments past their term that are still there: an alarm.")
	descFailed   = desc("footage_failed_segments", "Segments that the last run could not erase: an alarm.")
	descUndated  = desc("footage_undated_segments", "Segments of which nobody can tell when they were recorded: an alarm.")
	descAstray   = desc("footage_astray_segments", "Segments whose date contradicts what is certain of the present: an alarm.")
	descFindings = desc("footage_findings", "Incidents that the last walk of the disks found: an alarm.")
	descHeld     = desc("footage_held_segments", "Segments that a hold or a restriction keeps.")
	descHolds    = desc("holds", "Holds in force.")
	descRestrict = desc("restrictions", "Restrictions of processing in force.")
	descOverdue  = desc("reviews_overdue", "Holds and restrictions whose day of review has passed.")
	descPending  = desc("policy_pending", "Changes of a term that wait.")
	descPresent  = desc("present_certain", "1 if it is certain how late it is, else 0: then what falls due stays.")
	descTermsOK  = desc("footage_terms_ok", "1 if nothing about terms, promises and holds asks for a person, else 0.")
	descCopies   = desc("copies", "Copies that may hold keys of erased footage.")
	descStale    = desc("copies_overdue", "Copies past the date by which they are to be destroyed: an alarm.")
	descBackup   = desc("backup_last_timestamp_seconds", "When the last backup of the schedule was made; missing: never.")
	descBackupOK = desc("backup_ok", "1 if nothing about backups and copies asks for a person, else 0.")
	descAsked    = desc("requests_due", "What is due of requests for footage: decision, building of the package, paper of an oral one, or whether what it holds may go.", "what")
	descSoon     = desc("requests_due_soon", "Of these, what is due in the next 3 days.", "what")
	descTardy    = desc("requests_late", "Of these, what is late: an alarm.", "what")
	descPackages = desc("packages", "Packages for requests: waiting, locked (until somebody logs in), building, staged, handed (over, and kept for some days), gone (it left and is destroyed, and no handover is entered) or failed.", "state")
	descBuilt    = desc("package_progress_ratio", "How much of the package that is being built is written, about; missing: none is being built.")
	descDestroy  = desc("packages_destroyed_timestamp_seconds", "When the first of the packages that are there is destroyed at the latest; missing: none, or never.")
	descLinks    = desc("package_links", "Secret addresses in force by which outsiders fetch packages.")
	descMissed   = desc("packages_alarm", "Packages that a person has to see to: an alarm.", "what")
	descPacksOK  = desc("packages_ok", "1 if nothing about packages asks for a person, else 0.")
	descInfo     = desc("info", "1, with the version.", "version")
)

// Describe implements [prometheus.Collector].
func (statusMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descUp, descLast, descSegments, descGaps, descLosses, descDropped, descWaited, descFree, descOK, descConfig, descDiary, descAnchored, descWaiting, descAlarm, descDiaryOK, descIncident, descState, descStateOK, descInfo,
		descCopies, descStale, descBackup, descBackupOK,
		descOldest, descLimit, descPromised, descForecast, descDue, descLate, descFailed, descUndated, descAstray, descFindings, descHeld, descHolds, descRestrict, descOverdue, descPending, descPresent, descTermsOK, descAsked, descSoon, descTardy,
		descPackages, descBuilt, descDestroy, descLinks, descMissed, descPacksOK} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (m statusMetrics) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	st := m.d.status()
	for _, s := range st.Streams {
		gauge(descUp, truth(s.State == "recording"), s.Camera, s.Stream)
		if !s.LastFragment.IsZero() {
			gauge(descLast, float64(s.LastFragment.UnixMilli())/1e3, s.Camera, s.Stream)
		}
		counter(descSegments, s.Segments, s.Camera, s.Stream)
		counter(descGaps, s.Gaps, s.Camera, s.Stream)
		counter(descLosses, s.Losses, s.Camera, s.Stream)
		counter(descDropped, s.Dropped, s.Camera, s.Stream)
		gauge(descWaited, s.Waited.Seconds(), s.Camera, s.Stream)
	}
	for _, s := range st.Stores {
		gauge(descFree, float64(s.Free/freeStep*freeStep), s.ID.String())
		gauge(descOK, truth(s.Sentence == ""), s.ID.String())
	}
	gauge(descConfig, float64(len(st.Problems)))
	gauge(descDiary, float64(st.Diary.Size))
	gauge(descAnchored, float64(st.Diary.Anchored))
	gauge(descWaiting, float64(st.Diary.Waiting))
	gauge(descAlarm, truth(st.Diary.Alarm))
	gauge(descDiaryOK, truth(st.Diary.Sentence == ""))
	counter(descIncident, uint64(st.Diary.Incidents))
	gauge(descState, float64(st.State.Free/freeStep*freeStep))
	gauge(descStateOK, truth(st.State.Sentence == ""))
	gauge(descInfo, 1, st.Version)
	termMetrics(st, gauge)
	packageMetrics(st, gauge)
	copyMetrics(st, gauge)
}

// packageMetrics are those of packages for requests: no request, and no case, only how many.
func packageMetrics(st status, gauge func(*prometheus.Desc, float64, ...string)) {
	for state, n := range st.Packages.counts() {
		gauge(descPackages, float64(n), string(state))
	}
	for _, p := range st.Packages.Packages {
		if p.State == packageBuilding { // one at a time
			gauge(descBuilt, float64(p.Percent)/100)
		}
	}
	if next := st.Packages.next(); !next.IsZero() {
		gauge(descDestroy, float64(next.Unix()))
	}
	gauge(descLinks, float64(st.Packages.links()))
	for what, n := range st.Packages.alarms() {
		gauge(descMissed, float64(n), what)
	}
	gauge(descPacksOK, truth(len(st.Packages.troubles()) == 0))
}

// copyMetrics are those of copies outside.
func copyMetrics(st status, gauge func(*prometheus.Desc, float64, ...string)) {
	overdue := 0
	for _, c := range st.Backup.Copies {
		if c.Overdue(st.Now) {
			overdue++
		}
	}
	gauge(descCopies, float64(len(st.Backup.Copies)))
	gauge(descStale, float64(overdue))
	if !st.Backup.Last.IsZero() {
		gauge(descBackup, float64(st.Backup.Last.Unix()))
	}
	gauge(descBackupOK, truth(len(st.Backup.Sentences) == 0))
}

// termMetrics are those of the terms of footage. What is held is told in segments alone: its bytes would tell how
// much a camera saw at some hour.
func termMetrics(st status, gauge func(*prometheus.Desc, float64, ...string)) {
	t := st.Terms
	for _, c := range t.Cameras {
		if !c.Oldest.IsZero() {
			gauge(descOldest, st.Now.Sub(c.Oldest).Seconds(), c.Camera)
		}
		gauge(descLimit, depthOf(c.Limit, st.Now).Seconds(), c.Camera)
		gauge(descPromised, depthOf(c.Promised, st.Now).Seconds(), c.Camera)
		gauge(descForecast, float64(int(c.Forecast.Hours()/24)*24*3600), c.Camera)
	}
	for d, n := range map[*prometheus.Desc]int{descDue: t.Due, descLate: t.Late, descFailed: t.Failed, descUndated: t.Undated, descAstray: t.Astray, descFindings: t.Findings, descHeld: t.Held, descHolds: t.Holds,
		descRestrict: t.Restrictions, descOverdue: t.Overdue, descPending: len(t.Pending)} {
		gauge(d, float64(n))
	}
	for what, n := range t.Requests {
		gauge(descAsked, float64(n.Open), string(what))
		gauge(descSoon, float64(n.Soon), string(what))
		gauge(descTardy, float64(n.Late), string(what))
	}
	gauge(descPresent, truth(!t.Present.Held))
	gauge(descTermsOK, truth(len(t.Troubles) == 0))
}

// depthOf is how long a term lasts that begins now.
func depthOf(t retention.Term, now time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return t.End(now, nil).Sub(now)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// serveMetrics serves /metrics on loopback until ctx ends. Recording goes on without it.
func (d *Daemon) serveMetrics(ctx context.Context, addr string) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		d.Log.Error("metrics are not served: stop what uses the address, or set another metrics: in varuh.yml", "err", err)
		return
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(statusMetrics{d}, d.events.CounterVec, collectors.NewGoCollector(),
		withoutNetwork{collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	d.serveHTTP(ctx, l, mux)
}

// withoutNetwork leaves out the bytes that came and went over the network: where there is one camera, they are its bitrate at any moment, and
// tell when footage leaves, and how much.
type withoutNetwork struct{ prometheus.Collector }

func (c withoutNetwork) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, to) }

func (c withoutNetwork) Collect(to chan<- prometheus.Metric) {
	all := make(chan prometheus.Metric)
	go func() {
		defer close(all)
		c.Collector.Collect(all)
	}()
	for m := range all {
		if !strings.Contains(m.Desc().String(), `"process_network_`) {
			to <- m
		}
	}
}
