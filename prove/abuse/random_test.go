package abuse

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// raced starts the broker built with the race detector: the server at full size,
// otherwise this program, which make test builds with it.
func raced(t *testing.T) *server {
	t.Helper()
	if !prove.Full() {
		return embed(t, embedded{Data: t.TempDir()})
	}
	path, err := shop.Build("nomsgpack", "-race")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{path, "broker", "--tcp", "127.0.0.1:0", "--anonymous", "--data", t.TempDir()}
	return attacked(t, &server{Server: served.Start(t, served.Command{Args: args})})
}

// dice is a client that does anything: right things mostly.
type dice struct {
	s    *server
	r    *rand.Rand
	c    *mqtt.Conn
	id   uint16
	v    mqtt.Version
	deed *atomic.Int64
}

func (d *dice) topic() string {
	return fmt.Sprintf("dice/%d/%d", d.r.IntN(5), d.r.IntN(5))
}

func (d *dice) filter() string {
	all := []string{"dice/#", "dice/+/1", "+/2/+", d.topic(), "#", "$share/g/dice/#", "$share/h/dice/+/1", "dice/" + d.topic() + "/#", "$SYS/#", "bad/#/x"}
	return all[d.r.IntN(len(all))]
}

// connect comes in as one of a few, so that it takes others over.
func (d *dice) connect() error {
	d.v = versions[d.r.IntN(2)]
	connect := mqtt.Connect{Version: d.v, ClientID: fmt.Sprint("dice-", d.r.IntN(40)), Persistent: d.r.IntN(2) == 0, KeepAlive: uint16(d.r.IntN(5))}
	if d.r.IntN(2) == 0 {
		connect.Will = &mqtt.Will{Topic: d.topic(), Payload: []byte("will"), QoS: byte(d.r.IntN(3)), Retain: d.r.IntN(3) == 0, Delay: uint32(d.r.IntN(3))}
	}
	if d.v == mqtt.V5 {
		connect.Properties = mqtt.Properties{}.Number(mqtt.ReceiveMaximum, uint32(1+d.r.IntN(20))).Number(mqtt.TopicAliasMaximum, uint32(d.r.IntN(5)))
		if connect.Persistent {
			connect.Properties = connect.Properties.Number(mqtt.SessionExpiryInterval, uint32(1+d.r.IntN(5)))
		}
	}
	c, err := d.s.dial(connect)
	d.c = c
	return err
}

// live does things until the connection ends, or for a while.
func (d *dice) live() {
	done := make(chan struct{})
	c := d.c
	go func() {
		defer close(done)
		_ = c.SetReadDeadline(time.Now().Add(2 * patience))
		for {
			if _, err := c.Read(); err != nil {
				return
			}
		}
	}()
	for range d.r.IntN(200) {
		d.act()
		d.deed.Add(1)
		if d.r.IntN(3) == 0 && d.c.Flush() != nil {
			break
		}
	}
	switch d.r.IntN(4) {
	case 0:
		d.c.Disconnect()
		_ = d.c.Flush()
		_ = d.c.Close()
	case 1:
		_ = d.c.Close()
	case 2:
		d.c.Cut()
	default: // somebody takes it over, or its keep-alive ends
		if d.r.IntN(3) > 0 {
			d.c.Cut()
		}
	}
	if d.r.IntN(4) == 0 {
		d.c.Cut()
	}
	_ = d.c.Close()
	<-done
}

func (d *dice) act() {
	d.id = d.id%50 + 1
	switch d.r.IntN(12) {
	case 0:
		d.c.Subscribe(d.id, byte(d.r.IntN(3)), d.filter())
	case 1:
		d.c.Unsubscribe(d.id, d.filter())
	case 2:
		d.c.Ping()
	case 3, 4: // may be for what is open
		kinds := []mqtt.Type{mqtt.PUBACK, mqtt.PUBREC, mqtt.PUBREL, mqtt.PUBCOMP}
		d.c.Ack(kinds[d.r.IntN(4)], uint16(1+d.r.IntN(20)))
	case 5:
		if d.r.IntN(20) == 0 {
			noise := make([]byte, 1+d.r.IntN(20))
			for i := range noise {
				noise[i] = byte(d.r.IntN(256))
			}
			d.c.Raw(noise)
		}
	default:
		d.publish()
	}
}

func (d *dice) publish() {
	m := mqtt.Publish{Topic: []byte(d.topic()), Payload: make([]byte, d.r.IntN(300)), QoS: byte(d.r.IntN(3)), Retain: d.r.IntN(5) == 0}
	if m.QoS > 0 {
		m.ID, m.Dup = d.id, d.r.IntN(10) == 0
	}
	if d.v == mqtt.V5 {
		if d.r.IntN(3) == 0 {
			m.Properties = m.Properties.Number(mqtt.MessageExpiryInterval, uint32(d.r.IntN(3)))
		}
		if d.r.IntN(3) == 0 {
			m.Properties = m.Properties.Number(mqtt.TopicAlias, uint32(1+d.r.IntN(16)))
		}
	}
	d.c.Publish(m)
}

func TestRandomClientsFindNoRace(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	s := raced(t)
	clients, until := prove.Size(10, 50), time.Now().Add(time.Duration(prove.Size(2, 600))*time.Second)
	var deeds, lives atomic.Int64
	var wg sync.WaitGroup
	for k := range clients {
		wg.Go(func() {
			d := &dice{s: s, r: rand.New(rand.NewPCG(uint64(seed), uint64(k))), deed: &deeds}
			for time.Now().Before(until) {
				switch err := d.connect(); {
				case errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET): // taken over before it was welcome
				case err != nil:
					t.Errorf("client %d: %v", k, err)
					return
				default:
					lives.Add(1)
					d.live()
				}
			}
		})
	}
	wg.Wait()
	prove.Record(t, "random clients find no race", "0 reports of the race detector in 10 min with 50 clients", fmt.Sprintf("%d clients, %d connections, %d deeds", clients, lives.Load(), deeds.Load()))
}
