package main

import (
	"database/sql"
	"encoding/binary"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/playback"
	"varuh/configs"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// The first entry that can't be written, whoever wishes for it, ends what somebody watches, though the lease has minutes
// to go; recording goes on, and when the diary is well so are viewings.
func TestFailedCommitEndsWatching(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	defer server.Close()
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(keys)) })
	https := freeAddr(t)
	text := strings.ReplaceAll(configs.New(configs.Choice{Store: []string{"store"}, KeyFile: keys + "/k", Metrics: "off"}), "https: off\n", "https: "+https+"\n")
	b := startBoxWith(t, keys+"/k", "off", map[string]string{"varuh.yml": text, "cameras.d/hall.yml": camera("hall", server.URL("hall"), "")})
	b.opensToday(t)
	v := b.visit(t, https)
	_, err = b.entrance.fragments.Next(t.Context(), "hall", "main", playback.Mark{})
	must(t, err)
	live := v.live(t)
	defer live.Close()
	if kind, _ := readChunk(t, live); kind != playback.ChunkInit {
		t.Fatalf("it begins with a chunk %c", kind)
	}

	// From outside, so that nothing of the program knows before it writes: entries are refused as on a full disk.
	db, err := sql.Open("sqlite3", filepath.Join(b.dir, "varuh.db"))
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `CREATE TRIGGER full BEFORE INSERT ON diary_leaves BEGIN SELECT RAISE(ABORT, 'there is no room'); END`)
	must(t, err)
	b.clerk.note(diary.Entry{Op: "clock.step"})
	for {
		kind, payload := readChunk(t, live)
		if kind == playback.ChunkEnd {
			if string(payload) != "diary" {
				t.Errorf("it ended for %q", payload)
			}
			break
		}
	}
	recorded, err := b.entrance.fragments.Next(t.Context(), "hall", "main", playback.Mark{})
	must(t, err)
	_, err = b.entrance.fragments.Next(t.Context(), "hall", "main", recorded)
	must(t, err)

	_, err = db.ExecContext(t.Context(), `DROP TRIGGER full`)
	must(t, err)
	again := v.live(t)
	defer again.Close()
	if kind, _ := readChunk(t, again); kind != playback.ChunkInit {
		t.Errorf("when the diary is well it begins with a chunk %c", kind)
	}
	b.end(t)
}

// live opens a viewing of the hall and begins to watch.
func (v *visitor) live(t *testing.T) io.ReadCloser {
	t.Helper()
	var opened struct{ ID string }
	v.do(t.Context(), "POST", "/viewings", map[string]any{"purpose": "safety", "live": true, "camera": "hall"}, &opened)
	r := v.do(t.Context(), "GET", "/viewings/"+opened.ID+"/hall/main/live", nil, nil)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("live: %s", r.Status)
	}
	return r.Body
}

// readChunk reads the next chunk of a live stream.
func readChunk(t *testing.T, in io.Reader) (playback.ChunkKind, []byte) {
	t.Helper()
	head := make([]byte, 16)
	_, err := io.ReadFull(in, head)
	must(t, err)
	payload := make([]byte, binary.BigEndian.Uint32(head[4:]))
	_, err = io.ReadFull(in, payload)
	must(t, err)
	return playback.ChunkKind(head[0]), payload
}
