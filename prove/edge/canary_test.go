package edge

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/property"
	"gatehouse/prove/served"
)

// secret is something that was said once to somebody, or by somebody, and is to be
// found nowhere afterwards.
type secret struct {
	what  string
	forms [][]byte
}

// forms are the ways in which a secret may have been written down. One that is short,
// or known from elsewhere, would be found by chance.
func forms(text string) (list [][]byte) {
	add := func(b []byte) {
		if len(b) >= 10 {
			list = append(list, b, []byte(hex.EncodeToString(b)), []byte(base64.RawURLEncoding.EncodeToString(b)), []byte(base64.RawStdEncoding.EncodeToString(b)))
		}
	}
	add([]byte(text))
	plain := strings.NewReplacer("-", "", " ", "").Replace(text)
	add([]byte(plain))
	for _, decode := range []func(string) ([]byte, error){
		base64.RawURLEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString, hex.DecodeString,
	} {
		if b, err := decode(plain); err == nil {
			add(b)
		}
	}
	return list
}

// life uses whatever knows a secret, on a server that logs everything, and gives them.
type life struct {
	t       *testing.T
	h       *property.House
	secrets []secret
}

func (l *life) keep(what, text string) string {
	l.t.Helper()
	if text == "" {
		l.t.Fatalf("no %s", what)
	}
	l.secrets = append(l.secrets, secret{what, forms(text)})
	return text
}

