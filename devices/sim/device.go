package sim

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"gatehouse/devices/wire"
)

// firmware is what virtual devices say they run.
const firmware = "sim-1.0"

// signal is how well virtual devices hear their radio, in dBm.
const signal = -58

// reportEvery is the longest silence of a connected device.
const reportEvery = 60 * time.Second

// ErrStopped is the answer of a device whose Run has ended.
var ErrStopped = errors.New("the device is switched off")

// Options are what a device may be given. The zero value is a life-like device
// with a right clock that forgets.
type Options struct {
	Speed  float64       // of movements; 0: 1
	Skew   time.Duration // device clock minus real time
	Memory Memory        // of its last life
	Save   func(Memory)  // called, from Run, after each change of it
	Log    *slog.Logger
}

// Device is one virtual device.
type Device struct {
	id    Identity
	speed float64
	skew  time.Duration
	save  func(Memory)
	log   *slog.Logger

	inbox chan func()
	done  chan struct{}

	// All below belongs to the goroutine of Run.

	body     body
	eye      eye
	memory   Memory
	modes    modes
	troubles troubles
	mail     mail
	offset   *int64 // server clock minus uptime in ms: see learnTime
	heard    int64  // uptime when offset was learned
	boot     time.Time
	cause    string // command that caused the present movement
	report   *time.Timer

	told     []byte // the configuration that came last; nil: none on this run
	ignoring bool   // it takes no configuration
}

// body is what is special about a kind.
type body interface {
	// describe fills in what a state report says of the body.
	describe(s *wire.StatePayload)
	actions() []string
	// act starts a known action, or says why not.
	act(c wire.CommandPayload) (refusal string)
}

// eye takes pictures; a camera is one.
type eye interface {
	capture(event, direction string, s Scene)
}

// New makes a device. It does nothing before Run.
func New(id Identity, o Options) (*Device, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	d := &Device{
		id: id, speed: o.Speed, skew: o.Skew, save: o.Save, log: o.Log,
		inbox: make(chan func(), 16), done: make(chan struct{}),
		memory: o.Memory.clone(),
		boot:   time.Now(),
		mail:   mail{handed: map[wire.Channel]bool{}},
	}
	if d.speed == 0 {
		d.speed = 1
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.log = d.log.With("device", id.ID, "name", id.Name)
	if d.memory.Counters == nil {
		d.memory.Counters = map[string]int64{}
	}
	d.modes = modes{d: d, issued: map[string]int64{}}
	switch id.Kind {
	case Gate:
		d.body = newGate(d)
	case Turnstile:
		d.body = newTurnstile(d)
	case Camera:
		d.body = newCamera(d)
	}
	return d, nil
}

// Identity is who the device is.
func (d *Device) Identity() Identity { return d.id }

// Run is the device's life. It ends with ctx.
func (d *Device) Run(ctx context.Context) error {
	defer close(d.done)
	for {
		select {
		case f := <-d.inbox:
			f()
		case <-ctx.Done():
			return nil
		}
	}
}

// post hands work to Run. It must not be called by Run's own goroutine.
func (d *Device) post(f func()) {
	select {
	case d.inbox <- f:
	case <-d.done:
	}
}

// after has Run do f later, at this device's speed.
func (d *Device) after(t time.Duration, f func()) {
	time.AfterFunc(time.Duration(float64(t)/d.speed), func() { d.post(f) })
}

// ask has Run do f and waits for its answer.
func ask[T any](d *Device, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	got := make(chan answer, 1)
	d.post(func() {
		v, err := f()
		got <- answer{v, err}
	})
	select {
	case a := <-got:
		return a.value, a.err
	case <-d.done:
		var none T
		return none, ErrStopped
	}
}

// Connected tells the device that it has a connection and is subscribed.
func (d *Device) Connected(l Link) {
	d.post(func() {
		d.mail.link = l
		d.offset = nil
		clear(d.modes.issued)
		d.send(wire.Status, wire.StatusPayload{Status: "online"}, 1, true)
		d.sendState()
		d.flush()
	})
}

// Disconnected tells the device that its connection is gone.
func (d *Device) Disconnected() {
	d.post(func() {
		d.mail.link = nil
		d.offset = nil
	})
}

// Receive gives the device a message of the broker.
func (d *Device) Receive(topic string, payload []byte) {
	d.post(func() {
		switch wire.Channel(topic[strings.LastIndexByte(topic, '/')+1:]) {
		case wire.Time:
			d.learnTime(payload)
		case wire.Command:
			d.command(payload)
		case wire.Config:
			d.configure(payload)
		default:
			d.log.Warn("message on an unknown channel", "topic", topic)
		}
	})
}

// now is the device's own clock in Unix ms.
func (d *Device) now() int64 { return time.Now().Add(d.skew).UnixMilli() }

// uptime counts ms since power came. It is what orders are judged by: unlike the
// clock it never jumps.
func (d *Device) uptime() int64 { return time.Since(d.boot).Milliseconds() }

// JumpClock has the device's clock jump, as when a battery dies or somebody sets it.
func (d *Device) JumpClock(by time.Duration) { d.post(func() { d.skew += by }) }

// worstDrift is how many ms a counter may need to be one wrong: no crystal is as bad
// as 500 ppm.
const worstDrift = 2000

func (d *Device) learnTime(payload []byte) {
	t, err := wire.DecodeTime(payload)
	if err != nil {
		d.log.Warn("bad time message", "err", err)
		return
	}
	// Delay only ever makes an offset smaller: a message that stood still in a
	// stalled line must not make old orders young again. So an offset shrinks only as
	// fast as our counter may be wrong; without that a fast one would, after days on
	// one connection, take every order for a late one.
	up := d.uptime()
	offset := t.Now - up
	if d.offset != nil {
		offset = max(offset, *d.offset-(up-d.heard)/worstDrift)
	}
	d.offset, d.heard = &offset, up
}

// sendState reports everything, and sees to the next report.
func (d *Device) sendState() {
	if d.mail.link == nil {
		return
	}
	s := wire.StatePayload{
		At:           d.now(),
		Counters:     d.memory.Counters,
		Capabilities: d.capabilities(),
		Firmware:     firmware,
		Command:      d.cause,
		Power:        "mains",
		Signal:       signal,
		Heartbeat:    int64(d.heartbeat().Seconds()),
		Config:       d.memory.Config.Revision,
		Settings:     d.settings(),
	}
	d.body.describe(&s)
	d.troubles.describe(&s)
	d.send(wire.State, s, 1, true)
	if d.report != nil {
		d.report.Stop()
	}
	d.report = time.AfterFunc(d.heartbeat(), func() {
		d.post(func() {
			d.measure() // nothing happens: there is time for it
			d.sendState()
		})
	})
}

func (d *Device) remembered() {
	if d.save != nil {
		d.save(d.memory.clone())
	}
}
