package devices_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/presence"
	"gatehouse/devices/storetest"
	"gatehouse/devices/wire"
)

// store is the in-memory store with a disk that can fail and be slow.
type store struct {
	*storetest.Memory
	mu    sync.Mutex
	fault func(op string) error // asked before each write
	after func(op string) error // asked after each committed write
}

func (s *store) set(fault, after func(op string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.after = fault, after
}

func (s *store) ask(op string, after bool) error {
	s.mu.Lock()
	f := s.fault
	if after {
		f = s.after
	}
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(op)
}

var errDisk = &devices.Error{Op: "store", Code: devices.Unavailable, Message: "disk"}

func failing(ops ...string) func(string) error {
	return func(op string) error {
		for _, o := range ops {
			if o == op {
				return errDisk
			}
		}
		return nil
	}
}

// refusing is a store that says no for good, which is not what a disk does.
func refusing(ops ...string) func(string) error {
	return func(op string) error {
		if slices.Contains(ops, op) {
			return &devices.Error{Op: "store", Code: devices.Internal, Message: "refused"}
		}
		return nil
	}
}

// standstill is a disk that answers to some writes only once it is freed.
func standstill(ops ...string) (fault func(string) error, free func()) {
	stuck := make(chan struct{})
	return func(op string) error {
		if slices.Contains(ops, op) {
			<-stuck
		}
		return nil
	}, sync.OnceFunc(func() { close(stuck) })
}

func write[T any](s *store, op string, do func() (T, error)) (T, error) {
	var none T
	if err := s.ask(op, false); err != nil {
		return none, err
	}
	v, err := do()
	if err == nil {
		if err := s.ask(op, true); err != nil {
			return none, err
		}
	}
	return v, err
}

func (s *store) AddCommand(ctx context.Context, c devices.Command, a devices.AuditEntry) (devices.Command, bool, error) {
	existed := false
	stored, err := write(s, "command", func() (stored devices.Command, err error) {
		stored, existed, err = s.Memory.AddCommand(ctx, c, a)
		return stored, err
	})
	return stored, existed, err
}

func (s *store) CommandByKey(ctx context.Context, d devices.DeviceID, key string) (devices.Command, error) {
	if err := s.ask("read", false); err != nil {
		return devices.Command{}, err
	}
	return s.Memory.CommandByKey(ctx, d, key)
}

func (s *store) AddBatch(ctx context.Context, b devices.Batch, a devices.AuditEntry) (devices.Batch, bool, error) {
	existed := false
	stored, err := write(s, "AddBatch", func() (stored devices.Batch, err error) {
		stored, existed, err = s.Memory.AddBatch(ctx, b, a)
		return stored, err
	})
	return stored, existed, err
}

func (s *store) SaveLadder(ctx context.Context, c devices.Command) (devices.Revision, error) {
	return write(s, "ladder", func() (devices.Revision, error) { return s.Memory.SaveLadder(ctx, c) })
}

func (s *store) SaveLink(ctx context.Context, d devices.DeviceID, l presence.Link, h ...presence.Span) (devices.Revision, error) {
	return write(s, "link", func() (devices.Revision, error) { return s.Memory.SaveLink(ctx, d, l, h...) })
}

func (s *store) SaveState(ctx context.Context, d devices.DeviceID, st devices.State) (devices.Revision, error) {
	return write(s, "state", func() (devices.Revision, error) { return s.Memory.SaveState(ctx, d, st) })
}

func (s *store) AddRoster(ctx context.Context, zones []devices.Zone, d []devices.Device, configs map[devices.DeviceID]devices.Configuration, a []devices.AuditEntry) ([]devices.Revision, error) {
	return write(s, "roster", func() ([]devices.Revision, error) { return s.Memory.AddRoster(ctx, zones, d, configs, a) })
}

func (s *store) Retire(ctx context.Context, r devices.Retirement, a devices.AuditEntry) (old, heir devices.Revision, err error) {
	old, err = write(s, "retire", func() (devices.Revision, error) {
		var err error
		old, heir, err = s.Memory.Retire(ctx, r, a)
		return old, err
	})
	return old, heir, err
}

func (s *store) SaveLayers(ctx context.Context, all []devices.Layer, a []devices.AuditEntry) ([]devices.Revision, error) {
	return write(s, "layer", func() ([]devices.Revision, error) { return s.Memory.SaveLayers(ctx, all, a) })
}

func (s *store) SaveFire(ctx context.Context, f devices.FireReport, a ...devices.AuditEntry) (devices.Revision, error) {
	return write(s, "fire", func() (devices.Revision, error) { return s.Memory.SaveFire(ctx, f, a...) })
}

func (s *store) AddEvent(ctx context.Context, e devices.Event) (devices.Revision, bool, error) {
	existed := false
	r, err := write(s, "event", func() (r devices.Revision, err error) {
		r, existed, err = s.Memory.AddEvent(ctx, e)
		return r, err
	})
	return r, existed, err
}

func (s *store) Quarantine(ctx context.Context, q devices.Quarantined) error {
	_, err := write(s, "quarantine", func() (int, error) { return 0, s.Memory.Quarantine(ctx, q) })
	return err
}

// link is a broker with devices that do nothing by themselves.
type link struct {
	mu        sync.Mutex
	connected map[devices.DeviceID]bool
	given     []given
	quick     bool // writes at once, within Give
}

type given struct {
	to       devices.Device
	command  wire.CommandPayload
	deadline time.Time
	report   func(devices.LinkReport)
	taken    *atomic.Bool // by the writer, or back by its sender
}

func (g given) recall() bool {
	if !g.taken.CompareAndSwap(false, true) {
		return false
	}
	g.report(devices.LinkReport{Step: devices.LinkEnded, At: time.Now(), Cause: devices.LinkRecalled})
	return true
}

func (l *link) Give(_ context.Context, to devices.Device, payload []byte, _ devices.CommandID, deadline time.Time, report func(devices.LinkReport)) (func() bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.connected[to.ID] {
		return nil, errors.New("no live connection")
	}
	if l.quick {
		report(devices.LinkReport{Step: devices.LinkWritten, At: time.Now()})
	}
	var p wire.CommandPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return nil, err
	}
	g := given{to: to, command: p, deadline: deadline, report: report, taken: &atomic.Bool{}}
	g.taken.Store(l.quick)
	l.given = append(l.given, g)
	return g.recall, nil
}

