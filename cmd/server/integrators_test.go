package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"gatehouse/db"
	"gatehouse/prove"
)

// readerOf is an integrator's credential as the console shows it once.
type readerOf struct {
	Username, Password string
	Filters            []string
	Expires            time.Time
}

func (s *staff) reader(more map[string]any) (r readerOf) {
	s.t.Helper()
	more["name"] = "reader"
	s.must(http.MethodPost, "/integrators", more, http.StatusCreated, &r)
	return r
}

// endsAt moves the end of an integrator, and gives it another user name, which it returns: the server has not read that one.
func endsAt(t *testing.T, dir, username string, at time.Time) (renamed string) {
	t.Helper()
	pool, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, db.FileName)+"?_txlock=immediate&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if _, err := pool.ExecContext(t.Context(), "UPDATE credentials SET ends = ?, username = ? WHERE username = ?", at.UnixMicro(), username+"-2", username); err != nil {
		t.Fatal(err)
	}
	return username + "-2"
}

func TestAnIntegratorIsCutAtItsEndAndLeavesNoSession(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, _ := s.enrol("gate")
	year := s.reader(map[string]any{"sites": []string{d.Site}})
	if left := time.Until(year.Expires); left < 364*24*time.Hour || left > 366*24*time.Hour {
		t.Errorf("without a wish it ends in %v", left)
	}
	if status, answer := s.call(http.MethodPost, "/integrators", map[string]any{"name": "x", "sites": []string{d.Site}, "expires": time.Now().Add(time.Second)}); status != http.StatusUnprocessableEntity {
		t.Errorf("an end that is almost now: %d %s", status, answer)
	}
	// The shortest time is a minute, so the clock of the credential is made to be there: its end is moved, as time would.
	i := s.reader(map[string]any{"sites": []string{d.Site}})
	ends := time.Now().Add(2 * time.Second)
	i.Username = endsAt(t, p.Dir, i.Username, ends)
	cp := connect("screen", i.Username, i.Password)
	expiry := uint32(3600)
	cp.Properties = &paho.ConnectProperties{SessionExpiryInterval: &expiry}
	f, reason, err := dial(t, p.MQTT, cp)
	if err != nil {
		t.Fatalf("reason %#x, %v", reason, err)
	}
	<-f.gone
	late := time.Since(ends)
	if late < 0 {
		t.Errorf("it was cut %v before its end", -late)
	}
	prove.Record(t, "an integrator whose time is over is cut", "within 1 s", late.Round(time.Millisecond).String())
	if prove.Full() && late > time.Second {
		t.Errorf("it was cut %v after its end", late)
	}
	if _, reason, err := dial(t, p.MQTT, connect("screen", i.Username, i.Password)); err == nil || reason != 0x86 {
		t.Errorf("after its end: reason %#x, %v", reason, err)
	}
	prove.Eventually(t, "the client id of its session is free", func() bool {
		_, _, err := dial(t, p.MQTT, connect("screen", year.Username, year.Password))
		return err == nil
	})
}

func TestAnIntegratorWithAnotherSecretIsCutAtOnceAndRefusedByTheOldOne(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, _ := s.enrol("gate")
	i := s.reader(map[string]any{"sites": []string{d.Site}})
	f, _, err := dial(t, p.MQTT, connect("screen", i.Username, i.Password))
	if err != nil {
		t.Fatal(err)
	}
	var fresh readerOf
	began := time.Now()
	s.must(http.MethodPost, "/integrators/"+i.Username+"/secret", map[string]any{}, http.StatusOK, &fresh)
	<-f.gone
	prove.Record(t, "an integrator whose secret was replaced is cut", "within 1 s", time.Since(began).Round(time.Millisecond).String())
	if fresh.Username != i.Username || fresh.Password == i.Password || len(fresh.Filters) == 0 {
		t.Errorf("%+v", fresh)
	}
	if _, reason, err := dial(t, p.MQTT, connect("screen", i.Username, i.Password)); err == nil || reason != 0x86 {
		t.Errorf("the old secret: reason %#x, %v", reason, err)
	}
	if _, _, err := dial(t, p.MQTT, connect("screen", fresh.Username, fresh.Password)); err != nil {
		t.Errorf("the new secret: %v", err)
	}
}

func TestAnIntegratorOfSomeKindsOfFeedsReadsThoseOnly(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, _ := s.enrol("gate")
	i := s.reader(map[string]any{"sites": []string{d.Site}, "feeds": []string{"device"}})
	f, _, err := dial(t, p.MQTT, connect("screen", i.Username, i.Password))
	if err != nil {
		t.Fatal(err)
	}
	root := "gatehouse/v1/feed/" + d.Site
	for _, wide := range []string{root + "/#", root + "/+/#", root + "/+/alarm/#", root + "/" + d.Zone + "/command/+", "$share/" + i.Username + "/" + root + "/+/layer/#"} {
		if reason := f.ask(wide); reason != 0x87 {
			t.Errorf("%s: reason %#x", wide, reason)
		}
	}
	for _, filter := range i.Filters {
		if reason := f.ask(filter); reason > 2 {
			t.Errorf("%s: reason %#x", filter, reason)
		}
	}
	f.next("the gate's feed and the heartbeat, and nothing else before", func(m *paho.Publish) bool {
		if !strings.Contains(m.Topic, "/device/") && !strings.Contains(m.Topic, "/heartbeat/") {
			t.Errorf("it was told of %s", m.Topic)
		}
		return m.Topic == fmt.Sprintf("%s/%s/device/%s", root, d.Zone, d.ID)
	})
}
