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
			r.take(c, p.Publish, seen)
		case mqtt.PUBREL:
			delete(r.held, p.ID)
			c.Ack(mqtt.PUBCOMP, p.ID)
		default:
			return &fault{fmt.Sprintf("%s for a receiver", p.Type)}
		}
	}
	return c.Flush()
}

func (r *receiver) take(c *mqtt.Conn, p mqtt.Publish, seen func(n int)) {
	switch p.QoS {
	case 1:
		c.Ack(mqtt.PUBACK, p.ID)
	case 2:
		c.Ack(mqtt.PUBREC, p.ID)
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