func (l *link) connect(d devices.DeviceID, up bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connected[d] = up
}

func (l *link) sent() []given {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]given(nil), l.given...)
}

func (g given) written() {
	g.taken.Store(true)
	g.report(devices.LinkReport{Step: devices.LinkWritten, At: time.Now()})
}
func (g given) acked() { g.report(devices.LinkReport{Step: devices.LinkAcknowledged, At: time.Now()}) }
func (g given) ended(wire bool, cause string) {
	g.report(devices.LinkReport{Step: devices.LinkEnded, At: time.Now(), Wire: wire, Cause: cause})
}

// news remembers everything it is told, and that no thing goes backwards.
type news struct {
	t  *testing.T
	mu sync.Mutex

	newest   map[string]devices.Revision
	devices  map[devices.DeviceID][]devices.Live
	commands map[devices.CommandID][]devices.Command
	gone     map[devices.CommandID]bool
	todays   []devices.Today
	layers   []devices.Layer
	left     []devices.Live // the feed, from where they stood
	beats    map[string][]devices.Revision
}

func newNews(t *testing.T) *news {
	return &news{
		t: t, newest: map[string]devices.Revision{}, devices: map[devices.DeviceID][]devices.Live{},
		commands: map[devices.CommandID][]devices.Command{}, gone: map[devices.CommandID]bool{},
		beats: map[string][]devices.Revision{},
	}
}

func (n *news) said(thing string, r devices.Revision) {
	if r < n.newest[thing] || r == 0 {
		n.t.Errorf("%s: revision %d after %d", thing, r, n.newest[thing])
	}
	n.newest[thing] = r
}

func (n *news) Device(l devices.Live) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said("device "+string(l.Device.ID), l.Revision)
	n.devices[l.Device.ID] = append(n.devices[l.Device.ID], l)
}

func (n *news) DeviceGone(l devices.Live) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.left = append(n.left, l)
}

func (n *news) Command(c devices.Command) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.RecordPending {
		if c.Revision != 0 || n.newest["command "+string(c.ID)] != 0 {
			n.t.Errorf("command %s: pending at revision %d after %d", c.ID, c.Revision, n.newest["command "+string(c.ID)])
		}
	} else {
		n.said("command "+string(c.ID), c.Revision)
	}
	if n.gone[c.ID] {
		n.t.Errorf("command %s came back to the feed", c.ID)
	}
	if before := n.commands[c.ID]; len(before) > 0 && len(before[len(before)-1].Ladder.Rungs) > len(c.Ladder.Rungs) {
		n.t.Errorf("command %s lost a rung", c.ID)
	}
	n.commands[c.ID] = append(n.commands[c.ID], c)
}

func (n *news) CommandGone(c devices.Command) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gone[c.ID] = true
}

func (n *news) Layer(l devices.Layer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said("layer "+l.ID(), l.Revision)
	n.layers = append(n.layers, l)
}

func (n *news) Today(s devices.Site, day string, t devices.Tally) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if t.Revision > 0 {
		n.said("today "+string(s.ID), t.Revision)
	}
	n.todays = append(n.todays, devices.Today{Site: s, Day: day, Tally: t})
}

func (n *news) Heartbeat(s devices.SiteID, z devices.ZoneID, _ time.Time, newest devices.Revision) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := string(s) + "/" + string(z)
	n.beats[k] = append(n.beats[k], newest)
}

func (n *news) deviceNow(d devices.DeviceID) devices.Live {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.devices[d]
	if len(all) == 0 {
		return devices.Live{}
	}
	return all[len(all)-1]
}

func (n *news) todaysOf(s devices.SiteID) []devices.Today {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []devices.Today
	for _, t := range n.todays {
		if t.Site.ID == s {
			all = append(all, t)
		}
	}
	return all
}

func (n *news) isGone(id devices.CommandID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gone[id]
}

var commandKey = []byte("0123456789abcdef0123456789abcdef")

type keys struct{ err error }

func (k keys) CommandKey(context.Context, devices.DeviceID) ([]byte, error) { return commandKey, k.err }
