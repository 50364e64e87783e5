package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

func TestSecretsOfADeviceAreNeverReadAgain(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, first := s.enrol("gate")
	var many struct{ CSV string }
	s.must(http.MethodPost, "/devices/credentials", map[string]any{"devices": []string{d.ID}}, http.StatusCreated, &many)
	connectGate(t, p.MQTT, s.credential(d.ID))
	secrets := regexp.MustCompile(`[\w-]{43}`).FindAllString(many.CSV, -1)
	secrets = append(secrets, first.Password, first.CommandKey)
	if len(secrets) != 4 {
		t.Fatalf("%d secrets were shown, want two passwords and two command keys", len(secrets))
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "web", "openapi.yaml"))
	must(t, err)
	asked, hits := 0, 0
	for _, m := range regexp.MustCompile(`(?m)^  (/api/v1/\S+):\n    get:`).FindAllStringSubmatch(string(text), -1) {
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(strings.TrimPrefix(m[1], "/api/v1"), d.ID)
		_, body := s.call(http.MethodGet, path, nil)
		asked++
		for _, secret := range secrets {
			if strings.Contains(string(body), secret) {
				hits++
				t.Errorf("GET %s shows a secret", path)
			}
		}
	}
	if asked < 30 {
		t.Fatalf("only %d routes were asked", asked)
	}
	must(t, filepath.WalkDir(p.Dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range secrets {
			if strings.Contains(string(content), secret) {
				hits++
				t.Errorf("%s holds a secret", e.Name())
			}
		}
		return err
	}))
	prove.Record(t, "passwords and command keys of devices that can be read after they were shown, by the API or in files", "0", fmt.Sprintf("%d, of %d routes", hits, asked))
}

func TestATicketIsRefusedOnceItsPersonHasSignedOut(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	signUp(t, p)
	n, let, slowest := prove.Size(5, 100), 0, time.Duration(0)
	for range n {
		s := signIn(t, p)
		var open, used struct{ ClientID, Username, Password string }
		s.must(http.MethodPost, "/live/ticket", nil, http.StatusOK, &open)
		s.must(http.MethodPost, "/live/ticket", nil, http.StatusOK, &used)
		live := visit(t, p.MQTT, mqtt.Connect{Version: mqtt.V5, ClientID: used.ClientID, User: used.Username, Password: used.Password})
		began := time.Now()
		s.must(http.MethodDelete, "/session", nil, http.StatusNoContent, nil)
		if conn, err := mqtt.Dial(p.MQTT, mqtt.Options{Connect: mqtt.Connect{Version: mqtt.V5, ClientID: open.ClientID, User: open.Username, Password: open.Password}, Timeout: patience}); err == nil {
			let++
			conn.Cut()
			t.Error("a ticket is good although its person has signed out")
		}
		for {
			if packet, err := live.Read(); err != nil || packet.Type == mqtt.DISCONNECT {
				break
			}
		}
		slowest = max(slowest, time.Since(began))
	}
	prove.Record(t, "tickets and live connections after their person has signed out", "0 let in, ended within 1 s",
		fmt.Sprintf("%d of %d let in, all ended within %s", let, n, slowest.Round(time.Millisecond)))
	if prove.Full() && slowest > time.Second {
		t.Errorf("the slowest ended after %s, want 1 s", slowest)
	}
}

func TestTwoDevicesWithOneCredentialAreAnAlarmAndTheLastOneIsSeenOnline(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	come := func() *mqtt.Conn {
		return visit(t, p.MQTT, mqtt.Connect{Version: mqtt.V5, ClientID: c.ClientID, User: c.Username, Password: c.Password, KeepAlive: 30})
	}
	began, alarmed := time.Now(), time.Duration(0)
	last := come()
	n := prove.Size(20, 1000)
	for k := range n {
		last = come()
		if k == 10 {
			eventually(t, "the alarm", func() bool { return s.openAlarms(d.ID)["flapping"].ID != "" })
			alarmed = time.Since(began)
		}
	}
	if err := last.Answers(); err != nil {
		t.Errorf("the last one was cut: %v", err)
	}
	eventually(t, "the gate is online", func() bool { return s.device(d.ID).Link.Status == "online" })
	seen := s.client(d.ID)
	if seen.TakeOvers != n {
		t.Errorf("%d take-overs were counted, want %d", seen.TakeOvers, n)
	}
	prove.Record(t, "two devices fight over one credential", "alarm within 10 s, the last one online", fmt.Sprintf("%d take-overs, alarm after %s, online", n, alarmed.Round(time.Millisecond)))
	if prove.Full() && alarmed > 10*time.Second {
		t.Errorf("the alarm came after %s, want 10 s", alarmed)
	}
}
