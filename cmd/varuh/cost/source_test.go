package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder/rtsp/rtsptest/fleet"
)

// These variables make the test binary a source: the clip's file and the pacing.
const (
	sourceClip   = "VARUH_COST_SOURCE_CLIP"
	sourcePacing = "VARUH_COST_SOURCE_PACING"
)

func TestMain(m *testing.M) {
	if clip := os.Getenv(sourceClip); clip != "" {
		if err := beSource(clip, fleet.Pacing(os.Getenv(sourcePacing)), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// sourceReport is what a source tells at first and whenever it is asked by a byte.
type sourceReport struct {
	Address string         `json:"address"`
	Bitrate float64        `json:"bitrate"` // of one camera, bit/s on the connection
	Fleet   fleet.Counters `json:"fleet"`
}

// beSource serves until the input ends, which is when the benchmark does.
func beSource(clip string, pacing fleet.Pacing, in io.Reader, out io.Writer) error {
	stream, err := os.ReadFile(clip)
	if err != nil {
		return err
	}
	c, err := fleet.NewClip(stream, clipRate)
	if err != nil {
		return fmt.Errorf("%s: %w", clip, err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := fleet.Serve(listener, c, pacing)
	defer s.Close()
	for asked := make([]byte, 1); ; {
		report := sourceReport{Address: listener.Addr().String(), Bitrate: c.Bitrate(), Fleet: s.Counters()}
		if err := json.NewEncoder(out).Encode(report); err != nil {
			return err
		}
		if _, err := io.ReadFull(in, asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// source is the fleet in another process.
type source struct {
	*process
	pacing  fleet.Pacing
	address string
	bitrate float64
	ask     io.WriteCloser
	answers *json.Decoder
}

func startSource(clip string, pacing fleet.Pacing, dir string) (*source, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), sourceClip+"="+clip, sourcePacing+"="+string(pacing))
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	// Not StdoutPipe, which Wait would close: start waits from the beginning.
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer write.Close()
	cmd.Stdout = write
	p, err := start(cmd, filepath.Join(dir, "source-"+string(pacing)+".log"))
	if err != nil {
		return nil, err
	}
	s := &source{process: p, pacing: pacing, ask: ask, answers: json.NewDecoder(read)}
	var first sourceReport
	if err := s.answers.Decode(&first); err != nil {
		return nil, errors.Join(err, p.running())
	}
	s.address, s.bitrate = first.Address, first.Bitrate
	return s, nil
}

func (s *source) counters() (fleet.Counters, error) {
	var r sourceReport
	if _, err := s.ask.Write([]byte{'?'}); err != nil {
		return r.Fleet, errors.Join(err, s.running())
	}
	if err := s.answers.Decode(&r); err != nil {
		return r.Fleet, errors.Join(err, s.running())
	}
	return r.Fleet, nil
}

func (s *source) url(camera string) string { return "rtsp://" + s.address + "/" + camera }

// awaitPlaying waits until every camera plays.
func (s *source) awaitPlaying(cameras int, recorders []*process) error {
	deadline := time.After(time.Minute)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := s.counters()
		if err != nil || c.Playing == cameras {
			return err
		}
		for _, p := range recorders {
			if err := p.running(); err != nil {
				return err
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Errorf("after a minute %d of %d cameras play; the first recorder said:\n%s", c.Playing, cameras, recorders[0].said())
		}
	}
}

// awaitIdle waits until the last recorder's connections are gone.
func (s *source) awaitIdle() error {
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := s.counters()
		if err != nil || c.Playing == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Errorf("%d connections of the recorder before are still open", c.Playing)
		}
	}
}

func (s *source) close() error {
	s.ask.Close()
	<-s.done
	return s.err
}
