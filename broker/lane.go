package broker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// handler is one Handler with the topics that are its.
type handler struct {
	filter  string
	handler Handler
}

// handlerFor gives the handler of a topic, or nil. Handlers do not change once the
// broker serves.
func (b *Broker) handlerFor(name string) *handler {
	for _, h := range b.handlers {
		if topic.Match(h.filter, name) {
			return h
		}
	}
	return nil
}

// lane is the way of one connection's messages to one handler. A goroutine serves
// it while it is not empty. Its fields belong to the turn.
type lane struct {
	h       *handler
	c       *conn
	from    Sender
	queue   []held
	bytes   int // of those at QoS 0
	running bool
}

// held is one message in a lane.
type held struct {
	in     Incoming
	m      *message
	id     uint16
	number uint64 // of its receipt
}

const (
	laneEnd    = 1024 // QoS 0 messages are dropped beyond, and beyond MaxQueuedBytes; the others are bounded by Receive Maximum
	handOffMax = 64   // messages in one call of a handler
	retryFirst = 50 * time.Millisecond
	retryLast  = 5 * time.Second
)

// handOver puts a message into its handler's lane.
func (t *turn) handOver(c *conn, s *session, o *op, number uint64) {
	l := c.laneOf(o.h)
	if o.m.qos == 0 {
		size := o.m.size()
		if len(l.queue) >= laneEnd || l.bytes > 0 && l.bytes+size > t.b.limits.MaxQueuedBytes {
			t.b.tally.count(droppedLane)
			return
		}
		l.bytes += size
	}
	if o.m.qos == 2 {
		if s.incoming == nil {
			s.incoming = make(map[uint16]flow)
		}
		s.incoming[o.id] = flowHeld
	}
	in := Incoming{Message: o.m.public(), Arrived: t.b.now(), Dup: o.dup}
	l.queue = append(l.queue, held{in: in, m: o.m, id: o.id, number: number})
	t.runLane(l)
}

// runLane has a lane served, if it is not and there is something in it. The wills
// of older connections of the client come first.
func (t *turn) runLane(l *lane) {
	if l.running || len(l.queue) == 0 {
		return
	}
	for _, w := range t.b.wills[l.from.Client] {
		if w.handler == l.h {
			return
		}
	}
	l.running = true
	t.b.spawn(l.run)
}

// runLanes looks again at the lanes of a client, one of whose wills is out.
func (t *turn) runLanes(client ClientID) {
	if s := t.b.sessions[client]; s != nil && s.conn != nil {
		for _, l := range s.conn.lanes {
			t.runLane(l)
		}
	}
}

// laneOf finds or makes a lane.
func (c *conn) laneOf(h *handler) *lane {
	for _, l := range c.lanes {
		if l.h == h {
			return l
		}
	}
	l := &lane{h: h, c: c, from: Sender{Client: c.session.client, Identity: c.session.identity, Epoch: c.epoch}}
	c.lanes = append(c.lanes, l)
	return l
}

// run gives the handler what is in the lane until that is empty. What it does not
// take is offered again, later each time, until the connection ends; what came at
// QoS 0 before the end is offered once more, because nobody sends it again.
func (l *lane) run() {
	pause := retryFirst
	for {
		batch, ended := l.next()
		if batch == nil {
			return
		}
		taken, err := l.c.b.offer(l.h, l.from, batch)
		if err == nil || taken > 0 {
			pause = retryFirst
		}
		l.take(taken)
		if err == nil {
			continue
		}
		l.c.b.log.Warn("handler did not take a message: it is offered again", "filter", l.h.filter, "client", l.from.Client, "error", err)
		select {
		case <-time.After(pause):
		case <-l.c.done.wait():
			if ended {
				l.giveUp()
				return
			}
		}
		pause = min(2*pause, retryLast)
	}
}

// giveUp drops what the handler did not take of an ended connection.
func (l *lane) giveUp() {
	t := l.c.b.turn()
	defer t.end()
	for range l.queue {
		t.b.tally.count(droppedLane)
	}
	l.queue, l.bytes, l.running = nil, 0, false
}

// next gives what the handler is to have now; nil ends the run. Of an ended
// connection that is what came at QoS 0: the client sends the rest again.
func (l *lane) next() (batch []Incoming, ended bool) {
	t := l.c.b.turn()
	defer t.end()
	if l.c.dead {
		l.queue = slices.DeleteFunc(l.queue, func(x held) bool { return x.m.qos > 0 })
	}
	if len(l.queue) == 0 {
		l.queue, l.running = nil, false
		return nil, false
	}
	batch = make([]Incoming, min(len(l.queue), handOffMax))
	for i := range batch {
		batch[i] = l.queue[i].in
	}
	return batch, l.c.dead
}

// take routes and acknowledges the first n messages of the lane: the handler owns
// them. If the connection has ended the client sends those of QoS 1 and 2 again,
// and they are routed then.
func (l *lane) take(n int) {
	t := l.c.b.turn()
	defer t.end()
	c := l.c
	for i := range n {
		x := &l.queue[i]
		if x.m.qos == 0 {
			l.bytes -= x.m.size()
		} else if c.dead {
			continue
		}
		mark := t.mark()
		t.route(x.m) // without room to retain it nobody else gets it, but the handler has it: that is a success
		t.own(c, c.session, x.m, x.id, packet.Success)
		t.answer(c, x.m.qos, x.number, packet.Success, mark)
	}
	clear(l.queue[:n])
	if l.queue = l.queue[n:]; len(l.queue) == 0 {
		l.queue = nil
	}
}

// errNoAnswer is the answer that a handler did not give.
var errNoAnswer = errors.New("the handler gave no answer")

// offer calls a handler and says how many messages, from the first on, it took.
func (b *Broker) offer(h *handler, from Sender, batch []Incoming) (taken int, err error) {
	answers := b.ask(h, from, batch)
	for i := range batch {
		if i >= len(answers) {
			return i, errNoAnswer
		}
		if answers[i] != nil {
			return i, answers[i]
		}
	}
	return len(batch), nil
}

// ask calls a handler; one that panics has taken nothing.
func (b *Broker) ask(h *handler, from Sender, batch []Incoming) (answers []error) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("a handler panicked", "filter", h.filter, "panic", p, "stack", string(debug.Stack()))
			answers = []error{fmt.Errorf("handler panicked: %v", p)}
		}
	}()
	return h.handler.Handle(b.ctx, from, batch)
}

// offerUntilTaken offers one message until the handler takes it or ctx ends.
func (b *Broker) offerUntilTaken(ctx context.Context, h *handler, from Sender, in Incoming) bool {
	for pause := retryFirst; ; pause = min(2*pause, retryLast) {
		if _, err := b.offer(h, from, []Incoming{in}); err == nil {
			return true
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false
		}
	}
}
