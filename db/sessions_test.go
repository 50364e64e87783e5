package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// model is what a store is to hold, kept in maps.
type model struct {
	Sessions  map[broker.ClientID]broker.SessionRecord
	Subs      map[string]broker.PutSubscription
	Messages  map[broker.MessageID]broker.Message
	Queue     map[string]broker.QueueEntry
	Incoming  map[string]bool
	Retained  map[string]broker.Message
	Wills     map[broker.ClientID]broker.WillRecord
	lastEntry map[broker.ClientID]uint64
}

func newModel() *model {
	return &model{
		map[broker.ClientID]broker.SessionRecord{}, map[string]broker.PutSubscription{}, map[broker.MessageID]broker.Message{},
		map[string]broker.QueueEntry{}, map[string]bool{}, map[string]broker.Message{},
		map[broker.ClientID]broker.WillRecord{}, map[broker.ClientID]uint64{},
	}
}

func at(client broker.ClientID, what any) string { return fmt.Sprintf("%s|%v", client, what) }

func (m *model) apply(c broker.Change) error {
	switch c := c.(type) {
	case broker.PutSession:
		m.Sessions[c.Session.Client] = c.Session
	case broker.DeleteSession:
		m.drop(c.Client)
	case broker.PutSubscription:
		m.Subs[at(c.Client, c.Subscription.Filter)] = c
	case broker.DeleteSubscription:
		delete(m.Subs, at(c.Client, c.Filter))
	case broker.PutMessage:
		m.Messages[c.ID] = c.Message
	case broker.Enqueue:
		e := c.Entry
		if _, ok := m.Messages[e.Message]; !ok {
			return fmt.Errorf("entry %d of %s names message %d, which is not there", e.Seq, e.Client, e.Message)
		}
		if e.Seq <= m.lastEntry[e.Client] {
			return fmt.Errorf("entry %d of %s comes after %d", e.Seq, e.Client, m.lastEntry[e.Client])
		}
		m.lastEntry[e.Client] = e.Seq
		m.Queue[at(e.Client, e.Seq)] = e
	case broker.Advance:
		if e, ok := m.Queue[at(c.Client, c.Seq)]; ok {
			e.State, e.PacketID = c.State, c.PacketID
			m.Queue[at(c.Client, c.Seq)] = e
		}
	case broker.Dequeue:
		delete(m.Queue, at(c.Client, c.Seq))
	case broker.PutIncoming:
		m.Incoming[at(c.Client, c.PacketID)] = true
	case broker.DeleteIncoming:
		delete(m.Incoming, at(c.Client, c.PacketID))
	case broker.PutRetained:
		m.Retained[c.Message.Topic] = c.Message
	case broker.DeleteRetained:
		delete(m.Retained, c.Topic)
	case broker.PutWill:
		m.Wills[c.Client] = c.Will
	case broker.DeleteWill:
		delete(m.Wills, c.Client)
	}
	return nil
}

func (m *model) drop(client broker.ClientID) {
	delete(m.Sessions, client)
	delete(m.Wills, client)
	for k, s := range m.Subs {
		if s.Client == client {
			delete(m.Subs, k)
		}
	}
	for k, e := range m.Queue {
		if e.Client == client {
			delete(m.Queue, k)
		}
	}
	for id := range 8 {
		delete(m.Incoming, at(client, id))
	}
}

// collect forgets the messages that nobody queues.
func (m *model) collect() {
	named := map[broker.MessageID]bool{}
	for _, e := range m.Queue {
		named[e.Message] = true
	}
	for id := range m.Messages {
		if !named[id] {
			delete(m.Messages, id)
		}
	}
}

// someMessage makes a message with every property that can travel.
func someMessage(r *rand.Rand, topic string) broker.Message {
	utf8, left := byte(1), r.Uint32()
	m := broker.Message{Topic: topic, QoS: packet.QoS(r.IntN(3)), Retain: r.IntN(2) == 0}
	if r.IntN(4) > 0 {
		m.Payload = []byte{0, 0xff, byte(r.Uint32())}
		m.Expires = start.Add(time.Duration(r.IntN(1e6)) * time.Millisecond)
		m.Properties = packet.Properties{
			PayloadFormat: &utf8, MessageExpiry: &left, ContentType: "text/plain", ResponseTopic: "回/答",
			CorrelationData: []byte{0, 1, 0xfe}, User: []packet.UserProperty{{Name: "b", Value: "1"}, {Name: "a", Value: ""}, {Name: "b", Value: "1"}},
		}
	}
	return m
}

