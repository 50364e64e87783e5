package storetest

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/broker"
)

// contents is what a store holds, by what it says when it loads.
type contents struct {
	Sessions map[broker.ClientID]broker.SessionRecord
	Subs     map[string]broker.PutSubscription // by client and filter
	Attached map[string]broker.PutAttached     // by client and filter
	Queues   map[broker.ClientID][]queued
	Incoming map[string]bool // by client and packet id
	Retained map[string]broker.PutRetained
	Wills    map[broker.ClientID]broker.WillRecord
	Bodies   int // message bodies
}

// queued is a queue entry with its body in place of the body's id: a store may
// not mix them up, and its ids are its own.
type queued struct {
	Entry broker.QueueEntry
	Body  broker.Message
}

// read is load that fails the test.
func read(t *testing.T, s broker.Store) contents {
	t.Helper()
	c, err := load(s)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

// load gives what a store holds, or an error if what it says has no order: an
// entry before its body, or entries of one queue out of sequence.
func load(s broker.Store) (contents, error) {
	c := contents{
		Sessions: map[broker.ClientID]broker.SessionRecord{}, Subs: map[string]broker.PutSubscription{}, Attached: map[string]broker.PutAttached{},
		Queues: map[broker.ClientID][]queued{}, Incoming: map[string]bool{},
		Retained: map[string]broker.PutRetained{}, Wills: map[broker.ClientID]broker.WillRecord{},
	}
	bodies := map[broker.MessageID]broker.Message{}
	err := s.Load(context.Background(), func(ch broker.Change) error { return c.add(ch, bodies) })
	c.Bodies = len(bodies)
	return c, err
}

func (c *contents) add(ch broker.Change, bodies map[broker.MessageID]broker.Message) error {
	switch ch := ch.(type) {
	case broker.PutSession:
		c.Sessions[ch.Session.Client] = ch.Session
	case broker.PutSubscription:
		c.Subs[string(ch.Client)+" "+ch.Subscription.Filter] = ch
	case broker.PutAttached:
		c.Attached[string(ch.Client)+" "+ch.Filter] = ch
	case broker.PutMessage:
		bodies[ch.ID] = ch.Message
	case broker.Enqueue:
		return c.enqueue(ch.Entry, bodies)
	case broker.PutIncoming:
		c.Incoming[fmt.Sprint(ch.Client, " ", ch.PacketID)] = true
	case broker.PutRetained:
		c.Retained[ch.Message.Topic] = ch
	case broker.PutWill:
		c.Wills[ch.Client] = ch.Will
	default:
		return fmt.Errorf("it gave a %T: a stored state is told by puts only", ch)
	}
	return nil
}

func (c *contents) enqueue(e broker.QueueEntry, bodies map[broker.MessageID]broker.Message) error {
	body, ok := bodies[e.Message]
	if !ok {
		return fmt.Errorf("entry %d of %q came before the message %d that it names", e.Seq, e.Client, e.Message)
	}
	q := c.Queues[e.Client]
	if len(q) > 0 && q[len(q)-1].Entry.Seq >= e.Seq {
		return fmt.Errorf("entry %d of %q came after %d", e.Seq, e.Client, q[len(q)-1].Entry.Seq)
	}
	e.Message = 0
	c.Queues[e.Client] = append(q, queued{e, body})
	return nil
}

// same fails the test if the contents differ.
func same(t *testing.T, what string, got, want contents) {
	t.Helper()
	if d := diff(got, want); d != "" {
		t.Fatalf("%s: -want +got\n%s", what, d)
	}
}

// diff compares: times by instant, to the microsecond; nil and empty alike.
func diff(got, want contents) string {
	if reflect.DeepEqual(got, want) { // the usual case, by far the fastest
		return ""
	}
	times := cmp.Comparer(func(a, b time.Time) bool {
		return a.IsZero() == b.IsZero() && a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
	})
	payloads := cmp.FilterValues(func(a, b []byte) bool { return len(a)+len(b) > 0 }, cmp.Comparer(bytes.Equal))
	return cmp.Diff(want, got, times, payloads, cmpopts.EquateEmpty())
}

// Diff says how what got holds differs from what want holds, for tests of a
// store's own; it is empty if it does not. The error is one of loading either.
func Diff(got, want broker.Store) (string, error) {
	w, err := load(want)
	if err != nil {
		return "", err
	}
	g, err := load(got)
	if err != nil {
		return "", err
	}
	return diff(g, w), nil
}

// apply fails the test if the store does not take the changes.
func apply(t *testing.T, s broker.Store, changes ...broker.Change) {
	t.Helper()
	if err := s.Apply(context.Background(), slices.Clone(changes)); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}
