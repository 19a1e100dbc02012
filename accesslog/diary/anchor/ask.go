package anchor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// What one exchange may take.
const (
	maxTime   = 20 * time.Second
	maxAnswer = 64 << 10 // bytes; a cosignature has 150, a timestamp with its certificates some 6,000
)

// errLong is an answer of more than [maxAnswer] bytes.
var errLong = fmt.Errorf("the answer has more than %d bytes", maxAnswer)

// ownClient is used where none is given. It has a transport of its own so that an outside party has no
// part in the connections of others.
var ownClient = &http.Client{
	Timeout: maxTime,
	Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		MaxResponseHeaderBytes: 16 << 10,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
	},
}

// parseURL takes an address that requests can go to.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// The error of url.Parse repeats the address, and with it a password.
		return nil, errors.New("this is no address such as https://witness.example/")
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%s is no address such as https://witness.example/", u.Redacted())
	}
	return u, nil
}

// answer is what came back.
type answer struct {
	status      int
	contentType string
	body        []byte
}

// ask sends one POST. Errors name no address, as it may hold a password.
func ask(ctx context.Context, client *http.Client, u *url.URL, contentType string, body []byte) (answer, error) {
	if client == nil {
		client = ownClient
	}
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("couldn't ask %s: %w", u.Host, bare(err))
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "varuh")
	resp, err := c.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("couldn't ask %s: %w", u.Host, bare(err))
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return answer{}, fmt.Errorf("couldn't read the answer of %s: %w", u.Host, bare(err))
	}
	if len(b) > maxAnswer {
		return answer{}, fmt.Errorf("couldn't read the answer of %s: %w", u.Host, errLong)
	}
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), b}, nil
}

// bare is an error of net/http without its address.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
