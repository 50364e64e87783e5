package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// Open makes an empty store for one test, and gives what reopens it.
type Open func(t *testing.T) (store broker.Store, reopen func() broker.Store)

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, broker.Store, func() broker.Store)
	}{
		{"EmptyStoreLoadsNothing", emptyLoadsNothing},
		{"WhatWasAppliedIsLoaded", appliedIsLoaded},
		{"PutReplaces", putReplaces},
		{"DeleteSessionTakesAllThatBelongsToIt", deleteSession},
		{"QueueKeepsItsOrderAndStates", queueOrder},
		{"BodyLivesAsLongAsAnEntryNamesIt", bodyLives},
		{"BodyIsStoredOnceForManySessions", bodyOnce},
		{"BodyMayBeNamedAgainAfterReopening", bodyNamedAgain},
		{"IDsMayBeUsedAgain", idsAgain},
		{"PropertiesSurviveUntouched", propertiesSurvive},
		{"WillMayOutliveItsSession", willOutlives},
		{"DeletingWhatIsNotThereIsNoError", deleteMissing},
		{"ChangesAreAppliedInOrder", inOrder},
		{"BytesOfEveryKindSurvive", bytesSurvive},
		{"LoadStopsAtTheFirstError", loadStops},
		{"EndedContextAppliesNothing", endedContext},
		{"RandomHistoriesEqualTheModel", randomHistories},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, reopen := open(t)
			c.test(t, store, reopen)
		})
	}
}

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	gate = broker.SessionRecord{Client: "gate-1", Identity: "device:gate-1", Version: packet.V5, Expiry: time.Hour, Disconnected: noon}
)

func message(topic, payload string) broker.Message {
	return broker.Message{Topic: topic, Payload: []byte(payload), QoS: 1}
}

func entry(client broker.ClientID, seq uint64, id broker.MessageID) broker.Change {
	return broker.Enqueue{Entry: broker.QueueEntry{Client: client, Seq: seq, Message: id, QoS: 1}}
}

// full is a history that uses every put.
func full() []broker.Change {
	sub := packet.Subscription{Filter: "a/+/#", QoS: 2, NoLocal: true, RetainAsPublished: true, RetainHandling: 1}
	return []broker.Change{
		broker.PutSession{Session: gate},
		broker.PutSession{Session: broker.SessionRecord{Client: "客户", Identity: "x", Version: packet.V311, Expiry: broker.NeverExpires}},
		broker.PutSubscription{Client: "gate-1", Subscription: sub, ID: 268_435_455},
		broker.PutSubscription{Client: "gate-1", Subscription: packet.Subscription{Filter: "#"}},
		broker.PutAttached{Client: "gate-1", Filter: "#", QoS: 2},
		broker.PutAttached{Client: "gate-1", Filter: "小区/notice"},
		broker.PutMessage{ID: 7, Message: broker.Message{Topic: "a/b/c", Payload: []byte("open"), QoS: 2, Retain: true, Expires: noon}},
		broker.Enqueue{Entry: broker.QueueEntry{
			Client: "gate-1", Seq: 1, Message: 7, QoS: 2, Retain: true, IDs: []uint32{1, 268_435_455},
		}},
		broker.Enqueue{Entry: broker.QueueEntry{Client: "gate-1", Seq: 2, Message: 7, QoS: 1, IDs: []uint32{5}, Shared: "$share/组/a/#"}},
		broker.Enqueue{Entry: broker.QueueEntry{Client: "gate-1", Seq: 3, Message: 7, QoS: 1, Shared: "$queue/a/#"}},
		broker.PutIncoming{Client: "gate-1", PacketID: 65_535},
		broker.PutIncoming{Client: "gate-1", PacketID: 1},
		broker.PutRetained{Message: broker.Message{Topic: "$r/é", Payload: []byte{0, 255}, QoS: 1, Retain: true}, By: broker.Publisher{Client: "gate-1", Identity: "device:组"}},
		broker.PutRetained{Message: message("program", "x")},
		broker.PutWill{Client: "gate-1", Will: broker.WillRecord{Message: message("w", "gone"), Identity: "device:gate-1", Delay: 5 * time.Second, Due: noon}},
		broker.PutWill{Client: "客户", Will: broker.WillRecord{Message: message("w/2", "")}},
	}
}

func emptyLoadsNothing(t *testing.T, s broker.Store, reopen func() broker.Store) {
	same(t, "new", read(t, s), contents{})
	same(t, "opened again", read(t, reopen()), contents{})
}

func appliedIsLoaded(t *testing.T, s broker.Store, reopen func() broker.Store) {
	apply(t, s, full()...)
	want := modelOf(full())
	same(t, "at once", read(t, s), want)
	same(t, "opened again", read(t, reopen()), want)
}

