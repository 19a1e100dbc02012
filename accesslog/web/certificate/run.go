package certificate

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	often  = time.Minute            // how often names, files and time are looked at
	settle = 300 * time.Millisecond // a folder is read when it was quiet for so long: two files are replaced one after the other
)

// TLS is what the server of the pages takes: TLS 1.2 or 1.3 with forward secrecy and authenticated encryption alone.
func (k *Keeper) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 are all sound
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.current.Load(), nil },
	}
}

// Run keeps what is served up to date until ctx ends: each minute, and soon after the controller's files changed. If the
// kernel can't tell of those, a minute has to do, and the log says so.
func (k *Keeper) Run(ctx context.Context) {
	var changed chan fsnotify.Event
	var failed chan error
	if w, err := k.watch(); err != nil {
		k.blind(err)
	} else if w != nil {
		changed, failed = w.Events, w.Errors
		defer func() {
			if err := w.Close(); err != nil {
				k.blind(err)
			}
		}()
	}
	minute := time.NewTicker(often)
	defer minute.Stop()
	quiet := time.NewTimer(settle)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-minute.C:
			k.Look()
		case <-quiet.C:
			k.Look()
		case e := <-changed:
			if k.concerns(e.Name) {
				quiet.Reset(settle)
			}
		case err := <-failed:
			k.blind(err)
			quiet.Reset(settle)
		}
	}
}

func (k *Keeper) blind(err error) {
	k.o.Log.Warn("changes of the certificate's files are noticed within a minute, not at once", "err", err)
}

// watch watches the folders of the controller's files, if there are some. It does not watch the files: those are
// replaced, or are links that are.
func (k *Keeper) watch() (*fsnotify.Watcher, error) {
	if k.o.Own == nil {
		return nil, nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{k.o.Own.Certificate, k.o.Own.Key} {
		if err := w.Add(filepath.Dir(name)); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	return w, nil
}

// concerns tells whether a name is one of the controller's files.
func (k *Keeper) concerns(name string) bool {
	return name == filepath.Clean(k.o.Own.Certificate) || name == filepath.Clean(k.o.Own.Key)
}

// Fingerprint is what people compare: the SHA-256 of a certificate in DER, as browsers write it.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}
