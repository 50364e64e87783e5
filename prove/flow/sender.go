package flow

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gatehouse/prove/mqtt"
)

// Sender publishes numbers at QoS 1 or 2 by the book: through all its connections
// it keeps what is open, and sends it again with the same identifier and DUP, or
// PUBREL if PUBREC came.
type Sender struct {
	Topic  string
	Topics int // 0: topic itself; otherwise topic/0, topic/1 and so on in turn
	QoS    byte
	Window int // messages open at once
	Size   int // of a payload, at least
	Retain bool
	Words  func(n int) string // the payload of a number; nil: the number
	Stuck  int                // so many of its first messages never get PUBREL

	Open  []Flow // in order
	Begun int    // the next number
	ID    uint16 // the last one used
	Acked map[int]bool
	Took  []time.Duration // from PUBLISH to the acknowledgement that owns the message
}

// Flow is one message that is open.
type Flow struct {
	ID       uint16
	Number   int
	Payload  string
	Received bool // PUBREC came
	Began    time.Time
}

// NewSender publishes to a topic with so many messages open at once.
func NewSender(topic string, qos byte, window int) *Sender {
	return &Sender{Topic: topic, QoS: qos, Window: window, Acked: map[int]bool{}}
}

// Run goes on where the last connection ended, until more says no and nothing is
// open, or until the connection fails: then with its error.
func (s *Sender) Run(c *mqtt.Conn, more func() bool) error {
	s.resume(c)
	return s.GoOn(c, more)
}

// GoOn is Run on the connection that it ran on before.
func (s *Sender) GoOn(c *mqtt.Conn, more func() bool) error {
	for {
		for len(s.Open) < s.Window && more() {
			s.Begin(c, s.text(s.Begun))
		}
		if !slices.ContainsFunc(s.Open, func(f Flow) bool { return !s.rests(f) }) {
			return c.Flush()
		}
		if err := s.step(c); err != nil {
			return err
		}
	}
}

// resume does first what a new connection has to do first (MQTT-4.4.0-1).
func (s *Sender) resume(c *mqtt.Conn) {
	for i := range s.Open {
		f := &s.Open[i]
		switch {
		case s.rests(*f):
		case f.Received:
			c.Ack(mqtt.PUBREL, f.ID)
		default:
			s.write(c, *f, true)
		}
	}
}

func (s *Sender) text(n int) string {
	if s.Words != nil {
		return s.Words(n)
	}
	return strconv.Itoa(n)
}

// Begin publishes the next message.
func (s *Sender) Begin(c *mqtt.Conn, payload string) {
	f := Flow{ID: s.free(), Number: s.Begun, Payload: payload, Began: time.Now()}
	s.Begun++
	s.Open = append(s.Open, f)
	s.write(c, f, false)
}

// free takes the next identifier that is not open.
func (s *Sender) free() uint16 {
	s.ID++
	for s.ID == 0 || s.find(s.ID) >= 0 {
		s.ID++
	}
	return s.ID
}

func (s *Sender) write(c *mqtt.Conn, f Flow, dup bool) {
	topic, payload := []byte(s.Topic), []byte(f.Payload)
	if s.Topics > 0 {
		topic = fmt.Appendf(nil, "%s/%d", s.Topic, f.Number%s.Topics)
	}
	if len(payload) < s.Size {
		payload = append(append(payload, ' '), bytes.Repeat([]byte{'x'}, s.Size)...)
	}
	c.Publish(mqtt.Publish{Topic: topic, Payload: payload, QoS: s.QoS, ID: f.ID, Dup: dup, Retain: s.Retain})
}

func (s *Sender) find(id uint16) int {
	return slices.IndexFunc(s.Open, func(f Flow) bool { return f.ID == id })
}

// step writes what is to be written, and takes one packet and what came with it.
func (s *Sender) step(c *mqtt.Conn) error {
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

// ErrGoodbye is how a broker of version 5 announces that it ends.
var ErrGoodbye = errors.New("DISCONNECT came")

// take obeys one acknowledgement. One that nobody waits for is a fault of the
// broker's: it never sends one twice on a connection.
func (s *Sender) take(c *mqtt.Conn, p mqtt.Packet) error {
	i := s.find(p.ID)
	switch {
	case p.Type == mqtt.DISCONNECT:
		return ErrGoodbye
	case p.Type == mqtt.PUBLISH && p.Publish.QoS == 0:
		return nil // a server tells its devices the time
	case i < 0 || p.Code >= 0x80 && p.Type != mqtt.PUBCOMP: // a repeated PUBREL may be for a message that is complete
		return &Fault{fmt.Sprintf("%s %d with code %#x for a message that is not open, or refused", p.Type, p.ID, p.Code)}
	case p.Type == mqtt.PUBREC && s.QoS == 2:
		s.own(&s.Open[i])
		if s.Open[i].Received = true; !s.rests(s.Open[i]) {
			c.Ack(mqtt.PUBREL, p.ID)
		}
	case p.Type == mqtt.PUBACK && s.QoS == 1:
		s.own(&s.Open[i])
		s.Open = slices.Delete(s.Open, i, i+1)
	case p.Type == mqtt.PUBCOMP && s.Open[i].Received:
		s.Open = slices.Delete(s.Open, i, i+1)
	default:
		return &Fault{fmt.Sprintf("%s %d at QoS %d", p.Type, p.ID, s.QoS)}
	}
	return nil
}

// rests says whether nothing more is done for a message.
func (s *Sender) rests(f Flow) bool { return f.Received && f.Number < s.Stuck }

// own notes that the broker said it has the message.
func (s *Sender) own(f *Flow) {
	if !s.Acked[f.Number] {
		s.Took = append(s.Took, time.Since(f.Began))
	}
	s.Acked[f.Number] = true
}

// Fault is what a broker may not do, other than vanish.
type Fault struct{ What string }

// Error implements error.
func (f *Fault) Error() string { return "the broker is at fault: " + f.What }
