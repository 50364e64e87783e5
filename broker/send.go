package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// The errors of Send and Publish.
var (
	ErrNotConnected = errors.New("broker: the client is not connected")
	ErrClosed       = errors.New("broker: closed")
	ErrQuota        = errors.New("broker: no room for the retained message")
)

// Send gives a message to one client that is connected now, whether or not it has
// subscribed to the topic. m.QoS is 0 or 1, m.Retain false; after m.Expires it is
// not written any more.
//
// report is called with what becomes of it, in order and from one goroutine; it
// must not block. The last step is Written at QoS 0, otherwise Acknowledged or
// Ended. A message that the client has not acknowledged when its connection ends
// is Ended: it leaves the session and is never sent again. Ended without Written
// before means that it was never wholly given to the operating system.
//
// ErrNotConnected, at once and without any report, if there is no connection.
func (b *Broker) Send(ctx context.Context, client ClientID, m Message, report func(Delivery)) error {
	_, err := b.SendRecallable(ctx, client, m, report)
	return err
}

// SendRecallable is Send, and gives what takes the message back while nobody writes
// it. recall is true if it was in time: then no byte of the message leaves, and the
// last step is Ended with CauseRecalled. It never blocks on a client.
func (b *Broker) SendRecallable(ctx context.Context, client ClientID, m Message, report func(Delivery)) (recall func() bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m.QoS > 1 || m.Retain {
		return nil, fmt.Errorf("broker: send to %q: want QoS 0 or 1 and not retained", m.Topic)
	}
	if err := b.checkMessage(&m); err != nil {
		return nil, err
	}
	t := b.turn()
	defer t.end()
	s := b.sessions[client]
	if s == nil || s.conn == nil {
		return nil, ErrNotConnected
	}
	c := s.conn
	p := sending{m: b.newMessage(m), qos: m.QoS}
	if c.maxPacket > 0 && uint64(len(p.append(nil, c.version, b.now))) > uint64(c.maxPacket) {
		return nil, fmt.Errorf("broker: send to %q: larger than the client takes (%d bytes)", m.Topic, c.maxPacket)
	}
	l := &letter{sending: p, version: c.version, now: b.now, report: report, reports: b.deliveries}
	e := t.letter(s, l)
	return func() bool { return b.recallLetter(s, e) }, nil
}

// letter queues a letter. It counts as a message in flight, so that it has an
// identifier and the client's Receive Maximum is kept.
func (t *turn) letter(s *session, l *letter) *entry {
	b, o := t.b, &s.out
	t.number(l.sending.m)
	t.traceLetter(l.sending.m)
	e := &entry{m: l.sending.m, qos: l.sending.qos, state: Sent, letter: l}
	if end := l.sending.m.expires; !end.IsZero() {
		e.expiry = b.schedule.at(time.Now().Add(end.Sub(b.now())), func() { b.expireLetter(s, e) })
	}
	if e.qos == 0 && s.conn.ready {
		t.trace(TraceSent, e.m, s.client, "")
		s.conn.out.post(l)
		t.touch(s.conn)
		return e
	}
	t.trace(TraceQueued, e.m, s.client, "")
	o.letters = append(o.letters, e)
	t.pump(s)
	return e
}

// expireLetter ends a letter that was not written in time.
func (b *Broker) expireLetter(s *session, e *entry) {
	t := b.turn()
	defer t.end()
	if !e.letter.withdraw(CauseExpired) {
		return
	}
	t.lost(s, e.m, droppedExpired)
	t.removeLetter(s, e)
	t.pump(s)
}

// recallLetter takes a letter back that nobody took yet; false if somebody did, or if
// it is over.
func (b *Broker) recallLetter(s *session, e *entry) bool {
	t := b.turn()
	defer t.end()
	if !e.letter.withdraw(CauseRecalled) {
		return false
	}
	b.schedule.cancel(e.expiry)
	t.trace(TraceDropped, e.m, s.client, string(CauseRecalled))
	t.removeLetter(s, e)
	t.pump(s)
	return true
}

