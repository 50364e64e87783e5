package property

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"gatehouse/prove/served"
)

// The account of the first administrator.
const (
	adminName     = "founder"
	adminPassword = "a long enough passphrase"
)

// Body is a JSON object.
type Body map[string]any

// Staff is a signed-in browser, as far as the API goes. Ask may be used by many at
// once; what takes no error fails the test, and belongs to its goroutine.
type Staff struct {
	t    testing.TB
	base func() string
	http *http.Client
}

func newStaff(t testing.TB, base func() string) *Staff {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	t.Cleanup(transport.CloseIdleConnections)
	return &Staff{t: t, base: base, http: &http.Client{Jar: jar, Timeout: served.Patience, Transport: transport}}
}

// SignIn is another browser of the first administrator.
func (s *Staff) SignIn() *Staff { return s.SignInAs(adminName, adminPassword) }

// SignInAs is a browser of somebody who has an account.
func (s *Staff) SignInAs(name, password string) *Staff {
	s.t.Helper()
	o := newStaff(s.t, s.base)
	o.Must("POST", "/session", Body{"name": name, "password": password}, 200, nil)
	return o
}

// Person makes an account with a role and a password that is its owner's, and gives its id.
func (s *Staff) Person(name, role, password string) (id string) {
	s.t.Helper()
	var made struct {
		Person   struct{ ID string }
		Password string
	}
	s.Must("POST", "/people", Body{"name": name, "role": role}, 201, &made)
	s.Own(name, made.Password, password)
	return made.Person.ID
}

// Own has somebody replace a password that they were given by one of theirs.
func (s *Staff) Own(name, given, password string) {
	s.t.Helper()
	s.SignInAs(name, given).Must("PUT", "/session/password", Body{"oldPassword": given, "password": password}, 204, nil)
}

// Ask makes one request below /api/v1 and gives status and body. body nil: none.
// header is names and values in turn.
func (s *Staff) Ask(method, path string, body any, header ...string) (int, []byte, error) {
	if body == nil {
		return s.AskRaw(method, path, nil, "", header...)
	}
	b, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	return s.AskRaw(method, path, b, "application/json", header...)
}

// AskRaw is Ask with a body of any type.
func (s *Staff) AskRaw(method, path string, body []byte, contentType string, header ...string) (int, []byte, error) {
	req, err := http.NewRequest(method, s.base()+path, bytes.NewReader(body)) //nolint:noctx // the client has a timeout
	if err != nil {
		return 0, nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	return res.StatusCode, out, err
}

// Try is Ask where the status is known, with the body decoded into out (nil: not).
func (s *Staff) Try(method, path string, body any, want int, out any, header ...string) error {
	got, content, err := s.Ask(method, path, body, header...)
	switch {
	case err != nil:
		return err
	case got != want:
		return fmt.Errorf("%s %s: %d, want %d: %s", method, path, got, want, content)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(content, out); err != nil {
		return fmt.Errorf("%s %s: %w in %s", method, path, err, content)
	}
	return nil
}

// Must is Try that fails the test.
func (s *Staff) Must(method, path string, body any, want int, out any, header ...string) {
	s.t.Helper()
	if err := s.Try(method, path, body, want, out, header...); err != nil {
		s.t.Fatal(err)
	}
}

// Get reads.
func (s *Staff) Get(path string, out any) {
	s.t.Helper()
	s.Must("GET", path, nil, 200, out)
}
