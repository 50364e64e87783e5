package replay_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/replay"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// house is a site of gates to which things happened.
type house struct {
	devices []devices.Live
	parts   map[replay.Kind]replay.Part
	asked   []replay.Kind
}

func newHouse(gates int) *house {
	h := &house{parts: map[replay.Kind]replay.Part{}}
	for i := range gates {
		h.devices = append(h.devices, devices.Live{Device: devices.Device{ID: devices.DeviceID(fmt.Sprintf("d%02d", i)), Site: "s", Zone: "z", Kind: devices.Gate, Name: fmt.Sprintf("Gate %02d", i)}})
	}
	return h
}

func (h *house) Read(_ context.Context, k replay.Kind, _ replay.Window) (replay.Part, error) {
	h.asked = append(h.asked, k)
	return h.parts[k], nil
}

func (h *house) Before(_ context.Context, of []devices.DeviceID, _ time.Time) (map[devices.DeviceID]replay.Before, error) {
	all := map[devices.DeviceID]replay.Before{}
	for _, id := range of {
		all[id] = replay.Before{Connected: true, Cause: string(id)}
	}
	return all, nil
}

func (h *house) Device(_ context.Context, id devices.DeviceID) (devices.Live, error) {
	for _, l := range h.devices {
		if l.Device.ID == id {
			return l, nil
		}
	}
	return devices.Live{}, &devices.Error{Code: devices.NotFound}
}
func (h *house) Devices() []devices.Live { return h.devices }
func (h *house) Retired() []devices.Live { return nil }
func (h *house) Zones() []devices.Zone   { return []devices.Zone{{ID: "z", Site: "s"}} }
func (h *house) Site(id devices.SiteID) (devices.Site, error) {
	return devices.Site{ID: id, TimeZone: "UTC"}, nil
}
func (h *house) Line(id devices.DeviceID) []devices.DeviceID { return []devices.DeviceID{id} }

func (h *house) tell(t *testing.T, q replay.Query) replay.Replay {
	t.Helper()
	r, err := replay.New(h, h).Replay(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func event(at time.Duration, id string) replay.Line {
	return replay.Line{At: noon.Add(at), Kind: replay.Event, Device: "d00", Key: id, Event: &devices.Event{Device: "d00", ID: devices.EventID(id), Type: "passage", Result: "granted"}}
}

func hour(q replay.Query) replay.Query {
	q.From, q.To = noon, noon.Add(time.Hour)
	return q
}

func TestOfOneMomentCausesComeBeforeEffects(t *testing.T) {
	t.Parallel()
	h := newHouse(1)
	for i, k := range replay.Kinds() {
		l := event(0, "e")
		l.Kind, l.N = k, int64(-i)
		l.Switch, l.Act = nil, &devices.AuditRow{AuditEntry: devices.AuditEntry{Verb: "device.rename", Object: "device:d00", Outcome: devices.OutcomeOK}}
		if k == replay.Switch {
			continue
		}
		l.Layer = &devices.Layer{Setting: arbiter.Setting{Scope: arbiter.Scope{Kind: arbiter.OfSite}}}
		h.parts[k] = replay.Part{Lines: []replay.Line{l}}
	}
	r := h.tell(t, hour(replay.Query{Device: "d00", Audit: true}))
	want := []replay.Kind{replay.Act, replay.Layer, replay.Command, replay.Link, replay.Change, replay.Event, replay.Picture, replay.Alarm}
	if len(r.Lines) != len(want) {
		t.Fatalf("%d lines", len(r.Lines))
	}
	for i, l := range r.Lines {
		if l.Kind != want[i] {
			t.Errorf("line %d is a %s, want %s", i, l.Kind, want[i])
		}
	}
}

func TestWhatOneKindMayLackCutsTheOthersThere(t *testing.T) {
	t.Parallel()
	h := newHouse(1)
	h.parts[replay.Event] = replay.Part{Lines: []replay.Line{event(time.Minute, "a"), event(2*time.Minute, "b")}, UpTo: noon.Add(2 * time.Minute)}
	late := event(3*time.Minute, "c")
	late.Kind = replay.Picture
	h.parts[replay.Picture] = replay.Part{Lines: []replay.Line{late}}
	r := h.tell(t, hour(replay.Query{Device: "d00"}))
	if len(r.Lines) != 2 || !r.UpTo.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("%d lines, whole up to %s", len(r.Lines), r.UpTo)
	}
}

func TestTheAuditTrailIsNotEvenReadForThoseWhoMayNotSeeIt(t *testing.T) {
	t.Parallel()
	h := newHouse(1)
	h.tell(t, hour(replay.Query{Site: "s"}))
	for _, k := range h.asked {
		if k == replay.Act {
			t.Error("it was read")
		}
	}
}

func TestQuietDevicesAreCountedWhereTheyAreMany(t *testing.T) {
	t.Parallel()
	h := newHouse(30)
	h.parts[replay.Event] = replay.Part{Lines: []replay.Line{event(0, "a")}}
	r := h.tell(t, hour(replay.Query{Zone: "z"}))
	if len(r.Lanes) != 1 || r.Quiet != 29 || r.Lanes[0].Before.Cause != "d00" {
		t.Errorf("%d devices, %d quiet: %+v", len(r.Lanes), r.Quiet, r.Lanes)
	}
	h.devices = h.devices[:5]
	if r := h.tell(t, hour(replay.Query{Zone: "z"})); len(r.Lanes) != 5 || r.Quiet != 0 {
		t.Errorf("of few: %d devices, %d quiet", len(r.Lanes), r.Quiet)
	}
}

func TestAQuestionThatCannotBeAnsweredNamesItsField(t *testing.T) {
	t.Parallel()
	h := newHouse(1)
	for name, c := range map[string]struct {
		q     replay.Query
		field string
		code  devices.Code
	}{
		"nothing named":    {hour(replay.Query{}), "device", devices.Invalid},
		"two named":        {hour(replay.Query{Site: "s", Zone: "z"}), "device", devices.Invalid},
		"no such device":   {hour(replay.Query{Device: "d9"}), "", devices.NotFound},
		"no such zone":     {hour(replay.Query{Zone: "z9"}), "", devices.NotFound},
		"no beginning":     {replay.Query{Site: "s", To: noon}, "from", devices.Invalid},
		"an end before it": {replay.Query{Site: "s", From: noon, To: noon}, "to", devices.Invalid},
		"too long":         {replay.Query{Site: "s", From: noon, To: noon.Add(25 * time.Hour)}, "to", devices.Invalid},
		"too many":         {hour(replay.Query{Site: "s", Limit: 9999}), "limit", devices.Invalid},
	} {
		_, err := replay.New(h, h).Replay(context.Background(), c.q)
		var e *devices.Error
		if devices.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		} else if e = asError(err); e.Field != c.field {
			t.Errorf("%s: field %q, want %q", name, e.Field, c.field)
		}
	}
}

