package broker

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// TraceStep is one thing that happens to a message.
type TraceStep string

// The steps, in the order in which they can come. Of those that concern a receiver
// there is one for each.
const (
	TraceReceived     TraceStep = "received"     // from a client, or from the program
	TraceRefused      TraceStep = "refused"      // it goes nowhere
	TraceHandedOver   TraceStep = "handed over"  // a handler of the program is to own it first
	TraceRetained     TraceStep = "retained"     // or the retained message of its topic was cleared
	TraceMatched      TraceStep = "matched"      // Receivers are known
	TraceQueued       TraceStep = "queued"       // waits for its receiver
	TraceSent         TraceStep = "sent"         // written, or about to be
	TraceAcknowledged TraceStep = "acknowledged" // to the end of its QoS, with the receiver's reason
	TraceDropped      TraceStep = "dropped"      // not for this receiver, and why
)

// TraceEvent is one step of one message.
type TraceEvent struct {
	At time.Time
	// Message is the number that the broker gave the message, the same in all of
	// its steps. Numbers rise; they begin anew with the process.
	Message   uint64
	Step      TraceStep
	From      ClientID // who published it; empty for the program
	Client    ClientID // the receiver, at the steps of one
	Topic     string
	QoS       packet.QoS // of the publisher
	Size      int        // of the payload, bytes
	Receivers int        // with TraceMatched; a group that shares a subscription is one
	Reason    string
}

// TraceQuery says which messages to follow: those that the client publishes or
// receives, those on matching topics, or, with both, those that are both.
type TraceQuery struct {
	Client ClientID // empty: any
	Filter string   // empty: any topic
	Limit  int      // events that are kept, the newest; 0: 1,000; at most 10,000
}

// Trace follows messages until it is stopped.
type Trace struct {
	b *Broker
	q TraceQuery

	mu     sync.Mutex // a leaf
	events []TraceEvent
	begin  int    // place of the oldest
	total  uint64 // that ever came
}

// maxTraces is how many traces there may be at once: each is asked about every
// step of every message.
const maxTraces = 16

// ErrTraces is the error of Trace when there are too many.
var ErrTraces = errors.New("broker: there are 16 traces already: stop one")

// Trace begins to follow messages.
func (b *Broker) Trace(q TraceQuery) (*Trace, error) {
	if q.Client == "" && q.Filter == "" {
		return nil, errors.New("broker: trace: want a client or a topic filter")
	}
	if q.Filter != "" {
		if err := plainFilter(q.Filter, b.limits.MaxTopicLevels); err != nil {
			return nil, fmt.Errorf("broker: trace: %w", err)
		}
	}
	if q.Limit < 0 || q.Limit > 10_000 {
		return nil, fmt.Errorf("broker: trace: limit %d: want at most 10,000", q.Limit)
	}
	def(&q.Limit, 1000)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.traces) >= maxTraces {
		return nil, ErrTraces
	}
	r := &Trace{b: b, q: q}
	b.traces = append(b.traces, r)
	b.observe()
	return r, nil
}

// Stop ends the trace. Its events stay.
func (r *Trace) Stop() {
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	r.b.traces = slices.DeleteFunc(r.b.traces, func(x *Trace) bool { return x == r })
	r.b.observe()
}

// Events gives what is kept, oldest first, and how many came before that.
func (r *Trace) Events() (events []TraceEvent, missed uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	events = append(slices.Clone(r.events[r.begin:]), r.events[:r.begin]...)
	return events, r.total - uint64(len(events))
}

func (r *Trace) wants(e *TraceEvent) bool {
	return (r.q.Client == "" || r.q.Client == e.Client || r.q.Client == e.From) && (r.q.Filter == "" || topic.Match(r.q.Filter, e.Topic))
}

func (r *Trace) add(e TraceEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	if len(r.events) < r.q.Limit {
		r.events = append(r.events, e)
		return
	}
	r.events[r.begin] = e
	r.begin = (r.begin + 1) % len(r.events)
}

// number gives a message its number.
func (t *turn) number(m *message) {
	t.b.lastNumber++
	m.number = t.b.lastNumber
}

// trace shows a step to those who follow the message. Nobody does, usually.
func (t *turn) trace(step TraceStep, m *message, client ClientID, reason string) {
	if t.b.observed {
		t.show(step, m, client, reason, 0)
	}
}

func (t *turn) traceMatched(m *message, receivers int) {
	if t.b.observed {
		t.show(TraceMatched, m, "", "", receivers)
		t.noteTopic(m)
	}
}

// traceLetter shows a message that has its receiver already.
func (t *turn) traceLetter(m *message) {
	if t.b.observed {
		t.show(TraceReceived, m, "", "", 0)
		t.noteTopic(m)
	}
}

// noteTopic shows a message that was taken in to those who watch topics.
func (t *turn) noteTopic(m *message) {
	if w := t.b.watched; w != nil {
		w.note(m, t.b.now())
	}
}

func (t *turn) traceReason(step TraceStep, m *message, client ClientID, reason packet.ReasonCode) {
	if t.b.observed {
		text := ""
		if reason != packet.Success {
			text = reason.String()
		}
		t.show(step, m, client, text, 0)
	}
}

//go:noinline
func (t *turn) show(step TraceStep, m *message, client ClientID, reason string, receivers int) {
	if len(t.b.traces) == 0 {
		return
	}
	e := TraceEvent{
		At: t.b.now(), Message: m.number, Step: step, From: m.from.name(), Client: client, Topic: m.topic, QoS: m.qos,
		Size: len(m.payload), Receivers: receivers, Reason: reason,
	}
	for _, r := range t.b.traces {
		if r.wants(&e) {
			r.add(e)
		}
	}
}

// lost counts a message that somebody does not get. s is nil if it is for no
// session.
func (t *turn) lost(s *session, m *message, why counter) {
	t.b.tally.count(why)
	var client ClientID
	if s != nil {
		s.dropped++
		client = s.client
	}
	t.trace(TraceDropped, m, client, why.name())
}

// String names the message and the step.
func (e TraceEvent) String() string {
	s := strconv.FormatUint(e.Message, 10) + " " + string(e.Step)
	if e.Client != "" {
		s += " " + string(e.Client)
	}
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return s
}
