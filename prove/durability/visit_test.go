package durability

import (
	"errors"
	"fmt"
	"net"

	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// guest is a persistent client that comes, takes all that waits for it, does one
// thing, and leaves.
type guest struct {
	name    string
	version mqtt.Version
	held    map[uint16]bool // QoS 2 messages that were taken and not released
	open    bool            // its own last one at QoS 2 may not be complete
}

// visit is one connection of a guest.
type visit struct {
	guest *guest
	c     *mqtt.Conn
	came  []letter
	known bool // the broker had its session
}

// visit connects, takes what waits, does the work, takes what came of it, and
// disconnects. With an error it tells how far it came.
func (g *guest) visit(address string, work func(*visit) error) (*visit, error) {
	v := &visit{guest: g}
	var err error
	if v.c, err = dial(address, g.name, g.version); err != nil {
		return v, err
	}
	defer v.c.Close()
	if v.known = v.c.Session; !v.known {
		g.held, g.open = map[uint16]bool{}, false
	}
	if g.open { // given up: its identifier is to be free again
		if err := v.release(); err != nil {
			return v, err
		}
	}
	if err := v.takeAll(); err != nil {
		return v, err
	}
	if work != nil {
		if err := work(v); err != nil {
			return v, err
		}
		if err := v.takeAll(); err != nil {
			return v, err
		}
	}
	return v, leave(v.c)
}

// leave disconnects and waits until the broker has noticed. What was on its way is
// not acknowledged, and comes again.
func leave(c *mqtt.Conn) error {
	c.Disconnect()
	if err := c.Flush(); err != nil {
		return err
	}
	for {
		p, err := c.Read()
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			return &flow.Fault{What: "a client that said DISCONNECT is kept"}
		case err != nil:
			return nil
		case p.Type != mqtt.PUBLISH && p.Type != mqtt.PUBREL:
			return &flow.Fault{What: fmt.Sprintf("%s after DISCONNECT", p.Type)}
		}
	}
}

// takeAll takes messages until a question is answered and none came before it.
func (v *visit) takeAll() error {
	for {
		before := len(v.came)
		v.c.Ping()
		if _, err := v.await(mqtt.PINGRESP, 0); err != nil {
			return err
		}
		if len(v.came) == before && len(v.guest.held) == 0 {
			return nil
		}
	}
}

// await flushes and reads up to an answer, and takes the messages on the way.
func (v *visit) await(kind mqtt.Type, id uint16) (mqtt.Packet, error) {
	for {
		if err := v.c.Flush(); err != nil {
			return mqtt.Packet{}, err
		}
		p, err := v.c.Read()
		if err != nil {
			return p, err
		}
		switch {
		case p.Type == mqtt.PUBLISH:
			v.take(p.Publish)
		case p.Type == mqtt.PUBREL:
			delete(v.guest.held, p.ID)
			v.c.Ack(mqtt.PUBCOMP, p.ID)
		case p.Type == kind && p.ID == id && (p.Code < 0x80 || kind == mqtt.PUBCOMP): // what is not open is complete
			return p, nil
		default:
			return p, &flow.Fault{What: fmt.Sprintf("%s %d with code %#x, where %s %d was due", p.Type, p.ID, p.Code, kind, id)}
		}
	}
}

func (v *visit) take(p mqtt.Publish) {
	switch p.QoS {
	case 1:
		v.c.Ack(mqtt.PUBACK, p.ID)
	case 2:
		v.c.Ack(mqtt.PUBREC, p.ID)
		if v.guest.held[p.ID] {
			return
		}
		v.guest.held[p.ID] = true
	}
	if p.QoS == 0 || v.guest.version == mqtt.V311 && p.Retain {
		return // nobody owed it: it waits for nobody, or is a retained one for a new subscription
	}
	v.came = append(v.came, letter{string(p.Payload), p.QoS, p.Retain})
}

// publish publishes one message and waits until the broker owns it.
func (v *visit) publish(topic string, l letter) error {
	v.c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: []byte(l.payload), QoS: l.qos, ID: 1, Retain: l.retain})
	if l.qos == 1 {
		_, err := v.await(mqtt.PUBACK, 1)
		return err
	}
	v.guest.open = true
	if _, err := v.await(mqtt.PUBREC, 1); err != nil {
		return err
	}
	return v.release()
}

func (v *visit) release() error {
	v.c.Ack(mqtt.PUBREL, 1)
	_, err := v.await(mqtt.PUBCOMP, 1)
	v.guest.open = err != nil
	return err
}

// subscribe subscribes with options, and waits for the answer.
func (v *visit) subscribe(filter string, options byte) error {
	v.c.Subscribe(2, options, filter)
	p, err := v.await(mqtt.SUBACK, 2)
	if err == nil && (len(p.Codes) != 1 || p.Codes[0] != options&3) {
		return &flow.Fault{What: fmt.Sprintf("SUBACK % x for options %#x", p.Codes, options)}
	}
	return err
}

func (v *visit) unsubscribe(filter string) error {
	v.c.Unsubscribe(3, filter)
	_, err := v.await(mqtt.UNSUBACK, 3)
	return err
}