func putReplaces(t *testing.T, s broker.Store, reopen func() broker.Store) {
	apply(t, s, full()...)
	other := gate
	other.Disconnected, other.Expiry, other.Version = time.Time{}, broker.NeverExpires, packet.V311
	second := []broker.Change{
		broker.PutSession{Session: other},
		broker.PutSubscription{Client: "gate-1", Subscription: packet.Subscription{Filter: "#", QoS: 1}, ID: 3},
		broker.PutAttached{Client: "gate-1", Filter: "#", QoS: 1},
		broker.PutRetained{Message: message("$r/é", "new")},
		broker.PutRetained{Message: message("program", "y"), By: broker.Publisher{Client: "客户", Identity: "x"}},
		broker.PutWill{Client: "gate-1", Will: broker.WillRecord{Message: message("w", "other")}},
		broker.PutIncoming{Client: "gate-1", PacketID: 1},
	}
	apply(t, s, second...)
	same(t, "opened again", read(t, reopen()), modelOf(append(full(), second...)))
}

func deleteSession(t *testing.T, s broker.Store, reopen func() broker.Store) {
	apply(t, s, full()...)
	gone := broker.DeleteSession{Client: "gate-1"}
	apply(t, s, gone)
	got := read(t, s)
	same(t, "at once", got, modelOf(append(full(), gone)))
	if len(got.Subs)+len(got.Attached)+len(got.Queues)+len(got.Incoming)+got.Bodies != 0 || len(got.Sessions) != 1 || len(got.Wills) != 1 {
		t.Fatalf("left behind: %+v", got)
	}
	again := broker.PutSession{Session: gate}
	apply(t, s, again)
	same(t, "made again", read(t, reopen()), modelOf(append(full(), gone, again)))
}

func queueOrder(t *testing.T, s broker.Store, reopen func() broker.Store) {
	history := []broker.Change{broker.PutSession{Session: gate}, broker.PutMessage{ID: 1, Message: message("t", "m")}}
	for _, seq := range []uint64{3, 1, 300, 2, 20, 1 << 40} {
		history = append(history, entry("gate-1", seq, 1))
	}
	history = append(history,
		broker.Advance{Client: "gate-1", Seq: 1, State: broker.Sent},
		broker.Advance{Client: "gate-1", Seq: 2, State: broker.Released},
		broker.Dequeue{Client: "gate-1", Seq: 3},
	)
	apply(t, s, history...)
	same(t, "opened again", read(t, reopen()), modelOf(history))
}

func bodyLives(t *testing.T, s broker.Store, reopen func() broker.Store) {
	apply(t, s, broker.PutSession{Session: gate}, broker.PutMessage{ID: 1, Message: message("t", "m")},
		entry("gate-1", 1, 1), entry("gate-1", 2, 1))
	apply(t, s, broker.Dequeue{Client: "gate-1", Seq: 1})
	if got := read(t, s).Bodies; got != 1 {
		t.Fatalf("%d bodies while an entry names one", got)
	}
	apply(t, s, broker.Dequeue{Client: "gate-1", Seq: 2})
	if got := read(t, reopen()).Bodies; got != 0 {
		t.Fatalf("%d bodies that no entry names", got)
	}
}

func bodyOnce(t *testing.T, s broker.Store, reopen func() broker.Store) {
	other := gate
	other.Client = "gate-2"
	apply(t, s, broker.PutSession{Session: gate}, broker.PutSession{Session: other},
		broker.PutMessage{ID: 1, Message: message("t", "m")}, entry("gate-1", 1, 1), entry("gate-2", 1, 1))
	apply(t, s, broker.DeleteSession{Client: "gate-1"})
	got := read(t, reopen())
	if got.Bodies != 1 || len(got.Queues["gate-2"]) != 1 || string(got.Queues["gate-2"][0].Body.Payload) != "m" {
		t.Fatalf("the other session's message is not whole: %+v", got)
	}
}