// someChanges makes one change set that fits what is there.
func someChanges(r *rand.Rand, seq *uint64, m *model) []broker.Change {
	client := broker.ClientID(fmt.Sprintf("客户-%d", r.IntN(4)))
	changes := []broker.Change{broker.PutSession{Session: broker.SessionRecord{
		Client: client, Identity: "device:1", Version: packet.V5,
		Expiry:       []time.Duration{broker.NeverExpires, 0, time.Hour}[r.IntN(3)],
		Disconnected: []time.Time{{}, start}[r.IntN(2)],
	}}}
	*seq++
	id := broker.MessageID(*seq)
	changes = append(changes,
		broker.PutSubscription{Client: client, ID: uint32(r.IntN(3)), Subscription: packet.Subscription{
			Filter: fmt.Sprintf("a/%d/#", r.IntN(3)), QoS: 2, NoLocal: r.IntN(2) == 0, RetainAsPublished: r.IntN(2) == 0, RetainHandling: 1}},
		broker.PutMessage{ID: id, Message: someMessage(r, "a/b")},
		broker.Enqueue{Entry: broker.QueueEntry{Client: client, Seq: *seq, Message: id, QoS: 1, Retain: true, IDs: []uint32{3, 1}}},
		broker.PutIncoming{Client: client, PacketID: uint16(r.IntN(8))},
		broker.PutRetained{Message: someMessage(r, fmt.Sprintf("r/%d", r.IntN(4)))},
		broker.PutWill{Client: client, Will: broker.WillRecord{Message: someMessage(r, "will"), Delay: 3 * time.Second, Due: []time.Time{{}, start}[r.IntN(2)]}},
	)
	*seq++
	other := broker.ClientID(fmt.Sprintf("客户-%d", r.IntN(4)))
	changes = append(changes, broker.Enqueue{Entry: broker.QueueEntry{Client: other, Seq: *seq, Message: id, QoS: 2}})
	for _, e := range m.Queue {
		switch r.IntN(4) {
		case 0:
			changes = append(changes, broker.Advance{Client: e.Client, Seq: e.Seq, State: broker.Sent, PacketID: uint16(r.IntN(65536))})
		case 1, 2:
			changes = append(changes, broker.Dequeue{Client: e.Client, Seq: e.Seq})
		}
	}
	if r.IntN(4) == 0 {
		changes = append(changes, broker.DeleteIncoming{Client: client, PacketID: 3}, broker.DeleteRetained{Topic: "r/1"},
			broker.DeleteWill{Client: client}, broker.DeleteSubscription{Client: client, Filter: "a/1/#"})
	}
	if r.IntN(6) == 0 {
		changes = append(changes, broker.DeleteSession{Client: other})
	}
	return changes
}

// loaded reads a store into a new model.
func loaded(t *testing.T, s *Sessions) *model {
	t.Helper()
	m := newModel()
	ok(t, s.Load(context.Background(), m.apply))
	return m
}

func compare(t *testing.T, what string, want, got *model) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(model{})); d != "" {
		t.Fatalf("%s differs (-want +got):\n%s", what, d)
	}
}

func TestSessionsComeBackAsTheyWereApplied(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // not a secret
	path := filepath.Join(t.TempDir(), "sessions.db")
	want, seq := newModel(), uint64(0)
	for round := range 4 {
		s, err := OpenSessions(context.Background(), path, nil)
		ok(t, err)
		compare(t, fmt.Sprintf("round %d, reopened", round), want, loaded(t, s))
		for range 40 {
			changes := someChanges(r, &seq, want)
			ok(t, s.Apply(context.Background(), changes))
			for _, c := range changes {
				ok(t, want.apply(c))
			}
			want.collect()
		}
		compare(t, fmt.Sprintf("round %d", round), want, loaded(t, s))
		ok(t, s.Close())
	}
}

func TestApplyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s, err := OpenSessions(context.Background(), filepath.Join(t.TempDir(), "sessions.db"), nil)
	ok(t, err)
	defer func() { ok(t, s.Close()) }()
	entry := broker.Enqueue{Entry: broker.QueueEntry{Client: "c", Seq: 1, Message: 1, QoS: 1}}
	message := broker.PutMessage{ID: 1, Message: broker.Message{Topic: "t"}}
	if err := s.Apply(context.Background(), []broker.Change{message, entry, entry}); err == nil {
		t.Fatal("the same place in a queue was given twice")
	}
	compare(t, "store", newModel(), loaded(t, s))
	ok(t, s.Apply(context.Background(), []broker.Change{message, entry}))
	if got := loaded(t, s); len(got.Queue) != 1 {
		t.Errorf("%d entries after a good change set", len(got.Queue))
	}
}

func TestLoadStopsWithTheCallersError(t *testing.T) {
	t.Parallel()
	s, err := OpenSessions(context.Background(), filepath.Join(t.TempDir(), "sessions.db"), nil)
	ok(t, err)
	defer func() { ok(t, s.Close()) }()
	ok(t, s.Apply(context.Background(), []broker.Change{broker.PutSession{Session: broker.SessionRecord{Client: "c"}}}))
	stop := errors.New("stop")
	if err := s.Load(context.Background(), func(broker.Change) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}
