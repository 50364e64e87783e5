package durability

import (
	"fmt"

	"gatehouse/prove/mqtt"
)

// receiver takes messages of every QoS by the book, through all its connections:
// at QoS 2 it knows a repeated message by its identifier, until PUBREL.
type receiver struct {
	got  []int
	held map[uint16]bool // QoS 2 messages that were taken and not released
	done bool            // the end came

	late  int           // so many of the first messages are not answered
	until int           // before so many came
	owes  []mqtt.Packet // what is not answered yet
}

// run takes messages until the end came and nothing is held, or until the
// connection fails: then with its error. Each message is told to seen, if there
// is one.
func (r *receiver) run(c *mqtt.Conn, seen func(n int)) error {
	for !r.done || len(r.held) > 0 {
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
			delete(r.held, p.ID)
			c.Ack(mqtt.PUBCOMP, p.ID)
		default:
			return &fault{fmt.Sprintf("%s for a receiver", p.Type)}
		}
	}
	return c.Flush()
}

// answer acknowledges a message, or later those that were to wait.
func (r *receiver) answer(c *mqtt.Conn, p mqtt.Packet) {
	if p.Publish.QoS == 0 {
		return
	}
	r.owes = append(r.owes, mqtt.Packet{ID: p.ID, Publish: mqtt.Publish{QoS: p.Publish.QoS}})
	if len(r.got) <= r.late {
		return
	}
	from := 0
	if len(r.got) < r.until {
		from = r.late
	}
	for _, p := range r.owes[from:] {
		c.Ack(map[byte]mqtt.Type{1: mqtt.PUBACK, 2: mqtt.PUBREC}[p.Publish.QoS], p.ID)
	}
	r.owes = r.owes[:from]
}

func (r *receiver) take(p mqtt.Publish, seen func(n int)) {
	if p.QoS == 2 {
		if r.held[p.ID] {
			return
		}
		r.held[p.ID] = true
	}
	if string(p.Payload) == theEnd {
		r.done = true
		return
	}
	n := number(p.Payload)
	r.got = append(r.got, n)
	if seen != nil {
		seen(n)
	}
}
