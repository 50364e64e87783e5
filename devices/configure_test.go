package devices_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
)

// shelf is a devices.ConfigOutlet that remembers, and can fail.
type shelf struct {
	mu      sync.Mutex
	failing bool
	held    map[devices.DeviceID]wire.ConfigPayload
	put     int
}

func (s *shelf) PutConfig(_ context.Context, to devices.Device, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing {
		return errors.New("the broker is not there")
	}
	s.put++
	if s.held == nil {
		s.held = map[devices.DeviceID]wire.ConfigPayload{}
	}
	delete(s.held, to.ID)
	if payload == nil {
		return nil
	}
	p, err := wire.DecodeConfig(payload)
	s.held[to.ID] = p
	return err
}

func (s *shelf) of(d devices.DeviceID) wire.ConfigPayload {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[d]
}

func (s *shelf) fail(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = is
}

// configure sets what a device is wanted to be, from the revision that it has.
func (w *world) configure(d devices.Device, texts map[string]string) devices.Live {
	w.t.Helper()
	l, err := w.c.Device(context.Background(), d.ID)
	w.must(err)
	l, err = w.c.Configure(context.Background(), guard, d.ID, l.Config.Revision, texts)
	w.must(err)
	return l
}

// runs has a device report a configuration.
func (w *world) runs(d devices.Device, revision int64, settings map[string]string) {
	w.t.Helper()
	w.must(w.report(d, wire.State, wire.StatePayload{
		At: time.Now().UnixMilli(), Physical: "closed", Config: revision, Settings: settings, Capabilities: capabilities[d.Kind],
	}))
}

func (w *world) status(d devices.Device, want devices.ConfigStatus) {
	w.t.Helper()
	l, err := w.c.Device(context.Background(), d.ID)
	w.must(err)
	if l.Configured != want {
		w.t.Errorf("the configuration is %q, want %q: wanted %+v, reported %d %v", l.Configured, want, l.Config, l.State.Config, l.State.Settings)
	}
}

var fast = map[string]string{"form": "barrier", "pulse": "500", "open_time": "30", "fail": "safe", "heartbeat": "20"}

func TestConfigurationReachesItsDeviceAndOutlivesARestart(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		if got := w.shelf.of(w.gate.ID); got.Revision != 0 {
			t.Errorf("before anybody wants something: %+v", got)
		}
		l := w.configure(w.gate, fast)
		if l.Config.Revision != 1 || l.Config.By.Name != guard.Name || !maps.Equal(l.Config.Settings.Texts(), fast) {
			t.Errorf("configured: %+v", l.Config)
		}
		if got := w.shelf.of(w.gate.ID); got.Revision != 1 || !maps.Equal(got.Settings, fast) {
			t.Errorf("the device finds %+v", got)
		}
		if told := w.news.deviceNow(w.gate.ID); told.Config != l.Config || told.Revision != l.Revision {
			t.Errorf("the feed says %+v", told.Config)
		}
		w.configure(w.gate, fast) // again
		if got := w.shelf.of(w.gate.ID); got.Revision != 1 {
			t.Errorf("the same again made revision %d", got.Revision)
		}
		w.shelf.held = nil // as a broker that lost it
		w.restart()
		if got := w.shelf.of(w.gate.ID); got.Revision != 1 || !maps.Equal(got.Settings, fast) {
			t.Errorf("after a start the device finds %+v", got)
		}
		rows, err := w.c.Audit(context.Background(), 0, 1)
		w.must(err)
		if rows[0].Verb != "device.configure" || !strings.Contains(rows[0].Detail, `"pulse":"500"`) {
			t.Errorf("audited is %+v", rows[0])
		}
	})
}

func TestConfigurationIsPutOnceTheBrokerIsThere(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.shelf.fail(true)
		w.configure(w.gate, fast)
		w.configure(w.gate, map[string]string{"pulse": "600"})
		if got := w.shelf.of(w.gate.ID); got.Revision != 0 {
			t.Errorf("put: %+v", got)
		}
		w.shelf.fail(false)
		time.Sleep(10 * time.Second)
		if got := w.shelf.of(w.gate.ID); got.Revision != 2 || got.Settings["pulse"] != "600" || len(got.Settings) != 1 {
			t.Errorf("the device finds %+v", got)
		}
	})
}

