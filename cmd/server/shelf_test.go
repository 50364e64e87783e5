package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"gatehouse/devices/wire"
)

func TestADeviceFindsItsConfigurationWheneverItComes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	var seen struct {
		Revision int64
		Status   string
	}
	s.must(http.MethodPut, "/devices/"+d.ID+"/config", map[string]any{"base": 0, "settings": map[string]string{"pulse": "500", "form": "door"}}, 200, &seen)

	topic := c.TopicPrefix + "/config"
	next := func(g *foreign, revision int64, pulse string) {
		t.Helper()
		m := g.next("its configuration", func(m *paho.Publish) bool { return m.Topic == topic })
		got, err := wire.DecodeConfig(m.Payload)
		if err != nil || got.Revision != revision || got.Settings["pulse"] != pulse || m.QoS != 1 {
			t.Errorf("QoS %d, %s: %v; want revision %d, pulse %s", m.QoS, m.Payload, err, revision, pulse)
		}
	}
	comes := func() *foreign {
		t.Helper()
		g, _, err := dial(t, p.MQTT, connect(c.ClientID, c.Username, c.Password))
		if err != nil {
			t.Fatal(err)
		}
		if r := g.ask(topic); r > 2 {
			t.Fatalf("subscribe: reason %#x", r)
		}
		return g
	}
	g := comes()
	next(g, 1, "500")
	s.must(http.MethodPut, "/devices/"+d.ID+"/config", map[string]any{"base": 1, "settings": map[string]string{"pulse": "700"}}, 200, nil)
	next(g, 2, "700")
	report := fmt.Sprintf(`{"at":%d,"capabilities":[],"config":2,"settings":{"pulse":"700"}}`, time.Now().UnixMilli())
	if _, err := g.send(c.TopicPrefix+"/state", 1, true, []byte(report)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it runs what is wanted", func() bool {
		s.get("/devices/"+d.ID+"/config", &seen)
		return seen.Status == "applied"
	})
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = runProgram(t, dir, false)
	s = signIn(t, p)
	next(comes(), 2, "700")
	if status, _ := s.call(http.MethodPut, "/devices/"+d.ID+"/config", map[string]any{"base": 1, "settings": map[string]string{}}); status != http.StatusConflict {
		t.Errorf("from an old revision: %d", status)
	}
}
