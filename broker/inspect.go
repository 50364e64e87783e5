package broker

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// ClientDetail describes a client and what it receives.
type ClientDetail struct {
	ClientInfo
	// Expiry is how long the session outlives its connection: 0 not at all,
	// NeverExpires without an end of its own.
	Expiry        time.Duration
	Subscriptions []ClientSubscription // by filter
}

// ClientSubscription is one filter that a client receives messages for.
type ClientSubscription struct {
	packet.Subscription
	Identifier uint32 // that the client gave it; 0 for none
	Attached   bool   // by the embedding program (Attach), not by the client
}

// Client describes one client; false if it has no session.
func (b *Broker) Client(client ClientID) (ClientDetail, bool) {
	d, ok := b.detail(client)
	slices.SortStableFunc(d.Subscriptions, func(x, y ClientSubscription) int { return cmp.Compare(x.Filter, y.Filter) })
	return d, ok
}

func (b *Broker) detail(client ClientID) (ClientDetail, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sessions[client]
	if s == nil {
		return ClientDetail{}, false
	}
	d := ClientDetail{ClientInfo: b.info(s), Expiry: s.expiry, Subscriptions: make([]ClientSubscription, 0, len(s.subs)+len(s.attached))}
	for _, sub := range s.subs {
		d.Subscriptions = append(d.Subscriptions, ClientSubscription{Subscription: sub.Subscription, Identifier: sub.id})
	}
	for _, filter := range s.attached {
		qos, _ := b.attached.Get(filter, s)
		d.Subscriptions = append(d.Subscriptions, ClientSubscription{Subscription: packet.Subscription{Filter: filter, QoS: qos}, Attached: true})
	}
	return d, true
}

// RetainedPage is some of the retained messages.
type RetainedPage struct {
	Messages []Message // by topic, in the order of its bytes
	More     bool      // others follow the last
}

// Retained gives the retained messages whose topic the filter matches, at most
// limit of them, of those that stand behind after (empty: from the first). The
// broker works on while they are looked for: what is retained all the time is
// found, what changes meanwhile is found as it was or as it is.
func (b *Broker) Retained(ctx context.Context, filter, after string, limit int) (RetainedPage, error) {
	if err := topic.ValidFilter(filter, 0); err != nil {
		return RetainedPage{}, fmt.Errorf("broker: retained messages of %q: %w", filter, err)
	}
	if limit < 1 {
		return RetainedPage{}, fmt.Errorf("broker: retained messages of %q: limit %d is less than 1", filter, limit)
	}
	h := gleaning{after: after, most: limit + 1}
	for cursor, more := b.retained.names.Find(filter), true; more; runtime.Gosched() {
		if err := ctx.Err(); err != nil {
			return RetainedPage{}, err
		}
		more = b.glean(cursor, &h)
	}
	h.settle()
	page := RetainedPage{More: len(h.found) > limit}
	for _, m := range h.found[:min(limit, len(h.found))] {
		page.Messages = append(page.Messages, m.public())
	}
	return page, nil
}

// retainedStep is how many nodes are looked at while the lock is held: about a
// tenth of a millisecond.
const retainedStep = 1000

// glean looks at some of the retained messages.
func (b *Broker) glean(c *topic.Cursor[*message], h *gleaning) (more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return c.Next(retainedStep, func(_ string, m *message) {
		if !m.expired(b.now) {
			h.add(m)
		}
	})
}

// gleaning keeps the first messages by topic of those that are shown to it in any
// order, in little more memory than these need.
type gleaning struct {
	after string
	most  int
	found []*message
	last  string // no topic behind it is among the first; empty while that is not known
}

func (h *gleaning) add(m *message) {
	if m.topic <= h.after || h.last != "" && m.topic > h.last {
		return
	}
	if h.found = append(h.found, m); len(h.found) >= 2*h.most {
		h.settle()
	}
}

// settle sorts what was found, keeps the newest message of each topic, and forgets
// what is not among the first.
func (h *gleaning) settle() {
	slices.SortFunc(h.found, func(x, y *message) int {
		return cmp.Or(cmp.Compare(x.topic, y.topic), cmp.Compare(y.order, x.order))
	})
	h.found = slices.CompactFunc(h.found, func(x, y *message) bool { return x.topic == y.topic })
	if len(h.found) >= h.most {
		clear(h.found[h.most:])
		h.found = h.found[:h.most]
		h.last = h.found[h.most-1].topic
	}
}
