package flow

import (
	"fmt"

	"gatehouse/prove/mqtt"
)

// Receiver takes messages of every QoS by the book, through all its connections:
// at QoS 2 it knows a repeated message by its identifier, until PUBREL.
type Receiver struct {
	Got  []int
	Held map[uint16]bool // QoS 2 messages that were taken and not released
	Done bool            // the end came

	Late  int           // so many of the first messages are not answered
	Until int           // before so many came
	owes  []mqtt.Packet // what is not answered yet
}

// Run takes messages until End came and nothing is held, or until the
// connection fails: then with its error. Each message is told to seen, if there
// is one.
func (r *Receiver) Run(c *mqtt.Conn, seen func(n int)) error {
	for !r.Done || len(r.Held) > 0 {
		if !c.Buffered() {
			if err := c.Flush(); err != nil {
				return err
			}
		}
		p, err := c.Read()
		if err != nil {
			return err
		}
		switch p.Type {
		case mqtt.PUBLISH:
			r.take(p.Publish, seen)
			r.answer(c, p)
		case mqtt.PUBREL:
			delete(r.Held, p.ID)
			c.Ack(mqtt.PUBCOMP, p.ID)
		default:
			return &Fault{fmt.Sprintf("%s for a receiver", p.Type)}
		}
	}
	return c.Flush()
}

// answer acknowledges a message, or later those that were to wait.
func (r *Receiver) answer(c *mqtt.Conn, p mqtt.Packet) {
	if p.Publish.QoS == 0 {
		return
	}
	r.owes = append(r.owes, mqtt.Packet{ID: p.ID, Publish: mqtt.Publish{QoS: p.Publish.QoS}})
	if len(r.Got) <= r.Late {
		return
	}
	from := 0
	if len(r.Got) < r.Until {
		from = r.Late
	}
	for _, p := range r.owes[from:] {
		c.Ack(map[byte]mqtt.Type{1: mqtt.PUBACK, 2: mqtt.PUBREC}[p.Publish.QoS], p.ID)
	}
	r.owes = r.owes[:from]
}

func (r *Receiver) take(p mqtt.Publish, seen func(n int)) {
	if p.QoS == 2 {
		if r.Held[p.ID] {
			return
		}
		if r.Held == nil {
			r.Held = map[uint16]bool{}
		}
		r.Held[p.ID] = true
	}
	if string(p.Payload) == End {
		r.Done = true
		return
	}
	n := Number(p.Payload)
	r.Got = append(r.Got, n)
	if seen != nil {
		seen(n)
	}
}
