package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/rtsp"
)

// cameras is what the recorder must know of the configured cameras.
func cameras(cfg *configs.Config) []recorder.Camera {
	var list []recorder.Camera
	for i := range cfg.Cameras {
		c := &cfg.Cameras[i]
		cam := recorder.Camera{ID: c.ID, Main: source(c, c.MainURL())}
		if url := c.SubURL(); url != "" {
			sub := source(c, url)
			cam.Sub = &sub
		}
		if !c.Record.Always() {
			cam.Schedule = configs.Timetable{Schedule: c.Record, Zone: cfg.Zone}
		}
		list = append(list, cam)
	}
	return list
}

func source(c *configs.Camera, url string) rtsp.Source {
	return rtsp.Source{URL: url, Transport: rtsp.Transport(c.Transport), Audio: c.Audio != nil}
}

// needsRestart names the keys that differ and are read only at the start.
func needsRestart(old, next *configs.Config) (keys []string) {
	for _, k := range []struct {
		name string
		same bool
	}{
		{"state", old.State == next.State},
		{"store", slices.Equal(old.Store, next.Store)},
		{"segment_duration", old.SegmentDuration == next.SegmentDuration},
		{"sync_interval", old.SyncInterval == next.SyncInterval},
		{"reserve", old.Reserve == next.Reserve},
		{"silence", old.Silence == next.Silence},
		{"unlock", old.Unlock == next.Unlock},
		{"key", old.Key == next.Key},
		{"idle_lock", old.IdleLock == next.IdleLock},
		{"second_factor", slices.Equal(old.SecondFactor, next.SecondFactor)},
		{"metrics", old.Metrics == next.Metrics},
		{"https", old.HTTPS == next.HTTPS},
		{"http", old.HTTP == next.HTTP},
		{"premises", slices.Equal(old.Premises, next.Premises)},
		{"certificate", reflect.DeepEqual(old.Certificate, next.Certificate)},
		{"controller", old.Controller == next.Controller},
		{"diary", reflect.DeepEqual(old.Diary, next.Diary)},
		{"backup", old.Backup == next.Backup},
		{"unsafe_store", old.UnsafeStore == next.UnsafeStore},
	} {
		if !k.same {
			keys = append(keys, k.name)
		}
	}
	return keys
}

// difference says which cameras came, went and changed.
func difference(old, next *configs.Config) string {
	var added, changed, removed []string
	was := map[string]*configs.Camera{}
	for i := range old.Cameras {
		was[old.Cameras[i].ID] = &old.Cameras[i]
	}
	for i := range next.Cameras {
		c := &next.Cameras[i]
		if before := was[c.ID]; before == nil {
			added = append(added, c.ID)
		} else if !before.Same(c) {
			changed = append(changed, c.ID)
		}
		delete(was, c.ID)
	}
	for id := range was {
		removed = append(removed, id)
	}
	slices.Sort(removed)
	var parts []string
	for what, ids := range map[string][]string{"added": added, "changed": changed, "removed": removed} {
		if len(ids) > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", what, strings.Join(ids, ", ")))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}
