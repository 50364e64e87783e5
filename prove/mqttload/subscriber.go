package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"gatehouse/prove/mqtt"
)

// latencySamples is of how many messages a subscriber measures the age.
const latencySamples = 2000

// subscriber acknowledges by the book and keeps a tally. It writes when it has
// nothing left to read.
type subscriber struct {
	name  string
	c     *mqtt.Conn
	tally *tally
	want  int  // different messages to wait for
	asked bool // a SUBACK is on its way
	open  int  // messages with QoS 2 that PUBREL has not ended

	came      atomic.Int64 // messages, for those who watch
	every     int          // of how many one's age is measured
	latencies []time.Duration
}

func (l load) newSubscriber(index int, filter string, t *tally) (*subscriber, error) {
	name := "load-s" + strconv.Itoa(index)
	dial := l.dialSubscribed
	if l.persistent {
		dial = l.dialPersistent
	}
	c, err := dial(name, 16<<10, filter)
	if err != nil {
		return nil, err
	}
	return subscriberOn(c, name, t), nil
}

func subscriberOn(c *mqtt.Conn, name string, t *tally) *subscriber {
	want := t.wanted()
	return &subscriber{name: name, c: c, tally: t, want: want, every: 1 + want/latencySamples}
}

// run reads until every message has come, or until the deadline of the
// connection: that is no error, what is missing is counted.
func (s *subscriber) run() error {
	for s.tally.received < s.want || s.open > 0 {
		p, err := s.c.Read()
		if err == nil {
			err = s.take(p)
		}
		if err == nil && !s.c.Buffered() {
			s.came.Store(int64(s.tally.received))
			err = s.c.Flush()
		}
		if err != nil {
			return s.failed(err)
		}
	}
	return s.failed(s.c.Flush())
}

func (s *subscriber) take(p mqtt.Packet) error {
	switch p.Type {
	case mqtt.PUBLISH:
		s.tally.note(p.Publish.Payload)
		if n := s.tally.received; n%s.every == 0 && len(s.latencies) < latencySamples && len(p.Publish.Payload) >= stampSize {
			s.latencies = append(s.latencies, age(p.Publish.Payload, time.Now()))
		}
		switch p.Publish.QoS {
		case 1:
			s.c.Ack(mqtt.PUBACK, p.ID)
		case 2:
			s.open++
			s.c.Ack(mqtt.PUBREC, p.ID)
		}
	case mqtt.PUBREL:
		s.open--
		s.c.Ack(mqtt.PUBCOMP, p.ID)
	case mqtt.SUBACK:
		if !s.asked || len(p.Codes) != 1 || p.Codes[0] >= 0x80 {
			return fmt.Errorf("one SUBACK that grants expected, another came")
		}
		s.asked = false
	default:
		return fmt.Errorf("PUBLISH or PUBREL expected, %s came", p.Type)
	}
	return nil
}

// drain asks for an answer and counts what comes before it: a message too many
// that was already on its way is then seen.
func (s *subscriber) drain(until time.Time) error {
	if err := s.c.SetDeadline(until); err != nil {
		return err
	}
	s.c.Ping()
	for {
		if err := s.c.Flush(); err != nil {
			return s.failed(err)
		}
		p, err := s.c.Read()
		if err != nil {
			return s.failed(err)
		}
		if p.Type == mqtt.PINGRESP {
			return nil
		}
		if err := s.take(p); err != nil {
			return s.failed(err)
		}
	}
}

// failed is err with its subscriber, unless the time was up.
func (s *subscriber) failed(err error) error {
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return fmt.Errorf("subscriber %s after %d of %d messages: %w", s.name, s.tally.received, s.want, err)
}
