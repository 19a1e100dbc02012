package main

import (
	"archive/zip"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"varuh/accesslog/people"
)

func TestMain(m *testing.M) {
	passwordCost = people.Cost{Memory: 64, Passes: 1, Lanes: 1} // or each log-in takes a fifth of a second
	testscript.Main(m, map[string]func(){"varuh": main})
}

// TestScripts runs the program from outside, by the scripts in testdata.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"ready": awaitReady, "mode": checkMode, "signal": signalAll, "unzip": unzip},
	})
}

// setUpScript gives a script a socket to which the daemon tells what it tells systemd, and a folder
// in memory for private keys.
func setUpScript(env *testscript.Env) error {
	keys, err := memoryFolder("test")
	if err != nil {
		return err
	}
	env.Defer(func() { os.RemoveAll(keys) })
	name := filepath.Join(env.WorkDir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return err
	}
	env.Defer(func() { conn.Close() })
	env.Values["notify"] = conn
	env.Setenv("KEYS", keys)
	env.Setenv("NOTIFY_SOCKET", name)
	env.Setenv("TZ", "UTC")
	return nil
}

// awaitReady waits until a daemon in the background says something, READY=1 if nothing else is named.
func awaitReady(ts *testscript.TestScript, _ bool, args []string) {
	want := "READY=1"
	if len(args) > 0 {
		want = args[0]
	}
	conn := ts.Value("notify").(*net.UnixConn)
	ts.Check(conn.SetReadDeadline(time.Now().Add(never)))
	b := make([]byte, 4096)
	for {
		n, err := conn.Read(b)
		if err != nil {
			ts.Fatalf("%s did not come: %v", want, err)
		}
		if strings.Contains(string(b[:n]), want) {
			return
		}
	}
}

// signalAll sends TERM or HUP to every process in the background.
func signalAll(ts *testscript.TestScript, _ bool, args []string) {
	sig := map[string]os.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}[args[0]]
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(sig))
	}
}

// checkMode holds the mode of files against an octal number: mode 600 file...
func checkMode(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args[1:] {
		st, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%o", st.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", name, got, args[0])
		}
	}
}

// unzip lays the files of an archive into a folder: unzip archive.zip folder
func unzip(ts *testscript.TestScript, _ bool, args []string) {
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), z))
}
