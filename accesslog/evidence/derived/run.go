package derived

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"varuh/accesslog/evidence"
)

// arguments are ffmpeg's: from a pipe to a pipe, one picture and one sound, in fragments that need no going back.
func arguments(c evidence.Clip) []string {
	return []string{"-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "pipe", "-threads", "2", "-f", "mov", "-i", "pipe:0",
		"-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-metadata", "title=OGLEDNA KOPIJA " + c.Path + " - ni dokaz / no evidence",
		"-vf", `scale=w=2*trunc(min(1280\,iw)/2):h=-2`, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", "2500k", "-bufsize", "5000k", "-pix_fmt", "yuv420p", "-g", "50", "-threads", "2",
		"-c:a", "aac", "-b:a", "96k", "-ac", "1", "-max_muxing_queue_size", "256", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"}
}

// grace is how long output is waited for once the program was ended.
const grace = 10 * time.Second

// run makes a copy: how many bytes it has, why it is not whole, and what was complained of. The error ends the package.
func run(ctx context.Context, program string, limit time.Duration, c evidence.Clip, film evidence.Film, to io.Writer) (one Copy, fatal error) {
	timed, stop := context.WithTimeout(ctx, limit)
	defer stop()
	var said tail
	out := &bounded{to: to}
	cmd := exec.CommandContext(timed, program, arguments(c)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = "/", []string{"LC_ALL=C"}, grace
	cmd.Stdout, cmd.Stderr = out, &said
	// It ends with this program, more exactly with the thread that started it, which therefore is kept.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return Copy{Err: fmt.Errorf("couldn't start %s: %w", program, err)}, nil
	}
	var short error
	unlimited := confine(cmd.Process.Pid, limit)
	if unlimited != nil {
		stop()
	} else if short, fatal = feed(in, film); fatal != nil {
		stop()
	}
	late := timed.Err() != nil && unlimited == nil && fatal == nil
	failed := errors.Join(unlimited, short, ended(in.Close()), cmd.Wait())
	switch {
	case ctx.Err() != nil:
		fatal = context.Cause(ctx)
	case out.err != nil && !errors.Is(out.err, errSize):
		fatal = errors.Join(fatal, out.err)
	case out.err != nil:
		failed = out.err
	case late || errors.Is(timed.Err(), context.DeadlineExceeded):
		failed = fmt.Errorf("it took more than %v: %w", limit, failed)
	}
	if failed == nil && out.size == 0 {
		failed = errNothing
	}
	if failed != nil {
		failed = fmt.Errorf("%s: %w", program, failed)
	}
	return Copy{Size: out.size, Err: failed, Said: strings.TrimSpace(string(said.b))}, fatal
}

// ended leaves out that a pipe was closed before.
func ended(err error) error {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// feed gives the program the clip: short is that it did not read all of it, err that the clip itself can't be read.
func feed(in io.Writer, film evidence.Film) (short, err error) {
	p := &pipe{to: in}
	if err := film(p); err != nil && p.err == nil {
		return nil, err
	}
	return p.err, nil
}

// pipe remembers that it can't be written to.
type pipe struct {
	to  io.Writer
	err error
}

// Write implements [io.Writer].
func (p *pipe) Write(b []byte) (n int, err error) {
	n, err = p.to.Write(b)
	p.err = err
	return n, err
}

var errNothing = errors.New("it wrote nothing")

var errSize = errors.New("the copy would be larger than a file can be on every disk")

// bounded writes until there is too much.
type bounded struct {
	to   io.Writer
	size int64
	err  error
}

// Write implements [io.Writer].
func (w *bounded) Write(b []byte) (n int, err error) {
	if w.size+int64(len(b)) > maxSize {
		w.err = errSize
		return 0, errSize
	}
	n, w.err = w.to.Write(b)
	w.size += int64(n)
	return n, w.err
}

// tail keeps the last that was said.
type tail struct{ b []byte }

// Write implements [io.Writer].
func (t *tail) Write(b []byte) (int, error) {
	t.b = append(t.b, b...)
	if n := len(t.b) - 1000; n > 0 {
		t.b = append(t.b[:0], t.b[n:]...)
	}
	return len(b), nil
}
