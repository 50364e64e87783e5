package devices_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
	"gatehouse/devices/storetest"
	"gatehouse/devices/wire"
)

var guard = devices.Actor{Kind: devices.ActorOperator, ID: "op-1", Name: "王芳", Address: "192.0.2.7"}

// world is a Control with one site, and fakes around it, inside a bubble.
type world struct {
	t     *testing.T
	c     *devices.Control
	store *store
	link  *link
	news  *news
	latch *latchInMemory
	ended *ended
	shelf shelf
	keep  time.Duration // of changes of states
	stop  func()
	now   func() time.Time // nil: the bubble's clock

	happened func(devices.Event) // nil: nobody is told
	places   func()              // the same

	site    devices.Site
	zone    devices.Zone
	gate    devices.Device
	lane    devices.Device
	camera  devices.Device
	epoch   uint64
	reports int64
}

// inWorld runs a test in a bubble with a fake clock.
func inWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			t: t, store: &store{Memory: storetest.NewMemory()},
			link:  &link{connected: map[devices.DeviceID]bool{}},
			latch: &latchInMemory{}, ended: &ended{},
		}
		w.start(keys{})
		defer func() { w.stop() }()
		w.property()
		test(t, w)
	})
}

// start builds a Control on what is stored, and runs it.
func (w *world) start(k devices.Keys) {
	w.t.Helper()
	w.news = newNews(w.t)
	w.c = devices.NewControl(devices.Deps{Store: w.store, Link: w.link, News: w.news, Keys: k, Enrolment: w.ended, Latch: w.latch, Configs: &w.shelf, KeepChanges: w.keep, Now: w.now, Happened: w.happened, PlacesChanged: w.places})
	if err := w.c.Load(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- w.c.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-over; err != nil {
			w.t.Error(err)
		}
		w.stop = func() {}
	}
	synctest.Wait()
}

// restart is a stop and a start of the server; connections do not survive.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.link.mu.Lock()
	clear(w.link.connected)
	w.link.mu.Unlock()
	w.epoch = 0
	w.start(keys{})
}

func (w *world) property() {
	w.t.Helper()
	ctx := context.Background()
	var err error
	if w.site, err = w.c.AddSite(ctx, guard, "翠湖花园", "Asia/Shanghai"); err != nil {
		w.t.Fatal(err)
	}
	if w.zone, err = w.c.AddZone(ctx, guard, w.site.ID, "东门"); err != nil {
		w.t.Fatal(err)
	}
	for kind, d := range map[devices.KindName]*devices.Device{
		devices.Gate: &w.gate, devices.Turnstile: &w.lane, devices.Camera: &w.camera,
	} {
		l, err := w.c.AddDevice(ctx, guard, w.zone.ID, kind, "Device "+string(kind))
		if err != nil {
			w.t.Fatal(err)
		}
		*d = l.Device
	}
}

// up connects a device; it has not reported yet.
func (w *world) up(d devices.Device) {
	w.epoch++
	w.link.connect(d.ID, true)
	w.c.Presence(d.ID, presence.Change{Up: true, Epoch: w.epoch, At: time.Now()})
	synctest.Wait()
}

func (w *world) down(d devices.Device, cause string) {
	w.link.connect(d.ID, false)
	w.c.Presence(d.ID, presence.Change{Epoch: w.epoch, At: time.Now(), Cause: cause})
	synctest.Wait()
}

// report hands one message of a device to Control, on the present connection.
func (w *world) report(d devices.Device, c wire.Channel, payload any) error {
	return w.reportOn(w.epoch, d, c, payload)
}

func (w *world) reportOn(epoch uint64, d devices.Device, c wire.Channel, payload any) error {
	body, ok := payload.([]byte)
	if !ok {
		var err error
		if body, err = json.Marshal(payload); err != nil {
			w.t.Fatal(err)
		}
	}
	answers := w.c.HandleReports(context.Background(), []devices.Report{{
		Site: d.Site, Device: d.ID, Channel: c, Topic: wire.Topic(string(d.Site), string(d.ID), c),
		Payload: body, Arrived: time.Now(), Epoch: epoch,
	}})
	if len(answers) != 1 {
		w.t.Fatalf("%d answers to one report", len(answers))
	}
	return answers[0]
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) says(d devices.Device, physical string, by devices.CommandID) {
	w.t.Helper()
	w.must(w.report(d, wire.State, wire.StatePayload{
		At: time.Now().UnixMilli(), Mode: "controlled", Physical: physical, Command: string(by),
		Capabilities: capabilities[d.Kind],
	}))
}

var capabilities = map[devices.KindName][]string{
	devices.Gate: {"open", "close", "stop"}, devices.Turnstile: {"pass"}, devices.Camera: {"snapshot"},
}

func (w *world) answers(d devices.Device, id devices.CommandID, outcome, reason string) {
	w.t.Helper()
	w.must(w.report(d, wire.Answer, wire.AnswerPayload{ID: string(id), Outcome: outcome, Reason: reason, At: time.Now().UnixMilli()}))
}

func (w *world) request(a devices.Action) devices.Request {
	w.reports++
	return devices.Request{Key: fmt.Sprintf("key-%05d", w.reports), Action: a}
}

func (w *world) send(d devices.Device, r devices.Request) devices.Command {
	w.t.Helper()
	c, err := w.c.Send(context.Background(), guard, d.ID, r)
	w.must(err)
	synctest.Wait()
	return c
}

// opens sends an open to the connected gate and gives its way on the wire.
func (w *world) opens() (devices.Command, given) {
	w.t.Helper()
	w.up(w.gate)
	c := w.send(w.gate, w.request(devices.ActionOpen))
	sent := w.link.sent()
	if len(sent) == 0 {
		w.t.Fatal("nothing was given to the link")
	}
	return c, sent[len(sent)-1]
}

func (w *world) command(id devices.CommandID) devices.Command {
	w.t.Helper()
	synctest.Wait()
	c, err := w.c.Command(context.Background(), id)
	w.must(err)
	return c
}

// shows checks what a command shows, in Control and in the store, and its rungs.
func (w *world) shows(id devices.CommandID, want ...command.Step) {
	w.t.Helper()
	c := w.command(id)
	stored, err := w.store.Command(context.Background(), id)
	w.must(err)
	for what, l := range map[string]command.Ladder{"Control": c.Ladder, "the store": stored.Ladder} {
		var got []command.Step
		for _, r := range l.Rungs {
			got = append(got, r.Step)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			w.t.Errorf("%s has the rungs %v, want %v", what, got, want)
		}
	}
}

func detail(c devices.Command, s command.Step) string {
	for _, r := range c.Ladder.Rungs {
		if r.Step == s {
			return r.Detail
		}
	}
	return ""
}

func (w *world) quarantined() []devices.Quarantined {
	w.t.Helper()
	q, err := w.c.Quarantined(context.Background(), 0)
	w.must(err)
	return q
}