func TestDriftIsWhateverADeviceReportsOtherwise(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.status(w.gate, devices.ConfigNone)
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		w.configure(w.gate, fast)
		w.status(w.gate, devices.ConfigPending)
		w.runs(w.gate, 1, fast)
		w.status(w.gate, devices.ConfigApplied)

		slow := maps.Clone(fast)
		slow["pulse"] = "501"
		w.runs(w.gate, 1, slow) // somebody turned a knob
		w.status(w.gate, devices.ConfigPending)
		time.Sleep(31 * time.Second)
		w.status(w.gate, devices.ConfigDrifting)
		l, err := w.c.Device(context.Background(), w.gate.ID)
		w.must(err)
		want := devices.Difference{Setting: "pulse", Desired: "500", Reported: "501"}
		if d := l.Config.Differences(l.State.Settings); len(d) != 1 || d[0] != want {
			t.Errorf("the differences are %+v", d)
		}

		more := maps.Clone(fast)
		more["volume"] = "11" // its own affair
		w.runs(w.gate, 1, more)
		w.status(w.gate, devices.ConfigApplied)
		w.runs(w.gate, 7, fast)
		w.status(w.gate, devices.ConfigDrifting)
		w.runs(w.gate, 0, nil)
		w.status(w.gate, devices.ConfigUnreported)
		w.runs(w.gate, 0, slow)
		w.status(w.gate, devices.ConfigDrifting)
		if told := w.news.deviceNow(w.gate.ID); told.Configured != devices.ConfigDrifting {
			t.Errorf("the feed says %q", told.Configured)
		}
		w.down(w.gate, "")
		w.status(w.gate, devices.ConfigUnknown)
		w.up(w.gate)
		w.runs(w.gate, 0, slow)
		w.status(w.gate, devices.ConfigPending) // the broker has only just handed it out
	})
}

func TestThatADeviceIgnoresItsConfigurationIsToldWithItsNextReport(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.runs(w.gate, 0, nil)
		w.configure(w.gate, fast)
		w.runs(w.gate, 0, nil)
		if told := w.news.deviceNow(w.gate.ID).Configured; told != devices.ConfigPending {
			t.Errorf("at once: %q", told)
		}
		time.Sleep(45 * time.Second)
		w.runs(w.gate, 0, nil)
		if told := w.news.deviceNow(w.gate.ID).Configured; told != devices.ConfigUnreported {
			t.Errorf("after its time: %q", told)
		}
	})
}

func TestConfigurationThatMakesNoSenseIsRefusedWithWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		for _, test := range []struct {
			d     devices.Device
			texts map[string]string
			field string
		}{
			{w.gate, map[string]string{"pulse": "99"}, "settings.pulse"},
			{w.gate, map[string]string{"pulse": "30001"}, "settings.pulse"},
			{w.gate, map[string]string{"pulse": "half"}, "settings.pulse"},
			{w.gate, map[string]string{"pulse": "-500"}, "settings.pulse"},
			{w.gate, map[string]string{"pulse_in": "500"}, "settings.pulse_in"},
			{w.gate, map[string]string{"open_time": "4"}, "settings.open_time"},
			{w.gate, map[string]string{"open_time": "3601"}, "settings.open_time"},
			{w.gate, map[string]string{"form": "portcullis"}, "settings.form"},
			{w.gate, map[string]string{"fail": "soft"}, "settings.fail"},
			{w.gate, map[string]string{"heartbeat": "4"}, "settings.heartbeat"},
			{w.gate, map[string]string{"heartbeat": "61"}, "settings.heartbeat"},
			{w.gate, map[string]string{"volume": "11"}, "settings.volume"},
			{w.lane, map[string]string{"form": "door"}, "settings.form"},
			{w.lane, map[string]string{"pulse_out": "5"}, "settings.pulse_out"},
			{w.camera, map[string]string{"fail": "safe"}, "settings.fail"},
		} {
			_, err := w.c.Configure(context.Background(), guard, test.d.ID, 0, test.texts)
			var e *devices.Error
			if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != test.field || e.Message == "" {
				t.Errorf("%s %v: %v", test.d.Kind, test.texts, err)
			}
		}
		w.configure(w.lane, map[string]string{"pulse_in": "100", "pulse_out": "30000", "open_time": "3600", "fail": "secure", "heartbeat": "5"})
		w.configure(w.camera, map[string]string{"heartbeat": "60"})
		_, err := w.c.Configure(context.Background(), guard, "none", 0, nil)
		if devices.CodeOf(err) != devices.NotFound {
			t.Errorf("an unknown device: %v", err)
		}
	})
}

func TestTwoWhoConfigureAtOnceDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.configure(w.gate, fast)
		_, err := w.c.Configure(ctx, guard, w.gate.ID, 0, map[string]string{"pulse": "700"})
		if devices.CodeOf(err) != devices.Conflict {
			t.Errorf("from an old revision: %v", err)
		}
		// A commit that was reported as an error, and stands: the next one learns of it.
		own := devices.Configuration{Revision: 2, Settings: devices.Settings{Pulse: time.Second}, At: time.Now()}
		_, err = w.store.SaveConfig(ctx, w.gate.ID, own, devices.AuditEntry{})
		w.must(err)
		_, err = w.c.Configure(ctx, guard, w.gate.ID, 1, map[string]string{"pulse": "700"})
		if devices.CodeOf(err) != devices.Conflict {
			t.Errorf("over one that was stored: %v", err)
		}
		if got := w.shelf.of(w.gate.ID); got.Revision != 2 || got.Settings["pulse"] != "1000" {
			t.Errorf("the device finds %+v", got)
		}
		w.configure(w.gate, map[string]string{"pulse": "700"})
		if got := w.shelf.of(w.gate.ID); got.Revision != 3 {
			t.Errorf("the device finds %+v", got)
		}
	})
}

func TestASuccessorIsWantedAsTheOldOneWas(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.configure(w.gate, map[string]string{"pulse": "400"})
		w.configure(w.gate, fast)
		heir, err := w.c.Replace(ctx, guard, w.gate.ID, "hit by a lorry")
		w.must(err)
		if got := w.shelf.of(heir.Device.ID); got.Revision != 2 || !maps.Equal(got.Settings, fast) {
			t.Errorf("the new one finds %+v", got)
		}
		if got := w.shelf.of(w.gate.ID); got.Revision != 0 {
			t.Errorf("the retired one still finds %+v", got)
		}
		w.configure(heir.Device, map[string]string{"pulse": "800"})
		all, err := w.c.Configs(ctx, heir.Device.ID, 0)
		w.must(err)
		var revisions []int64
		for _, c := range all {
			revisions = append(revisions, c.Revision)
		}
		if len(revisions) != 3 || revisions[0] != 3 || revisions[1] != 2 || revisions[2] != 1 {
			t.Errorf("the revisions are %v", revisions)
		}
		w.restart()
		if got := w.shelf.of(heir.Device.ID); got.Revision != 3 {
			t.Errorf("after a start the new one finds %+v", got)
		}
	})
}

func TestSettingsComeBackFromTheirTexts(t *testing.T) {
	t.Parallel()
	for _, kind := range devices.Kinds() {
		for _, name := range devices.SettingsFor(kind) {
			text := map[string]string{"form": "sliding", "fail": "secure"}[name]
			if text == "" {
				text = "120"
			}
			if name == "heartbeat" {
				text = "45"
			}
			texts := map[string]string{name: text, "": ""}
			delete(texts, "")
			s, wrong := devices.ReadSettings(kind, texts)
			if len(wrong) > 0 || !maps.Equal(s.Texts(), texts) || devices.StoredSettings(texts) != s {
				t.Errorf("%s %v: %+v, %v", kind, texts, s, wrong)
			}
		}
	}
}