func bodyNamedAgain(t *testing.T, s broker.Store, reopen func() broker.Store) {
	other := gate
	other.Client = "gate-2"
	apply(t, s, broker.PutSession{Session: gate}, broker.PutMessage{ID: 9, Message: message("t", "m")}, entry("gate-1", 1, 9))
	s = reopen()
	var id broker.MessageID
	if err := s.Load(context.Background(), func(c broker.Change) error {
		if p, ok := c.(broker.PutMessage); ok {
			id = p.ID
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	apply(t, s, broker.PutSession{Session: other}, entry("gate-2", 1, id))
	apply(t, s, broker.DeleteSession{Client: "gate-1"})
	got := read(t, reopen())
	if got.Bodies != 1 || len(got.Queues["gate-2"]) != 1 || string(got.Queues["gate-2"][0].Body.Payload) != "m" {
		t.Fatalf("the message that was named again is not whole: %+v", got)
	}
}

// idsAgain uses the ids of what is gone for something else: a broker counts on
// from what it loaded.
func idsAgain(t *testing.T, s broker.Store, reopen func() broker.Store) {
	var history []broker.Change
	for _, step := range [][]broker.Change{
		{broker.PutSession{Session: gate}, broker.PutMessage{ID: 1, Message: message("t", "first")}, entry("gate-1", 1, 1)},
		{broker.Dequeue{Client: "gate-1", Seq: 1}},
		{broker.PutMessage{ID: 1, Message: message("t", "second")}, entry("gate-1", 1, 1), entry("gate-1", 2, 1)},
		{broker.DeleteSession{Client: "gate-1"}, broker.PutSession{Session: gate}},
		{broker.PutMessage{ID: 1, Message: message("t", "third")}, entry("gate-1", 2, 1)},
	} {
		history = append(history, step...)
		apply(t, s, step...)
		s = reopen()
		same(t, "opened again", read(t, s), modelOf(history))
	}
}

func propertiesSurvive(t *testing.T, s broker.Store, reopen func() broker.Store) {
	one, zero := byte(1), uint32(0)
	m := message("t", "m")
	m.Properties = packet.Properties{
		PayloadFormat: &one, ContentType: "text/plain; é", ResponseTopic: "answer/to", CorrelationData: []byte{0, 1, 0xFF},
		User: []packet.UserProperty{{Name: "b", Value: "2"}, {Name: "a", Value: "1"}, {Name: "a", Value: ""}, {}},
	}
	m.Properties.MessageExpiry = &zero
	bare := message("bare", "m")
	bare.Properties.EmptyContentType = true
	history := []broker.Change{
		broker.PutSession{Session: gate}, broker.PutMessage{ID: 1 << 62, Message: m}, entry("gate-1", 1, 1<<62),
		broker.PutRetained{Message: bare},
		broker.PutRetained{Message: m}, broker.PutWill{Client: "gate-1", Will: broker.WillRecord{Message: m}},
	}
	apply(t, s, history...)
	same(t, "opened again", read(t, reopen()), modelOf(history))
}

func willOutlives(t *testing.T, s broker.Store, reopen func() broker.Store) {
	will := broker.PutWill{Client: "gate-1", Will: broker.WillRecord{Message: message("w", "gone"), Due: noon}}
	apply(t, s, broker.PutSession{Session: gate}, will)
	apply(t, s, broker.DeleteSession{Client: "gate-1"}, will)
	got := read(t, reopen())
	if len(got.Sessions) != 0 || len(got.Wills) != 1 {
		t.Fatalf("want the will alone, have %+v", got)
	}
}

func deleteMissing(t *testing.T, s broker.Store, reopen func() broker.Store) {
	apply(t, s, broker.PutSession{Session: gate})
	apply(t, s,
		broker.DeleteSession{Client: "nobody"}, broker.DeleteSubscription{Client: "gate-1", Filter: "x"}, broker.DeleteAttached{Client: "gate-1", Filter: "x"},
		broker.Dequeue{Client: "gate-1", Seq: 1}, broker.DeleteIncoming{Client: "gate-1", PacketID: 1},
		broker.DeleteRetained{Topic: "x"}, broker.DeleteWill{Client: "gate-1"},
		broker.Advance{Client: "gate-1", Seq: 5, State: broker.Sent})
	same(t, "opened again", read(t, reopen()), modelOf([]broker.Change{broker.PutSession{Session: gate}}))
}

func inOrder(t *testing.T, s broker.Store, reopen func() broker.Store) {
	history := []broker.Change{
		broker.PutRetained{Message: message("t", "1")}, broker.DeleteRetained{Topic: "t"}, broker.PutRetained{Message: message("t", "2")},
		broker.PutSession{Session: gate}, broker.DeleteSession{Client: "gate-1"}, broker.PutSession{Session: gate},
		broker.PutIncoming{Client: "gate-1", PacketID: 4}, broker.DeleteIncoming{Client: "gate-1", PacketID: 4},
		broker.PutMessage{ID: 1, Message: message("t", "m")}, entry("gate-1", 1, 1), broker.Dequeue{Client: "gate-1", Seq: 1},
		broker.PutIncoming{Client: "gate-1", PacketID: 4},
	}
	apply(t, s, history...)
	same(t, "opened again", read(t, reopen()), modelOf(history))
}

func bytesSurvive(t *testing.T, s broker.Store, reopen func() broker.Store) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	var history []broker.Change
	for _, m := range []broker.Message{
		{Topic: "all", Payload: all}, {Topic: "none"}, {Topic: "quote'\"\\", Payload: []byte("'; --")}, {Topic: "/", Payload: make([]byte, 1<<20)},
	} {
		history = append(history, broker.PutRetained{Message: m})
	}
	apply(t, s, history...)
	same(t, "opened again", read(t, reopen()), modelOf(history))
}

func loadStops(t *testing.T, s broker.Store, _ func() broker.Store) {
	apply(t, s, full()...)
	calls := 0
	err := s.Load(context.Background(), func(broker.Change) error {
		calls++
		return context.Canceled
	})
	if err == nil || calls != 1 {
		t.Fatalf("Load called f %d times and said %v", calls, err)
	}
	same(t, "afterwards", read(t, s), modelOf(full()))
}

func endedContext(t *testing.T, s broker.Store, reopen func() broker.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Apply(ctx, full()); err == nil {
		t.Fatal("Apply went on without a context")
	}
	same(t, "opened again", read(t, reopen()), contents{})
}
