package timetable_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/calendar"
	caltest "gatehouse/devices/calendar/storetest"
	"gatehouse/devices/timetable"
	"gatehouse/devices/timetable/storetest"
)

// place names an opening.
type place struct {
	device    devices.DeviceID
	direction string
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func open(from, to timetable.Clock) timetable.Period {
	return timetable.Period{From: from, To: to, Mode: devices.HeldOpen}
}

// world is a property with a clock that stands still: two gates and a turnstile in zone z of
// site s (Shanghai), and one gate in zone y.
type world struct {
	t        testing.TB
	zone     string // of its sites
	mu       sync.Mutex
	now      time.Time
	openings []devices.Opening
	known    map[devices.DeviceID]devices.Opening // instead of openings, where they are many
	layers   map[place]devices.Layer
	switched []string // what was set and released, in order
	refuses  error    // of the layers
	reports  map[place]devices.Mode
	stronger map[place]arbiter.Setting
	alarms   []string
	store    *storetest.Memory
	calendar *calendar.Service
	service  *timetable.Service
}

var shanghai = "Asia/Shanghai"

// morning is a Monday, 06:00 in Shanghai.
var morning = time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, zone: shanghai, now: morning, store: &storetest.Memory{}, layers: map[place]devices.Layer{}, reports: map[place]devices.Mode{}, stronger: map[place]arbiter.Setting{}}
	for _, o := range []struct {
		zone, device, direction string
	}{{"z", "g1", ""}, {"z", "g2", ""}, {"z", "t1", "in"}, {"z", "t1", "out"}, {"y", "g3", ""}} {
		kind := devices.Gate
		if o.direction != "" {
			kind = devices.Turnstile
		}
		w.openings = append(w.openings, devices.Opening{Site: "s", Zone: devices.ZoneID(o.zone), Device: devices.DeviceID(o.device), Direction: o.direction, Kind: kind, Name: o.device})
	}
	var err error
	w.calendar, err = calendar.New(calendar.Deps{Store: &caltest.Memory{}, Sites: w, Now: w.clock, Changed: func(of devices.SiteID) { w.service.CalendarChanged(of) }})
	w.ok(err)
	w.start()
	return w
}

