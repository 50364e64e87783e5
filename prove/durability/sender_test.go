package durability

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gatehouse/prove/mqtt"
)

// sender publishes numbers at QoS 1 or 2 by the book: through all its connections
// it keeps what is open, and sends it again with the same identifier and DUP, or
// PUBREL if PUBREC came.
type sender struct {
	topic  string
	topics int // 0: topic itself; otherwise topic/0, topic/1 and so on in turn
	qos    byte
	window int // messages open at once
	size   int // of a payload, at least
	retain bool
	words  func(n int) string // the payload of a number; nil: the number
	stuck  int                // so many of its first messages never get PUBREL

	open  []flow // in order
	begun int    // the next number
	id    uint16 // the last one used
	acked map[int]bool
	took  []time.Duration // from PUBLISH to the acknowledgement that owns the message
}

type flow struct {
	id       uint16
	number   int
	payload  string
	received bool // PUBREC came
	began    time.Time
}

func newSender(topic string, qos byte, window int) *sender {
	return &sender{topic: topic, qos: qos, window: window, acked: map[int]bool{}}
}

// run goes on where the last connection ended, until more says no and nothing is
// open, or until the connection fails: then with its error.
func (s *sender) run(c *mqtt.Conn, more func() bool) error {
	s.resume(c)
	return s.goOn(c, more)
}

// goOn is run on the connection that it ran on before.
func (s *sender) goOn(c *mqtt.Conn, more func() bool) error {
	for {
		for len(s.open) < s.window && more() {
			s.begin(c, s.text(s.begun))
		}
		if !slices.ContainsFunc(s.open, func(f flow) bool { return !s.rests(f) }) {
			return c.Flush()
		}
		if err := s.step(c); err != nil {
			return err
		}
	}
}

// resume does first what a new connection has to do first (MQTT-4.4.0-1).
func (s *sender) resume(c *mqtt.Conn) {
	for i := range s.open {
		f := &s.open[i]
		switch {
		case s.rests(*f):
		case f.received:
			c.Ack(mqtt.PUBREL, f.id)
		default:
			s.write(c, *f, true)
		}
	}
}

func (s *sender) text(n int) string {
	if s.words != nil {
		return s.words(n)
	}
	return strconv.Itoa(n)
}

// begin publishes the next message.
func (s *sender) begin(c *mqtt.Conn, payload string) {
	f := flow{id: s.free(), number: s.begun, payload: payload, began: time.Now()}
	s.begun++
	s.open = append(s.open, f)
	s.write(c, f, false)
}

// free takes the next identifier that is not open.
func (s *sender) free() uint16 {
	s.id++
	for s.id == 0 || s.find(s.id) >= 0 {
		s.id++
	}
	return s.id
}

func (s *sender) write(c *mqtt.Conn, f flow, dup bool) {
	topic, payload := []byte(s.topic), []byte(f.payload)
	if s.topics > 0 {
		topic = fmt.Appendf(nil, "%s/%d", s.topic, f.number%s.topics)
	}
	if len(payload) < s.size {
		payload = append(append(payload, ' '), bytes.Repeat([]byte{'x'}, s.size)...)
	}
	c.Publish(mqtt.Publish{Topic: topic, Payload: payload, QoS: s.qos, ID: f.id, Dup: dup, Retain: s.retain})
}

func (s *sender) find(id uint16) int {
	return slices.IndexFunc(s.open, func(f flow) bool { return f.id == id })
}

// step writes what is to be written, and takes one packet and what came with it.
func (s *sender) step(c *mqtt.Conn) error {
	if err := c.Flush(); err != nil {
		return err
	}
	for first := true; first || c.Buffered(); first = false {
		p, err := c.Read()
		if err != nil {
			return err
		}
		if err := s.take(c, p); err != nil {
			return err
		}
	}
	return nil
}

// errGoodbye is how a broker of version 5 announces that it ends.
var errGoodbye = errors.New("DISCONNECT came")

// take obeys one acknowledgement. One that nobody waits for is a fault of the
// broker's: it never sends one twice on a connection.
func (s *sender) take(c *mqtt.Conn, p mqtt.Packet) error {
	i := s.find(p.ID)
	switch {
	case p.Type == mqtt.DISCONNECT:
		return errGoodbye
	case p.Type == mqtt.PUBLISH && p.Publish.QoS == 0:
		return nil // a server tells its devices the time
	case i < 0 || p.Code >= 0x80 && p.Type != mqtt.PUBCOMP: // a repeated PUBREL may be for a message that is complete
		return &fault{fmt.Sprintf("%s %d with code %#x for a message that is not open, or refused", p.Type, p.ID, p.Code)}
	case p.Type == mqtt.PUBREC && s.qos == 2:
		s.own(&s.open[i])
		if s.open[i].received = true; !s.rests(s.open[i]) {
			c.Ack(mqtt.PUBREL, p.ID)
		}
	case p.Type == mqtt.PUBACK && s.qos == 1:
		s.own(&s.open[i])
		s.open = slices.Delete(s.open, i, i+1)
	case p.Type == mqtt.PUBCOMP && s.open[i].received:
		s.open = slices.Delete(s.open, i, i+1)
	default:
		return &fault{fmt.Sprintf("%s %d at QoS %d", p.Type, p.ID, s.qos)}
	}
	return nil
}

// rests says whether nothing more is done for a message.
func (s *sender) rests(f flow) bool { return f.received && f.number < s.stuck }

// own notes that the broker said it has the message.
func (s *sender) own(f *flow) {
	if !s.acked[f.number] {
		s.took = append(s.took, time.Since(f.began))
	}
	s.acked[f.number] = true
}

// fault is what a broker may not do, other than vanish.
type fault struct{ what string }

func (f *fault) Error() string { return "the broker is at fault: " + f.what }
