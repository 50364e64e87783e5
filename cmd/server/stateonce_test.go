package main

import (
	"net/url"
	"testing"
)

// A device reports every minute. What is new in it is stored by the domain; the
// retained message must not cost another write to the disk.
func TestAStateThatADeviceReportedIsStoredOnceAndRetainedUntilTheServerStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	retained := func(s *staff) int {
		var list struct{ Messages []struct{ Topic string } }
		s.get("/broker/retained?filter="+url.QueryEscape(g.prefix+"/state"), &list)
		return len(list.Messages)
	}
	if n := retained(s); n != 1 {
		t.Errorf("%d retained states, want 1", n)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = runProgram(t, dir, false)
	s = signIn(t, p)
	if n := retained(s); n != 0 {
		t.Errorf("%d retained states of the last run", n)
	}
	if now := s.device(d.ID); now.Link.Cause == "" {
		t.Errorf("the device after a restart: %+v", now)
	}
	connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed again", func() bool { return s.device(d.ID).Physical == "closed" && retained(s) == 1 })
}
