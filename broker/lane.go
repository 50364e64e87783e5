package broker

import (
	"slices"
	"time"

	"gatehouse/broker/packet"
)

// lane is the way of one client's messages to one handler, through all of its
// connections: what they brought, and the wills that they left, in order. It is
// there, and a goroutine serves it, while it is not empty. Its fields belong to
// the turn.
type lane struct {
	b       *Broker
	key     laneKey
	queue   []held
	offered int // the first ones: the handler is being asked to take them
	bytes   int // of those at QoS 0
}

type laneKey struct {
	client ClientID
	h      *handler
}

// held is one message in a lane.
type held struct {
	in     Incoming
	from   Sender
	m      *message
	c      *conn  // that brought it; nil for a will
	will   *will  // nil for what a connection brought
	id     uint16 // packet identifier
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
	l := t.laneOf(s.client, o.h)
	if o.m.qos == 0 {
		size := o.m.size()
		if len(l.queue) >= laneEnd || l.bytes > 0 && l.bytes+size > t.b.limits.MaxQueuedBytes {
			t.lost(nil, o.m, droppedLane)
			return
		}
		l.bytes += size
	}
	t.trace(TraceHandedOver, o.m, "", "")
	if o.m.qos == 2 {
		if s.incoming == nil {
			s.incoming = make(map[uint16]flow)
		}
		s.incoming[o.id] = flowHeld
	}
	l.queue = append(l.queue, held{
		in: t.incoming(o), from: Sender{Client: s.client, Identity: s.identity, Epoch: c.epoch}, m: o.m, c: c, id: o.id, number: number,
	})
	if o.h.glance != nil {
		x := &l.queue[len(l.queue)-1]
		t.b.glanced(o.h, x.from, x.in)
	}
}

//go:noinline
func (t *turn) incoming(o *op) Incoming {
	return Incoming{Message: o.m.public(), Arrived: t.b.now(), Dup: o.dup}
}

// handOverWill puts a will behind what its connection brought.
func (t *turn) handOverWill(w *will, h *handler) {
	l := t.laneOf(w.client, h)
	l.queue = append(l.queue, held{
		in: Incoming{Message: w.m.public(), Arrived: t.b.now()}, from: Sender{Client: w.client, Identity: w.identity, Epoch: w.epoch}, m: w.m, will: w,
	})
}

// laneOf finds a lane, or makes one that something is put into in this turn.
func (t *turn) laneOf(client ClientID, h *handler) *lane {
	b, key := t.b, laneKey{client, h}
	l := b.lanes[key]
	if l == nil {
		l = &lane{b: b, key: key}
		b.lanes[key] = l
		b.spawn(l.run)
	}
	return l
}

// leaveLanes removes what a connection that ended brought at QoS 1 and 2: its
// client sends it again. What is just offered stays until that is over.
func (t *turn) leaveLanes(c *conn) {
	for _, h := range t.b.handlers {
		if l := t.b.lanes[laneKey{c.session.client, h}]; l != nil {
			rest := slices.DeleteFunc(l.queue[l.offered:], func(x held) bool { return x.c == c && x.m.qos > 0 })
			l.queue = l.queue[:l.offered+len(rest)]
		}
	}
}

// run gives the handler what is in the lane until that is empty or the broker
// stops. What it does not take is offered again, later each time; but what came at
// QoS 0 on a connection that has ended only once, because nobody sends it again
// and nobody waits for it.
func (l *lane) run() {
	deepen()
	pause := retryFirst
	for {
		list := l.next()
		if len(list) == 0 {
			return
		}
		taken, refused, err := l.offer(list)
		l.take(taken, refused)
		if err == nil || taken > 0 {
			pause = retryFirst
		}
		if err == nil || taken == 0 && l.giveUp(list) {
			continue
		}
		l.b.log.Warn("handler did not take a message: it is offered again", "filter", l.key.h.filter, "client", l.key.client, "error", err)
		select {
		case <-time.After(pause):
		case <-l.b.ctx.Done():
			return // clients send their messages again, and wills are stored
		}
		pause = min(2*pause, retryLast)
	}
}

// next gives what the handler is to have now: messages of one connection, or one
// will. Nothing ends the lane.
func (l *lane) next() []held {
	t := l.b.turn()
	defer t.end()
	l.queue = slices.DeleteFunc(l.queue, func(x held) bool {
		return x.will != nil && x.will.cancelled || x.c != nil && x.c.dead && x.m.qos > 0
	})
	if len(l.queue) == 0 {
		delete(l.b.lanes, l.key)
		return nil
	}
	n := 1
	for first := &l.queue[0]; first.will == nil && n < min(len(l.queue), handOffMax) && l.queue[n].c == first.c; {
		n++
	}
	l.offered = n
	return slices.Clone(l.queue[:n])
}

// offer asks the handler, unless the right of a will has ended meanwhile.
func (l *lane) offer(list []held) (taken int, refused bool, err error) {
	if w := list[0].will; w != nil && !l.b.permitted(w) {
		l.b.refusedWill(w)
		return 1, true, nil
	}
	batch := make([]Incoming, len(list))
	for i := range list {
		batch[i] = list[i].in
	}
	taken, err = l.b.offer(l.key.h, list[0].from, batch)
	return taken, false, err
}

// take routes and acknowledges the first n messages of the lane: the handler owns
// them. If the connection has ended the client sends those of QoS 1 and 2 again,
// and they are routed then.
func (l *lane) take(n int, refused bool) {
	t := l.b.turn()
	defer t.end()
	for i := range l.queue[:n] {
		switch x := &l.queue[i]; {
		case x.will != nil:
			t.routeWill(x.will, !refused)
		case x.m.qos == 0:
			l.bytes -= x.m.size()
			t.route(x.m)
		case !x.c.dead:
			t.owned(x)
		}
	}
	l.remove(n)
}

// owned routes and acknowledges what the handler owns now. Without room to retain
// it nobody else gets it, but the handler has it: that is a success.
func (t *turn) owned(x *held) {
	mark := t.mark()
	t.route(x.m)
	t.own(x.c.session, x.m, x.id, packet.Success)
	t.answer(x.c, x.m.qos, x.number, packet.Success, mark)
}

// giveUp drops what was offered in vain and came at QoS 0 on a connection that has
// ended; false if it was something else.
func (l *lane) giveUp(list []held) bool {
	t := l.b.turn()
	defer t.end()
	if x := list[0]; x.will != nil || x.m.qos > 0 || !x.c.dead {
		return false
	}
	t.lost(nil, list[0].m, droppedLane)
	l.bytes -= list[0].m.size()
	l.remove(1)
	return true
}

// remove ends the first n messages.
func (l *lane) remove(n int) {
	clear(l.queue[:n])
	l.queue, l.offered = l.queue[n:], 0
}