func (t *turn) removeLetter(s *session, e *entry) {
	o := &s.out
	for i, x := range o.letters {
		if x == e {
			o.letters = append(o.letters[:i], o.letters[i+1:]...)
			break
		}
	}
	t.forget(s, e)
}

// dropCommands ends the letters of a connection that ended, and removes the
// commands that were published to it: they are not for another connection.
func (t *turn) dropCommands(s *session, cause Cause) {
	o := &s.out
	for _, e := range o.open {
		if e.letter != nil {
			e.letter.end(cause)
		}
		if e.letter != nil || e.m.command {
			t.forget(s, e)
		}
		if e.letter == nil && e.m.command {
			t.lost(s, e.m, droppedCommand)
		}
	}
	for _, e := range o.letters {
		t.trace(TraceDropped, e.m, s.client, string(cause))
		e.letter.end(cause)
		t.b.schedule.cancel(e.expiry)
	}
	o.letters = nil
	if slices.ContainsFunc(o.waiting.all(), func(e *entry) bool { return e.m.command }) {
		o.keep(func(e *entry) bool {
			if e.m.command {
				t.forget(s, e)
				t.lost(s, e.m, droppedCommand)
			}
			return !e.m.command
		})
	}
}

// Publish publishes a message of the embedding program: it may write to every
// topic but retain nothing on a command topic. It returns when the message is
// durable, if it had to be; a message on a volatile topic, and one that nobody
// keeps, waits for nothing. Handlers are not given it.
func (b *Broker) Publish(ctx context.Context, m Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.QoS > 2 {
		return fmt.Errorf("broker: publish to %q: QoS %d does not exist", m.Topic, m.QoS)
	}
	if err := b.checkMessage(&m); err != nil {
		return err
	}
	n := b.newMessage(m)
	if n.command && n.retain {
		return fmt.Errorf("broker: publish to %q: a command is never retained", m.Topic)
	}
	wait, err := b.publish(n)
	return b.await(ctx, wait, err)
}

// publish routes a message of the program; wait answers when it is durable.
func (b *Broker) publish(m *message) (wait chan error, err error) {
	return b.inTurn(func(t *turn) error {
		if b.commit.broken != nil && !m.volatile {
			return b.commit.broken
		}
		b.tally.published.Add(1)
		t.number(m)
		t.trace(TraceReceived, m, "", "")
		if t.route(m).Failed() {
			return fmt.Errorf("%w: %q", ErrQuota, m.topic)
		}
		return nil
	})
}

// inTurn does what the program wants in one turn; wait, if it is not nil, answers
// when the changes that this made are durable.
func (b *Broker) inTurn(f func(*turn) error) (wait chan error, err error) {
	t := b.turn()
	defer t.end()
	if b.closing {
		return nil, ErrClosed
	}
	mark := t.mark()
	if err := f(t); err != nil || t.mark() == mark {
		return nil, err
	}
	wait = make(chan error, 1)
	b.commit.waiters = append(b.commit.waiters, wait)
	return wait, nil
}

// await waits for what inTurn gave.
func (b *Broker) await(ctx context.Context, wait chan error, err error) error {
	if err != nil || wait == nil {
		return err
	}
	select {
	case err := <-wait:
		return err
	case <-b.ctx.Done():
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// checkMessage refuses what cannot be put into a packet.
func (b *Broker) checkMessage(m *Message) error {
	if err := topic.ValidName(m.Topic, b.limits.MaxTopicLevels); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	if topic.Prefixed(m.Topic) {
		return fmt.Errorf("broker: topic name %q begins with what only filters begin with", m.Topic)
	}
	p := packet.Publish{QoS: m.QoS, Retain: m.Retain, Topic: m.Topic, Properties: m.Properties, Payload: m.Payload}
	if err := p.Check(); err != nil {
		return fmt.Errorf("broker: message for %q: %w", m.Topic, err)
	}
	return nil
}