func TestNoSecretIsWrittenAnywhere(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	copy(key, "a data key that nobody may ever see")
	h := open(t, property.Options{Env: []string{"GATEHOUSE_LOG_LEVEL=debug", "GATEHOUSE_DATA_KEY=" + base64.StdEncoding.EncodeToString(key)}})
	l := &life{t: t, h: h}
	l.keep("data key", base64.StdEncoding.EncodeToString(key))
	l.keep("setup token", h.Server().Told["setup-token"])
	l.keep("administrator's password", "a long enough passphrase")
	l.people()
	l.devices()
	l.mistakes()
	answers := l.answers()
	h.Healthy()
	h.Stop()

	hits := 0
	hit := func(where string, content []byte) {
		for _, s := range l.secrets {
			for _, f := range s.forms {
				if bytes.Contains(content, f) {
					hits++
					t.Errorf("%s has the %s", where, s.what)
					break
				}
			}
		}
	}
	hit("the log", []byte(h.Server().Stderr.String()))
	files := 0
	err := filepath.WalkDir(h.Dir(), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		files++
		hit(filepath.Base(path), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, content := range answers {
		hit(where, content)
	}
	prove.Record(t, "secrets stand nowhere: log at its most talkative, every file, every answer", "0 hits",
		fmt.Sprintf("%d secrets in %d KB of log, %d files, %d answers: %d hits", len(l.secrets), len(h.Server().Stderr.String())>>10, files, len(answers), hits))
}

// people make accounts with passwords, second factors and sessions.
func (l *life) people() {
	l.t.Helper()
	h := l.h
	var made struct{ Password string }
	h.Must("POST", "/people", property.Body{"name": "chen", "role": "guard"}, http.StatusCreated, &made)
	first := l.keep("first password", made.Password)
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c := &http.Client{Jar: jar, Timeout: served.Patience, Transport: transport}
	base := "http://" + httpAddress(h.Server()) + "/api/v1"
	status, header, body := ask(l.t, c, "POST", base+"/session", fmt.Sprintf(`{"name":"chen","password":%q}`, first))
	if status != http.StatusOK {
		l.t.Fatalf("%d %s", status, body)
	}
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	_, token, _ := strings.Cut(cookie, "=")
	l.keep("session token", token)
	chosen := l.keep("chosen password", "seven quiet plovers wade")
	if status, _, body := ask(l.t, c, "PUT", base+"/session/password", fmt.Sprintf(`{"oldPassword":%q,"password":%q}`, first, chosen)); status >= 300 {
		l.t.Fatalf("%d %s", status, body)
	}
	me := h.SignInAs("chen", chosen)
	var factor struct{ Secret string }
	me.Must("POST", "/session/factor", nil, http.StatusOK, &factor)
	l.keep("secret of the second factor", factor.Secret)
	var recovery struct{ Codes []string }
	me.Must("PUT", "/session/factor", property.Body{"code": prove.TOTP(l.t, factor.Secret, time.Now())}, http.StatusOK, &recovery)
	if len(recovery.Codes) == 0 {
		l.t.Fatal("no codes that stand in for the factor")
	}
	for _, code := range recovery.Codes {
		l.keep("recovery code", code)
	}
	var program struct{ Secret string }
	h.Must("POST", "/tokens", property.Body{"name": "screens", "verbs": []string{"devices.see"}, "expires": time.Now().Add(time.Hour)}, http.StatusCreated, &program)
	l.keep("API token", program.Secret)
	for path, want := range map[string]int{"/live/snapshot": http.StatusOK, "/live/snapshot?token=" + program.Secret: http.StatusUnprocessableEntity, "/audit": http.StatusForbidden} {
		if status, _, body := ask(l.t, c, "GET", base+path, "", "Cookie", "", "Authorization", "Bearer "+program.Secret); status != want {
			l.t.Errorf("with an API token: GET %s: %d %s", path, status, body)
		}
	}
	var ticket struct{ ClientID, Username, Password string }
	h.Must("POST", "/live/ticket", nil, http.StatusOK, &ticket)
	l.connect(ticket.ClientID, ticket.Username, l.keep("password of a live ticket", ticket.Password))
}

// devices are enrolled, connect and are ordered about; so is an integrator.
func (l *life) devices() {
	l.t.Helper()
	h := l.h
	site := h.Site("East")
	gate := h.Device(h.Zone(site, "Garage"), "gate", "North")
	l.keep("password of a device", gate.Password)
	l.keep("command key", gate.CommandKey)
	c, err := gate.Connect(h.MQTT(), mqtt.V5, true)
	if err != nil {
		l.t.Fatal(err)
	}
	_, _, err = h.Ask("POST", "/devices/"+gate.ID+"/commands", property.Body{"action": "open"}, "Idempotency-Key", "a-key-of-a-canary")
	if err != nil {
		l.t.Fatal(err)
	}
	_ = c.Close()
	var again property.Device
	h.Must("POST", "/devices/"+gate.ID+"/credential", nil, http.StatusCreated, &again)
	l.keep("second password of a device", again.Password)
	l.keep("second command key", again.CommandKey)
	var program struct{ Username, Password string }
	h.Must("POST", "/integrators", property.Body{"name": "wall", "sites": []string{site}}, http.StatusCreated, &program)
	l.connect("wall", program.Username, l.keep("password of an integrator", program.Password))
}

func (l *life) connect(id, user, password string) {
	l.t.Helper()
	c, err := mqtt.Dial(l.h.MQTT(), mqtt.Options{Connect: mqtt.Connect{ClientID: id, User: user, Password: password, Version: mqtt.V5}, Timeout: served.Patience})
	if err != nil {
		l.t.Fatal(err)
	}
	_ = c.Close()
}

// mistakes put secrets where they do not belong: people do.
func (l *life) mistakes() {
	l.t.Helper()
	h, base := l.h, "http://"+httpAddress(l.h.Server())
	wrong := l.keep("password that was typed wrong", "eight wrong herons wade")
	c := nobody(l.t)
	for _, m := range []struct{ method, path, body string }{
		{"POST", "/api/v1/session", fmt.Sprintf(`{"name":"founder","password":%q}`, wrong)},
		{"POST", "/api/v1/session", fmt.Sprintf(`{"name":%q,"password":"x"}`, wrong)},
		{"POST", "/api/v1/session", fmt.Sprintf(`{"password":%q`, wrong)},
		{"POST", "/api/v1/session", fmt.Sprintf(`{"name":1,"password":%q,"code":%q}`, wrong, wrong)},
		{"POST", "/api/v1/session", fmt.Sprintf(`%q`, wrong)},
		{"POST", "/api/v1/setup", fmt.Sprintf(`{"token":%q,"name":"eve","password":%q}`, wrong, wrong)},
		{"GET", "/api/v1/session?password=" + strings.ReplaceAll(wrong, " ", "+"), ""},
	} {
		status, header, body := ask(l.t, c, m.method, base+m.path, m.body, "Cookie", "gatehouse="+strings.ReplaceAll(wrong, " ", ""), "Authorization", "Bearer "+wrong)
		if status < 400 || strings.Contains(body+fmt.Sprint(header), wrong) {
			l.t.Errorf("%s %s: %d %s", m.method, m.path, status, body)
		}
	}
	for _, o := range []mqtt.Connect{
		{ClientID: "x", User: "nobody", Password: wrong, Version: mqtt.V5},
		{ClientID: "x", User: "console", Password: wrong, Version: mqtt.V311},
	} {
		if _, err := mqtt.Dial(h.MQTT(), mqtt.Options{Connect: o, Timeout: served.Patience}); err == nil {
			l.t.Error("let in with a wrong password")
		}
	}
}

// answers are what every list of the API shows an administrator.
func (l *life) answers() map[string][]byte {
	l.t.Helper()
	list, _ := operations(l.t)
	shown := map[string][]byte{}
	for _, o := range list {
		if o.method != http.MethodGet || strings.Contains(o.path, "{") {
			continue
		}
		status, body, err := l.h.Ask("GET", o.path, nil)
		if err != nil && err != io.EOF { //nolint:errorlint // as net/http gives it
			l.t.Fatal(err)
		}
		if status < 300 {
			shown["GET "+o.path] = body
		}
	}
	if len(shown) < 15 {
		l.t.Errorf("only %d lists were shown", len(shown))
	}
	return shown
}
