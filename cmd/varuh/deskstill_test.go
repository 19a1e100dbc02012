package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// A read of the diary, and a bundle of it, end when its key is locked, and when whoever reads is removed: what is still on the
// way fits into the buffers, and more does not come.
func TestReadEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	defer b.end(t)
	b.as(t, 0, "unlock")
	d, err := b.clerk.use()
	must(t, err)
	const entries = 1500
	noise := make([]byte, 1000) // so that a bundle is large, too
	for range entries {
		rand.Read(noise)
		_, err := d.Append(t.Context(), diary.Entry{Op: "config", Body: proof.Body{Note: "mark " + hex.EncodeToString(noise)}}, nil)
		must(t, err)
	}
	lock := func() { must(t, b.office.lock(t.Context(), proof.Actor{Name: "somebody"})) }
	remove := func(login string) func() {
		return func() { b.as(t, 0, "person", "remove", login, "--reason", "she left") }
	}
	for _, tt := range []struct {
		path, login string
		then        func()
	}{{"/diary/read", "dora", lock}, {"/diary/export", "dora", lock}, {"/diary/read", "dora", remove("dora")}, {"/diary/export", "eva", remove("eva")}} {
		b.as(t, 0, "unlock")
		b.auditor(t, tt.login)
		c := b.sent(t, tt.path, diaryOrder{who: who{signIn: signIn{As: tt.login, Password: borPassword}}, Reason: "a look"})
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		must(t, err)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", tt.path, answer.Status)
		}
		tt.then()
		text, err := io.ReadAll(answer.Body)
		must(t, c.Close())
		whole := err == nil
		if tt.path == "/diary/read" {
			whole = bytes.Count(text, []byte("mark ")) > entries*2/3 || !strings.Contains(string(text), "nothing more is handed out")
		}
		if whole {
			t.Errorf("%s as %s: %d bodies came: %v", tt.path, tt.login, bytes.Count(text, []byte("mark ")), err)
		}
	}
}

// auditor adds somebody who reads the diary and has the key of it, unless there is one.
func (b *box) auditor(t *testing.T, login string) {
	t.Helper()
	if strings.Contains(b.as(t, 0, "person", "list"), login) {
		return
	}
	out := b.as(t, 0, "person", "add", login, "--name", strings.ToUpper(login)+" Pirc", "--role", "auditor", "--paper", time.Now().AddDate(0, 0, -1).Format(time.DateOnly))
	_, rest, _ := strings.Cut(out, "first password: ")
	first, _, _ := strings.Cut(rest, " ")
	b.does(t, typedLines(first, borPassword, borPassword), 0, "person", "password", "--as", login)
}

// sent sends an order to the socket, whose answer is not read yet.
func (b *box) sent(t *testing.T, path string, order any) net.Conn {
	t.Helper()
	body, err := json.Marshal(order)
	must(t, err)
	c, err := net.Dial("unix", socketFile(b.site.cfg.State))
	must(t, err)
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://varuh"+path, bytes.NewReader(body))
	must(t, err)
	must(t, request.Write(c))
	return c
}
