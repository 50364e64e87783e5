package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// ErrNoSession is the error of Attach for a client that has no session.
var ErrNoSession = errors.New("broker: the client has no session")

// Attach has a client receive what matches the filter, at most at the QoS, without
// having subscribed to it: it joins a group, say. That is beside the client's own
// subscriptions, which it does not see it among and cannot end it with; its rights
// are not asked for. A message that matches both comes once. Retained messages
// come with no Attach. It lasts as long as the session, or until Detach.
//
// It returns when that is durable, if the session outlives its connection.
// ErrNoSession if the client has none: connected clients have one.
func (b *Broker) Attach(ctx context.Context, client ClientID, filter string, qos packet.QoS) error {
	if qos > 2 {
		return fmt.Errorf("broker: attach %q to %q: QoS %d does not exist", client, filter, qos)
	}
	if err := plainFilter(filter, b.limits.MaxTopicLevels); err != nil {
		return fmt.Errorf("broker: attach %q to %q: %w", client, filter, err)
	}
	return b.changeAttached(ctx, client, func(t *turn, s *session) {
		t.attachFilter(s, filter, qos)
		if s.lasting() {
			t.change(PutAttached{Client: client, Filter: filter, QoS: qos})
		}
	})
}

// plainFilter checks a filter of the program: a prefix would say nothing there.
func plainFilter(filter string, maxLevels int) error {
	if topic.Prefixed(filter) {
		return errors.New("a topic filter with a prefix is only for subscriptions of clients")
	}
	return topic.ValidFilter(filter, maxLevels)
}

// Detach ends what Attach began. What is queued because of it is delivered all the
// same. To detach what is not attached is no error.
func (b *Broker) Detach(ctx context.Context, client ClientID, filter string) error {
	err := b.changeAttached(ctx, client, func(t *turn, s *session) {
		if !b.attached.Delete(filter, s) {
			return
		}
		s.attached = slices.DeleteFunc(s.attached, func(f string) bool { return f == filter })
		if s.lasting() {
			t.change(DeleteAttached{Client: client, Filter: filter})
		}
	})
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	return err
}

func (b *Broker) changeAttached(ctx context.Context, client ClientID, change func(*turn, *session)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wait, err := b.inTurn(func(t *turn) error {
		s := b.sessions[client]
		if s == nil {
			return fmt.Errorf("%w: %q", ErrNoSession, client)
		}
		change(t, s)
		return nil
	})
	return b.await(ctx, wait, err)
}

// attachFilter adds a filter to a session or replaces its QoS.
func (t *turn) attachFilter(s *session, filter string, qos packet.QoS) {
	if !t.b.attached.Set(filter, s, qos) {
		s.attached = append(s.attached, filter)
	}
}
