package alarms_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
	"gatehouse/devices/storetest"
)

var (
	gate  = devices.Device{ID: "g1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "东门"}
	lane  = devices.Device{ID: "t1", Site: "s1", Zone: "z1", Kind: devices.Turnstile, Name: "Lane"}
	guard = devices.Actor{Kind: devices.ActorOperator, ID: "op-1", Name: "王芳", Address: "192.0.2.7"}

	errDisk = errors.New("the disk does not answer")
)

type kept = storetest.Alarms

// stubborn is a Store that can be told to refuse, before or after the commit.
type stubborn struct {
	*kept
	mu            sync.Mutex
	before, after bool
	slow          time.Duration // that it takes
}

func (s *stubborn) Apply(ctx context.Context, c alarms.Change) (devices.Revision, error) {
	s.mu.Lock()
	before, after, slow := s.before, s.after, s.slow
	s.mu.Unlock()
	time.Sleep(slow)
	if before {
		return 0, errDisk
	}
	r, err := s.kept.Apply(ctx, c)
	if err == nil && after {
		return 0, errDisk // committed, and nobody learned of it
	}
	return r, err
}

func (s *stubborn) refuse(before, after bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

// takes has every commit from now on take so long.
func (s *stubborn) takes(slow time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = slow
}

// house is a Service over a store in memory. It stands still while nothing is to be
// done, so that a test can wait for it.
type house struct {
	t      *testing.T
	memory *storetest.Memory
	store  *stubborn
	s      *alarms.Service
	news   devices.News

	end   context.CancelFunc
	ended chan error

	mu   sync.Mutex
	told []alarms.Alarm
	n    int

	taken map[devices.DeviceID]bool // whether it takes its modes; missing: nobody knows
}

// Alarm implements alarms.News.
func (h *house) Alarm(a alarms.Alarm) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.told {
		if o.ID == a.ID && o.Revision > a.Revision {
			h.t.Errorf("alarm %s was told at %d after %d", a.ID, a.Revision, o.Revision)
		}
	}
	h.told = append(h.told, a)
}

type deaf struct{}

func (deaf) Device(devices.Live)                                                   {}
func (deaf) DeviceGone(devices.Live)                                               {}
func (deaf) Command(devices.Command)                                               {}
func (deaf) CommandGone(devices.Command)                                           {}
func (deaf) Layer(devices.Layer)                                                   {}
func (deaf) Today(devices.Site, string, devices.Tally)                             {}
func (deaf) Heartbeat(devices.SiteID, devices.ZoneID, time.Time, devices.Revision) {}

func inHouse(t *testing.T, f func(t *testing.T, h *house)) {
	synctest.Test(t, func(t *testing.T) {
		m := storetest.NewMemory()
		h := &house{t: t, memory: m, store: &stubborn{kept: m.Alarms()}}
		ctx := context.Background()
		entry := devices.AuditEntry{Outcome: devices.OutcomeOK}
		h.must(m.AddSite(ctx, devices.Site{ID: "s1", Name: "Site", TimeZone: "UTC"}, entry))
		h.must(m.AddZone(ctx, devices.Zone{ID: "z1", Site: "s1", Name: "Zone"}, entry))
		for _, d := range []devices.Device{gate, lane} {
			_, err := m.AddDevice(ctx, d, entry)
			h.must(err)
		}
		h.start()
		f(t, h)
		h.stop()
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) start() {
	h.s = alarms.New(alarms.Deps{Store: h.store, News: h, Registered: func(id devices.DeviceID) (devices.Device, bool) {
		for _, d := range []devices.Device{gate, lane} {
			if d.ID == id {
				return d, true
			}
		}
		return devices.Device{}, false
	}, ModesTaken: func(id devices.DeviceID) (taken, known bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		taken, known = h.taken[id]
		return taken, known
	}})
	h.must(h.s.Load(context.Background()))
	h.news = h.s.Listen(deaf{})
	ctx, end := context.WithCancel(context.Background())
	h.end, h.ended = end, make(chan error, 1)
	go func() { h.ended <- h.s.Run(ctx) }()
}

func (h *house) stop() {
	h.end()
	h.must(<-h.ended)
}

// settle lets the Service look at everything.
func (h *house) settle() {
	time.Sleep(2 * time.Second)
	synctest.Wait()
}

// says has a device say an event, and gives its id.
func (h *house) says(d devices.Device, typ string, change ...func(*devices.Event)) devices.EventID {
	h.t.Helper()
	h.n++
	e := devices.Event{
		Device: d.ID, ID: devices.EventID(fmt.Sprintf("e%d", h.n)), Site: d.Site, Zone: d.Zone, Seq: int64(h.n), Type: typ,
		DeviceTime: time.Now().UTC(), ArrivedAt: time.Now().UTC().Truncate(time.Millisecond),
	}
	for _, c := range change {
		c(&e)
	}
	r, _, err := h.memory.AddEvent(context.Background(), e)
	h.must(err)
	e.Revision = r
	h.news.Device(devices.Live{Device: d, Link: presence.Link{Status: presence.Online}, State: devices.State{Physical: devices.Unknown}, Last: &e, Revision: r})
	return e.ID
}

// reports has a device report its state.
func (h *house) reports(d devices.Device, change func(*devices.State)) {
	s := devices.State{Physical: devices.Closed, ReportedAt: time.Now().UTC().Truncate(time.Millisecond)}
	if change != nil {
		change(&s)
	}
	h.news.Device(devices.Live{Device: d, Link: presence.Link{Status: presence.Online, Since: time.Now().UTC()}, State: s})
	h.settle()
}

// takes is whether a device takes its modes from now on.
func (h *house) takes(d devices.Device, is bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.taken == nil {
		h.taken = map[devices.DeviceID]bool{}
	}
	h.taken[d.ID] = is
}

// away has a device be offline since now.
func (h *house) away(d devices.Device, cause string) {
	h.news.Device(devices.Live{Device: d, Link: presence.Link{Status: presence.Offline, Since: time.Now().UTC(), Cause: cause}})
}

// ends has a command end, and gives its id.
func (h *house) ends(d devices.Device, steps ...command.Step) devices.Command {
	h.t.Helper()
	h.n++
	id := fmt.Sprintf("c%d", h.n)
	c := devices.Command{
		ID: devices.CommandID(id), Key: "key-" + id, Device: d.ID, Site: d.Site, Zone: d.Zone, Action: devices.ActionOpen, Seq: int64(h.n), Issued: time.Now().UTC(),
		Ladder: command.Ladder{Rungs: []command.Rung{{Step: command.Accepted, At: time.Now().UTC()}}},
	}
	c, _, err := h.memory.AddCommand(context.Background(), c, devices.AuditEntry{})
	h.must(err)
	return h.learns(c, steps...)
}

func (h *house) learns(c devices.Command, steps ...command.Step) devices.Command {
	h.t.Helper()
	for _, s := range steps {
		c.Ladder, _ = command.Record(c.Ladder, command.Rung{Step: s, At: time.Now().UTC()})
		r, err := h.memory.SaveLadder(context.Background(), c)
		h.must(err)
		c.Revision = r
		h.news.Command(c)
	}
	return c
}

// conflicts has a message of other content be kept.
func (h *house) keeps(d devices.Device, why devices.Why, payload string) {
	h.t.Helper()
	h.must(h.memory.Quarantine(context.Background(), devices.Quarantined{
		Device: d.ID, Site: d.Site, Topic: "t", Payload: []byte(payload), Problem: "id: …", Why: why, Arrived: time.Now().UTC(),
	}))
	h.news.Today(devices.Site{ID: d.Site}, "", devices.Tally{})
}

// only is the one open alarm.
func (h *house) only() alarms.Alarm {
	h.t.Helper()
	h.settle()
	open := h.s.Open()
	if len(open) != 1 {
		h.t.Fatalf("%d alarms are open, want 1: %+v", len(open), open)
	}
	return open[0]
}

func (h *house) none() {
	h.t.Helper()
	h.settle()
	if open := h.s.Open(); len(open) != 0 {
		h.t.Fatalf("open are %+v", open)
	}
}

// is checks type, state, count and loudness of an alarm.
func (h *house) is(a alarms.Alarm, typ alarms.Type, state alarms.State, count int64, loud alarms.Loudness) {
	h.t.Helper()
	if a.Type != typ || a.State() != state || a.Count != count || a.Loudness() != loud {
		h.t.Errorf("%s is %s, %d times, %s; want %s, %s, %d, %s", a.Type, a.State(), a.Count, a.Loudness(), typ, state, count, loud)
	}
}

// now is an alarm as it is now, with what its history says, the oldest first.
func (h *house) now(id alarms.ID) (alarms.Alarm, []alarms.What) {
	h.t.Helper()
	h.settle()
	a, entries, err := h.s.Get(context.Background(), id)
	h.must(err)
	var whats []alarms.What
	for _, e := range entries {
		whats = append([]alarms.What{e.What}, whats...)
	}
	return a, whats
}
