package web

import (
	"context"
	"maps"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// wanted is what the fakes have been told of a gate.
var wanted = devices.Configuration{
	Revision: 3, At: noon, By: arbiter.Who{Kind: "operator", ID: "o1", Name: "Wang"},
	Settings: devices.Settings{Pulse: 500 * time.Millisecond, Fail: devices.FailSafe},
}

func (c *control) Configure(_ context.Context, a devices.Actor, id devices.DeviceID, base int64, settings map[string]string) (devices.Live, error) {
	c.actor, c.asked = a, [3]any{id, base, maps.Clone(settings)["pulse"]}
	return gateLive(), c.err
}

func (c *control) Configs(context.Context, devices.DeviceID, int) ([]devices.Configuration, error) {
	return []devices.Configuration{wanted}, c.err
}

func TestConfigurationIsShownBesideWhatTheDeviceReports(t *testing.T) {
	t.Parallel()
	l := gateLive()
	l.Config, l.Configured = wanted, devices.ConfigDrifting
	l.State.Config, l.State.Settings = 2, map[string]string{"pulse": "700", "form": "barrier", "volume": "11"}
	c := configurationOf(l, []devices.Configuration{wanted})
	if c.Revision != 3 || c.Reported != 2 || c.Status != "drifting" || c.By != "Wang" || !c.Changed.Equal(noon) || len(c.History) != 1 ||
		c.History[0].Settings["fail"] != "safe" || len(c.Others) != 1 || c.Others[0] != (OtherSetting{"volume", "11"}) {
		t.Errorf("%+v", c)
	}
	want := map[string]SettingState{
		"form":      {Desired: "", Reported: "barrier"},
		"pulse":     {Desired: "500", Reported: "700", Differs: true, Min: 100, Max: 30000, Unit: "ms"},
		"open_time": {Min: 5, Max: 3600, Unit: "s"},
		"fail":      {Desired: "safe", Differs: true},
		"heartbeat": {Min: 5, Max: 60, Unit: "s"},
	}
	if len(c.Settings) != len(want) {
		t.Errorf("%d settings, want %d", len(c.Settings), len(want))
	}
	for _, s := range c.Settings {
		w := want[s.Name]
		if s.Desired != w.Desired || s.Reported != w.Reported || s.Differs != w.Differs || s.Min != w.Min || s.Max != w.Max || s.Unit != w.Unit {
			t.Errorf("%+v, want %+v", s, w)
		}
		if options := map[string]int{"form": 3, "fail": 2}[s.Name]; len(s.Options) != options {
			t.Errorf("%s may be one of %v", s.Name, s.Options)
		}
	}
}

func TestDevicesAreConfigured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const body = `{"base":3,"settings":{"pulse":"600"}}`
	h.admin("PUT", "/devices/d1/config", body).wants(200)
	if h.control.asked != [3]any{devices.DeviceID("d1"), int64(3), "600"} || h.control.actor != wang {
		t.Errorf("asked %v by %+v", h.control.asked, h.control.actor)
	}
	h.admin("GET", "/devices/d1/config", "").wants(200)
	h.admin("GET", "/devices/d9/config", "").problem(404, "not_found")
	h.control.err = refusal(devices.Invalid, "settings.pulse", "must be a whole number from 100 to 30000 (ms)")
	h.admin("PUT", "/devices/d1/config", body).names("body.settings.pulse")
	h.control.err = refusal(devices.Conflict, "base", "the configuration is at revision 4 by now: look at it again")
	h.admin("PUT", "/devices/d1/config", body).problem(409, "conflict")
}