func asError(err error) *devices.Error {
	e, _ := err.(*devices.Error) //nolint:errorlint // it is not wrapped
	return e
}

func TestRowsOfTheTrailTellOfLayers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verb, object, detail, outcome string
		want                          string // "" is no layer
	}{
		{"layer.hold_open", "layer:hold.device.d1", `{"mode":"held_open","reason":"fair"}`, "ok", "hold device d1  held_open true fair"},
		{"layer.release", "layer:hold.device.d1.in", `{"mode":"controlled"}`, "ok", "hold device d1 in controlled false "},
		{"layer.lock_down", "layer:lockdown.zone.z1", `{"mode":"locked_down"}`, "ok", "lockdown zone z1  locked_down true "},
		{"layer.expired", "layer:lockdown.site", `{"mode":"controlled"}`, "ok", "lockdown site   controlled false "},
		{"fire.release", "fire:lobby", `{"reason":"alarm"}`, "ok", "fire group lobby  fire_release true alarm"},
		{"fire.end", "fire:lobby", `{}`, "ok", "fire group lobby  controlled false "},
		{"fire.wire", "fire:lobby", `{}`, "ok", ""},
		{"layer.hold_open", "layer:hold.device.d1", `{"mode":"held_open"}`, "refused", ""},
		{"layer.schedule", "timetable:t1", `{"mode":"held_open"}`, "ok", ""},
		{"device.command", "device:d1", `{}`, "ok", ""},
	} {
		l, is := replay.LayerOf(devices.AuditRow{AuditEntry: devices.AuditEntry{Verb: c.verb, Object: c.object, Detail: c.detail, Outcome: c.outcome, Site: "s"}})
		got := fmt.Sprintf("%s %s %s %s %s %v %s", l.Layer, l.Scope.Kind, l.Scope.ID, l.Scope.Direction, l.Mode, l.Set, l.Reason)
		if !is {
			got = ""
		}
		if got != c.want {
			t.Errorf("%s of %s is %q, want %q", c.verb, c.object, got, c.want)
		}
	}
}
