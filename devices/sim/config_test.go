package sim

import (
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices/wire"
)

func want(d *Device, revision int64, settings map[string]string) {
	d.Receive(wire.Topic("s1", d.id.ID, wire.Config), encode(wire.ConfigPayload{Revision: revision, Settings: settings}))
	synctest.Wait()
}

func lastState(t *testing.T, b *broker) wire.StatePayload {
	t.Helper()
	all := on[wire.StatePayload](t, b, wire.State)
	return all[len(all)-1]
}

// stays is how long a gate stands open after an open.
func stays(t *testing.T, d *Device, b *broker, id string) time.Duration {
	t.Helper()
	order(d, wire.CommandPayload{ID: id, Action: "open"})
	time.Sleep(travel)
	synctest.Wait()
	opened := time.Now()
	for lastState(t, b).Physical == isOpen {
		time.Sleep(time.Millisecond)
		synctest.Wait()
	}
	took := time.Since(opened)
	time.Sleep(2 * travel)
	synctest.Wait()
	return took
}

func TestPulseIsHowLongAGateStaysOpenAndIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept Memory
		d := start(t, Options{Save: func(m Memory) { kept = m }}, identity(Gate, "g1")).Device("g1")
		b := plug(d)
		if s := lastState(t, b); s.Config != 0 || s.Settings["pulse"] != "3000" {
			t.Errorf("from the factory it runs %d %v", s.Config, s.Settings)
		}
		if took := stays(t, d, b, "c-1"); took != 3*time.Second {
			t.Errorf("from the factory it stays open for %v", took)
		}
		want(d, 4, map[string]string{"pulse": "700", "heartbeat": "10", "volume": "11"})
		s := lastState(t, b)
		if s.Config != 4 || s.Settings["pulse"] != "700" || s.Settings["open_time"] != "60" || s.Heartbeat != 10 || s.Settings["volume"] != "" {
			t.Errorf("it runs %d %v, heartbeat %d", s.Config, s.Settings, s.Heartbeat)
		}
		if took := stays(t, d, b, "c-2"); took != 700*time.Millisecond {
			t.Errorf("it stays open for %v", took)
		}
		before := len(on[wire.StatePayload](t, b, wire.State))
		time.Sleep(time.Minute)
		synctest.Wait()
		if beats := len(on[wire.StatePayload](t, b, wire.State)) - before; beats != 6 {
			t.Errorf("%d reports in a minute, want 6", beats)
		}
		again := start(t, Options{Memory: kept}, identity(Gate, "g1")).Device("g1")
		if s := lastState(t, plug(again)); s.Config != 4 || s.Settings["pulse"] != "700" {
			t.Errorf("after power came back it runs %d %v", s.Config, s.Settings)
		}
		d.Receive(wire.Topic("s1", "g1", wire.Config), nil) // nothing is wanted any more
		synctest.Wait()
		if s := lastState(t, b); s.Config != 0 || s.Settings["pulse"] != "3000" {
			t.Errorf("without one it runs %d %v", s.Config, s.Settings)
		}
	})
}

func TestADeviceThatIgnoresItsConfigurationSaysWhatItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, Options{}, identity(Turnstile, "t1")).Device("t1")
		plug(d)
		want(d, 1, map[string]string{"pulse_in": "500"})
		if err := d.IgnoreConfig(true); err != nil {
			t.Fatal(err)
		}
		want(d, 2, map[string]string{"pulse_in": "900"})
		d.Disconnected()
		b := plug(d)
		if s := lastState(t, b); s.Config != 1 || s.Settings["pulse_in"] != "500" {
			t.Errorf("it runs %d %v", s.Config, s.Settings)
		}
		if err := d.IgnoreConfig(false); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s := lastState(t, b); s.Config != 2 || s.Settings["pulse_in"] != "900" {
			t.Errorf("when it listens again it runs %d %v", s.Config, s.Settings)
		}
	})
}
