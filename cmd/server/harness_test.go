package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/configs"
	"gatehouse/prove"
)

const (
	adminName     = "founder"
	adminPassword = "a long enough passphrase"
	// patience bounds every wait for a fact; nothing is asserted about how long
	// it took.
	patience = 30 * time.Second
)

// program is a whole server in this process, on free ports.
type program struct {
	ready
	Dir  string
	stop func() error
}

// run starts the whole server on dir and stops it when the test ends.
func runProgram(t *testing.T, dir string, demo bool) *program {
	t.Helper()
	p, err := tryProgram(t, dir, demo)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tryProgram is runProgram for a server that may refuse to start.
func tryProgram(t *testing.T, dir string, demo bool) (*program, error) {
	t.Helper()
	cfg, err := configs.LoadServer(configs.ServerFlags{Data: dir, HTTP: "127.0.0.1:0", MQTT: "127.0.0.1:0", Env: []string{}})
	if err != nil {
		return nil, err
	}
	return tryConfig(t, cfg, demo)
}

func tryConfig(t *testing.T, cfg configs.Server, demo bool) (*program, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan ready, 1), make(chan error, 1)
	go func() {
		ended <- serve(ctx, cfg, start{Demo: demo, Log: testLog(t), Ready: func(r ready) { started <- r }})
	}()
	select {
	case err := <-ended:
		cancel()
		return nil, err
	case r := <-started:
		p := &program{ready: r, Dir: cfg.Data.Dir}
		stopped := false
		p.stop = func() error {
			if stopped {
				return nil
			}
			stopped = true
			cancel()
			return <-ended
		}
		t.Cleanup(func() {
			if err := p.stop(); err != nil {
				t.Errorf("stop: %v", err)
			}
		})
		return p, nil
	case <-time.After(patience):
		cancel()
		return nil, fmt.Errorf("not ready after %s", patience)
	}
}

// testLog writes the log to the test's output.
func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// staff is a signed-in browser, as far as the API goes.
type staff struct {
	t    *testing.T
	base string
	http *http.Client
}

func newStaff(t *testing.T, base string) *staff {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &staff{t: t, base: strings.Replace(base, "localhost", "127.0.0.1", 1), http: &http.Client{Jar: jar, Timeout: patience}}
}

// signUp creates the first administrator of a program.
func signUp(t *testing.T, p *program) *staff {
	t.Helper()
	s := newStaff(t, p.Console)
	s.must(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": adminName, "password": adminPassword}, http.StatusCreated, nil)
	s.withoutFactors()
	return s
}

// withoutFactors sets up the second factor that an administrator needs, says that
// nobody needs one, and gives it up again.
func (s *staff) withoutFactors() {
	s.t.Helper()
	var made struct{ Secret string }
	s.must(http.MethodPost, "/session/factor", nil, http.StatusOK, &made)
	s.must(http.MethodPut, "/session/factor", map[string]any{"code": prove.TOTP(s.t, made.Secret, time.Now())}, http.StatusOK, nil)
	s.must(http.MethodPut, "/policy/factor", map[string]any{"roles": []string{}}, http.StatusOK, nil)
	s.must(http.MethodDelete, "/session/factor", nil, http.StatusNoContent, nil)
}

// signIn is somebody who has an account already.
func signIn(t *testing.T, p *program) *staff {
	t.Helper()
	s := newStaff(t, p.Console)
	s.must(http.MethodPost, "/session", map[string]any{"name": adminName, "password": adminPassword}, http.StatusOK, nil)
	return s
}

// call makes one API request and gives status and body.
func (s *staff) call(method, path string, body any, header ...string) (int, []byte) {
	s.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+"/api/v1"+path, r)
	if err != nil {
		s.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, out
}

// must is call with the status that is expected, and the body decoded into out.
func (s *staff) must(method, path string, body any, want int, out any, header ...string) {
	s.t.Helper()
	got, content := s.call(method, path, body, header...)
	if got != want {
		s.t.Fatalf("%s %s: %d, want %d: %s", method, path, got, want, content)
	}
	if out != nil {
		if err := json.Unmarshal(content, out); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, content)
		}
	}
}

func (s *staff) get(path string, out any) { s.t.Helper(); s.must(http.MethodGet, path, nil, 200, out) }

// eventually waits until fact is true.
func eventually(t *testing.T, what string, fact func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !fact() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}

// seen* are the parts of the API's answers that the tests look at.
type (
	seenDevice struct {
		ID, Site, Zone, Kind, Name, Mode, Physical string
		Link                                       struct{ Status, Cause string }
		ReportedAt                                 *time.Time
		Counters                                   map[string]int64
	}
	seenCommand struct {
		ID, Device, Action, Step string
		Ended                    bool
		Rungs                    []struct{ Step, Detail string }
	}
	seenSnapshot struct {
		Sites   []struct{ ID, Name string }
		Zones   []struct{ ID, Site, Name string }
		Devices []seenDevice
	}
	seenLedger struct {
		Entries []struct {
			EventID  string
			Amount   int64
			Currency string
		}
		Rows   int64
		Totals []struct {
			Amount   int64
			Currency string
		}
	}
	seenCredential struct{ ClientID, Username, Password, CommandKey, TopicPrefix, MQTT string }
)

func (s *staff) device(id string) seenDevice {
	s.t.Helper()
	var d struct{ Device seenDevice }
	s.get("/devices/"+id, &d)
	return d.Device
}

// order sends a command and gives the first answer to it.
func (s *staff) order(device, action string) seenCommand {
	s.t.Helper()
	var c seenCommand
	s.must(http.MethodPost, "/devices/"+device+"/commands", map[string]any{"action": action}, http.StatusAccepted, &c, "Idempotency-Key", newKey())
	return c
}

// outcome waits until a command has ended.
func (s *staff) outcome(c seenCommand) seenCommand {
	s.t.Helper()
	eventually(s.t, "the command "+c.ID+" ends", func() bool {
		if !c.Ended {
			s.get("/commands/"+c.ID, &c)
		}
		return c.Ended
	})
	return c
}

func steps(c seenCommand) (all []string) {
	for _, r := range c.Rungs {
		all = append(all, r.Step)
	}
	return all
}

// enrol creates a site, a zone and one device of a kind, with its credential.
func (s *staff) enrol(kind string) (seenDevice, seenCredential) {
	s.t.Helper()
	var site, zone struct{ ID string }
	s.must(http.MethodPost, "/sites", map[string]any{"name": "Test site " + newKey()[:8], "timeZone": "Asia/Shanghai"}, 201, &site)
	s.must(http.MethodPost, "/sites/"+site.ID+"/zones", map[string]any{"name": "Gatehouse"}, 201, &zone)
	var d seenDevice
	s.must(http.MethodPost, "/devices", map[string]any{"zone": zone.ID, "kind": kind, "name": "Test " + kind}, 201, &d)
	return d, s.credential(d.ID)
}

func (s *staff) credential(device string) seenCredential {
	s.t.Helper()
	var c seenCredential
	s.must(http.MethodPost, "/devices/"+device+"/credential", nil, 201, &c)
	return c
}

// readSecrets reads the file that --demo writes for the simulator.
func readSecrets(t *testing.T, dir string) demoFile {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "devices.json"))
	if err != nil {
		t.Fatal(err)
	}
	var f demoFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}