// start begins another life of the program over the same store and layers.
func (w *world) start() {
	w.service = timetable.New(timetable.Deps{
		Store: w.store, Layers: w, Places: places{w}, Days: w.calendar, Now: w.clock,
		Alarm: func(d devices.DeviceID, detail string) { w.alarms = append(w.alarms, string(d)+": "+detail) },
	})
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// at sets the clock to a time of day in Shanghai on the present day there, and lets the program
// work.
func (w *world) at(clock string) {
	w.t.Helper()
	w.set(clock)
	w.tick()
}

func (w *world) set(clock string) {
	w.t.Helper()
	z := zone(w.t, shanghai)
	c, err := time.Parse("15:04:05", clock)
	w.ok(err)
	y, m, d := w.now.In(z).Date()
	w.now = time.Date(y, m, d, c.Hour(), c.Minute(), c.Second(), 0, z).UTC()
}

func (w *world) tick() {
	w.t.Helper()
	w.ok(w.service.Work(w.t.Context()))
}

// held says what the schedule layers are.
func (w *world) held() string {
	var all []string
	for at, l := range w.layers {
		if l.Until.IsZero() || w.now.Before(l.Until) {
			all = append(all, fmt.Sprintf("%s%s %s until %s", at.device, at.direction, l.Mode, l.Until.In(zone(w.t, shanghai)).Format("15:04")))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (w *world) wantHeld(want string) {
	w.t.Helper()
	if got := w.held(); got != want {
		w.t.Errorf("at %s held is %q, want %q", w.now.In(zone(w.t, shanghai)).Format("15:04:05"), got, want)
	}
}

// runs says what became of the switches, the newest first.
func (w *world) runs(q timetable.RunQuery) string {
	w.t.Helper()
	runs, err := w.store.Runs(w.t.Context(), q)
	w.ok(err)
	var all []string
	for _, r := range runs {
		text := fmt.Sprintf("%s %s %s %s", r.Due.In(zone(w.t, shanghai)).Format("15:04"), r.Why, r.Mode, r.Outcome)
		if r.Detail != "" {
			text += " (" + r.Detail + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func (w *world) wantRuns(want string) {
	w.t.Helper()
	if got := w.runs(timetable.RunQuery{}); got != want {
		w.t.Errorf("runs are %q, want %q", got, want)
	}
}

// results says what the newest run did to each opening.
func (w *world) results() string {
	w.t.Helper()
	runs, err := w.store.Runs(w.t.Context(), timetable.RunQuery{Limit: 1})
	w.ok(err)
	results, err := w.store.Results(w.t.Context(), runs[0].Timetable, runs[0].Due)
	w.ok(err)
	var all []string
	for _, r := range results {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s%s %s %s %s %s", r.Device, r.Direction, r.Effect, r.Detail, r.Check, r.Found)))
	}
	return strings.Join(all, ", ")
}

var wang = devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Wang"}

func (w *world) create(name string, week timetable.Week, targets ...timetable.Target) timetable.View {
	w.t.Helper()
	v, err := w.service.Create(w.t.Context(), wang, timetable.Draft{Name: name, Week: week, Targets: targets})
	w.ok(err)
	return v
}

func everyDay(periods ...timetable.Period) timetable.Week {
	w := timetable.Week{}
	for _, c := range timetable.Columns() {
		w[c] = periods
	}
	return w
}

var (
	zoneZ    = timetable.Target{Kind: timetable.OfZone, ID: "z"}
	gate1    = timetable.Target{Kind: timetable.OfDevice, ID: "g1"}
	lanes    = timetable.Target{Kind: timetable.OfDevice, ID: "t1"}
	site     = timetable.Target{Kind: timetable.OfSite, ID: "s"}
	lockdown = arbiter.Setting{Layer: arbiter.Lockdown, Mode: devices.LockedDown, By: arbiter.Who{Name: "Li"}}
	closed   = func(from, to timetable.Clock) timetable.Period {
		return timetable.Period{From: from, To: to, Mode: devices.HeldClosed}
	}
)

// SetSchedules implements timetable.Layers.
func (w *world) SetSchedules(_ context.Context, wanted []devices.ScheduleSetting) (all []devices.Layer, _ error) {
	if w.refuses != nil {
		return nil, w.refuses
	}
	for _, x := range wanted {
		at := place{x.Device, x.Direction}
		w.switched = append(w.switched, fmt.Sprintf("%s%s %s", at.device, at.direction, x.Mode))
		if x.Mode == devices.Controlled {
			delete(w.layers, at)
			continue
		}
		w.layers[at] = devices.Layer{Set: true, Setting: arbiter.Setting{
			Layer: arbiter.Schedule, Scope: arbiter.Scope{Kind: arbiter.OfDevice, Site: "s", ID: string(x.Device), Direction: x.Direction},
			Mode: x.Mode, By: arbiter.Who{Kind: string(x.By.Kind), ID: x.By.ID, Name: x.By.Name}, Since: w.clock(), Until: x.Until,
		}}
		all = append(all, w.layers[at])
	}
	return all, nil
}

// ScheduleLayers implements timetable.Layers.
func (w *world) ScheduleLayers() (all []devices.Layer) {
	for at, l := range w.layers {
		if !l.Until.IsZero() && !w.clock().Before(l.Until) {
			delete(w.layers, at) // as control ends them by itself
			continue
		}
		all = append(all, l)
	}
	return all
}

// Openings implements timetable.Layers.
func (w *world) Openings() []devices.Opening { return slices.Clone(w.openings) }

// Standing implements timetable.Layers.
func (w *world) Standing(d devices.DeviceID, direction string) (devices.Standing, bool) {
	at := place{d, direction}
	for _, o := range w.openings {
		if o.Device != d || o.Direction != direction {
			continue
		}
		s := devices.Standing{Opening: o, Online: w.reports[at] != "offline", Able: true, Reported: w.reports[at]}
		if x, ok := w.stronger[at]; ok {
			s.Stack = append(s.Stack, x)
		}
		if l, ok := w.layers[at]; ok {
			s.Stack = append(s.Stack, l.Setting)
		}
		if s.Reported == "" {
			s.Reported = s.Stack.Mode()
		}
		return s, true
	}
	return devices.Standing{}, false
}

// Site implements calendar.Sites.
func (w *world) Site(_ context.Context, id devices.SiteID) (devices.Site, error) {
	return places{w}.Site(id)
}

// places is what the service asks about places.
type places struct{ w *world }

func (p places) Site(id devices.SiteID) (devices.Site, error) {
	if id != "s" && id != "s2" {
		return devices.Site{}, &devices.Error{Op: "site", Code: devices.NotFound}
	}
	return devices.Site{ID: id, Name: "site", TimeZone: p.w.zone}, nil
}

func (places) Zones() []devices.Zone {
	return []devices.Zone{{ID: "z", Site: "s"}, {ID: "y", Site: "s"}, {ID: "x", Site: "s2"}}
}

func (p places) Registered(id devices.DeviceID) (devices.Device, bool) {
	if id == "c1" {
		return devices.Device{ID: id, Site: "s", Zone: "z", Kind: devices.Camera}, true
	}
	among := p.w.openings
	if p.w.known != nil {
		among = []devices.Opening{p.w.known[id]}
	}
	for _, o := range among {
		if o.Device == id {
			return devices.Device{ID: id, Site: o.Site, Zone: o.Zone, Kind: o.Kind, Name: o.Name}, true
		}
	}
	return devices.Device{}, false
}
