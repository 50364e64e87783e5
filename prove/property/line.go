package property

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"gatehouse/devices/sim"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// How a line behaves.
const (
	lineAgain     = 50 * time.Millisecond // after a connection that failed
	lineKeepAlive = 10                    // s
)

var errLineEnded = errors.New("the connection ended before the acknowledgement")

// line keeps one virtual device connected. The device has no memory of MQTT: after
// every loss it starts clean, and sends again with new packet identifiers.
type line struct {
	device  *sim.Device
	login   Device
	address func() string
	said    func(sim.Message)
}

func (l *line) run(ctx context.Context) {
	for ctx.Err() == nil {
		if c, err := l.dial(); err == nil {
			l.serve(ctx, c)
		}
		select {
		case <-ctx.Done():
		case <-time.After(lineAgain):
		}
	}
}

func (l *line) dial() (*mqtt.Conn, error) {
	will := l.device.Identity().Will()
	c, err := mqtt.Dial(l.address(), mqtt.Options{Timeout: served.Patience, Connect: mqtt.Connect{
		ClientID: l.login.ClientID, User: l.login.Username, Password: l.login.Password, KeepAlive: lineKeepAlive,
		Will: &mqtt.Will{Topic: will.Topic, Payload: will.Payload, QoS: will.QoS, Retain: will.Retain},
	}})
	if err != nil {
		return nil, err
	}
	var id uint16
	for filter, qos := range l.device.Identity().Filters() {
		id++
		c.Subscribe(id, qos, filter)
	}
	return c, c.Flush()
}

// serve is one connection, from its subscriptions to its end.
func (l *line) serve(ctx context.Context, c *mqtt.Conn) {
	k := &link{c: c, said: l.said, open: map[uint16]flight{}}
	life, end := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { <-life.Done(); c.Cut() })
	work.Go(func() { k.ping(life) })
	l.device.Connected(k)
	for {
		_ = c.SetReadDeadline(time.Now().Add(2 * lineKeepAlive * time.Second)) // Read says if it has ended
		p, err := c.Read()
		if err != nil || p.Type == mqtt.DISCONNECT {
			break
		}
		if p.Type == mqtt.PUBLISH {
			l.device.Receive(string(p.Publish.Topic), append([]byte(nil), p.Publish.Payload...))
		}
		k.obey(p)
	}
	end()
	work.Wait()
	k.end()
	l.device.Disconnected()
}

// flight is a message that is not acknowledged yet.
type flight struct {
	done func(error)
}

// link is a sim.Link over one connection.
type link struct {
	c    *mqtt.Conn
	said func(sim.Message)

	mu    sync.Mutex // guards what follows, and writing
	id    uint16
	open  map[uint16]flight
	ended bool
}

// Publish implements sim.Link.
func (k *link) Publish(m sim.Message, done func(error)) {
	if done != nil {
		k.said(m)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		if done != nil {
			go done(errLineEnded)
		}
		return
	}
	p := mqtt.Publish{Topic: []byte(m.Topic), Payload: m.Payload, QoS: m.QoS, Retain: m.Retain}
	if m.QoS > 0 {
		for p.ID == 0 || k.open[p.ID].done != nil {
			k.id++
			p.ID = k.id
		}
		if done == nil {
			done = func(error) {}
		}
		k.open[p.ID] = flight{done}
	}
	k.c.Publish(p)
	_ = k.c.Flush() // Read says if the connection has ended
}

// obey answers a packet and ends the flight that it acknowledges.
func (k *link) obey(p mqtt.Packet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch p.Type {
	case mqtt.PUBLISH:
		if p.Publish.QoS == 1 {
			k.c.Ack(mqtt.PUBACK, p.ID)
		}
	case mqtt.PUBREC:
		k.c.Ack(mqtt.PUBREL, p.ID)
	case mqtt.PUBACK, mqtt.PUBCOMP:
		if f, ok := k.open[p.ID]; ok {
			delete(k.open, p.ID)
			go f.done(nil)
		}
	}
	_ = k.c.Flush() // Read says if the connection has ended
}

func (k *link) ping(ctx context.Context) {
	tick := time.NewTicker(lineKeepAlive * time.Second / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			k.mu.Lock()
			k.c.Ping()
			_ = k.c.Flush() // Read says if the connection has ended
			k.mu.Unlock()
		}
	}
}

func (k *link) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
	for _, f := range k.open {
		go f.done(errLineEnded)
	}
	k.open = nil
}

// idOf is the id that a device gave a message.
func idOf(m sim.Message) string {
	var p struct{ ID string }
	_ = json.Unmarshal(m.Payload, &p) // a picture has none
	return p.ID
}
