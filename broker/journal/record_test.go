package journal

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/broker/storetest"
)

// FuzzRecords: any bytes are read or refused, and what is read is written so that
// it reads the same.
func FuzzRecords(f *testing.F) {
	for _, c := range everything() {
		b, err := appendChange(nil, c)
		ok(f, err)
		f.Add(b)
	}
	f.Add(appendOldest(nil, 7))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = records(b, func(rec record, at int) error {
			if rec.size <= 0 || at+rec.size > len(b) {
				t.Fatalf("a record of %d bytes at %d of %d", rec.size, at, len(b))
			}
			c, err := rec.change()
			if err != nil {
				return nil //nolint:nilerr // what is no change is refused
			}
			mustReadTheSame(t, c)
			return nil
		})
	})
}

func mustReadTheSame(t *testing.T, c broker.Change) {
	t.Helper()
	b, err := appendChange(nil, c)
	ok(t, err)
	rec, err := parse(b)
	if err != nil || rec.size != len(b) {
		t.Fatalf("%#v: written as %x, read as %+v, %v", c, b, rec, err)
	}
	again, err := rec.change()
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Fatalf("%#v\nwas written as %x and read as %v\n%#v", c, b, err, again)
	}
}

// everything has a change of every kind, with everything in it.
func everything() []broker.Change {
	one, two, four := byte(1), uint16(300), uint32(1<<32-1)
	m := broker.Message{
		Topic: "a/é", Payload: bytes.Repeat([]byte{0, 255}, 100), QoS: 2, Retain: true,
		Expires: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC),
		Properties: packet.Properties{
			PayloadFormat: &one, MessageExpiry: &four, ContentType: "text", ResponseTopic: "answer", CorrelationData: []byte{},
			EmptyContentType: true, // beside another one: what is given is given back
			SubscriptionIDs:  []uint32{1, 268_435_455}, SessionExpiry: &four, AssignedClientID: "id", ServerKeepAlive: &two,
			AuthMethod: "method", AuthData: []byte{1}, RequestProblemInfo: &one, WillDelay: 5, RequestResponseInfo: &one,
			ResponseInfo: "info", ServerReference: "server", ReasonString: "reason", ReceiveMaximum: 1, TopicAliasMaximum: 2,
			TopicAlias: 3, MaximumQoS: &one, RetainAvailable: &one, User: []packet.UserProperty{{Name: "n", Value: "v"}, {}},
			MaximumPacketSize: 4, WildcardSubAvailable: &one, SubscriptionIDAvailable: &one, SharedSubAvailable: &one,
		},
	}
	return []broker.Change{
		broker.PutSession{Session: broker.SessionRecord{
			Client: "c", Identity: "i", Version: packet.V5, Expiry: broker.NeverExpires, Disconnected: m.Expires,
		}},
		broker.DeleteSession{Client: "c"},
		broker.PutSubscription{
			Client: "c", ID: 9,
			Subscription: packet.Subscription{Filter: "a/#", QoS: 2, NoLocal: true, RetainAsPublished: true, RetainHandling: 2},
		},
		broker.DeleteSubscription{Client: "c", Filter: "a/#"},
		broker.PutMessage{ID: 1 << 63, Message: m},
		broker.Enqueue{Entry: broker.QueueEntry{
			Client: "c", Seq: 1 << 63, Message: 7, QoS: 2, Retain: true, IDs: []uint32{1, 268_435_455}, State: broker.Released,
		}},
		broker.Enqueue{Entry: broker.QueueEntry{Client: "c", Seq: 2, Message: 7, QoS: 1, Shared: "$share/g/a"}},
		broker.Enqueue{Entry: broker.QueueEntry{Client: "c", Seq: 3, Message: 7, QoS: 1, IDs: []uint32{3}, Shared: "$queue/é"}},
		broker.Advance{Client: "c", Seq: 4, State: broker.Sent},
		broker.Dequeue{Client: "c", Seq: 4},
		broker.PutIncoming{Client: "c", PacketID: 65_535},
		broker.DeleteIncoming{Client: "c", PacketID: 1},
		broker.PutRetained{Message: m},
		broker.PutRetained{Message: m, By: broker.Publisher{Client: "c", Identity: "i"}},
		broker.PutRetained{Message: broker.Message{Topic: "t", Payload: []byte{1}}, By: broker.Publisher{Client: "c"}},
		broker.DeleteRetained{Topic: "a/é"},
		broker.PutWill{Client: "c", Will: broker.WillRecord{Message: m, Delay: time.Hour, Due: m.Expires}},
		broker.PutWill{Client: "c", Will: broker.WillRecord{Message: m, Identity: "i"}},
		broker.DeleteWill{Client: "c"},
	}
}

func TestEveryChangeIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, c := range everything() {
		mustReadTheSame(t, c)
	}
	h := storetest.NewHistory(1)
	for range 200 {
		for _, c := range h.Next() {
			mustReadTheSame(t, c)
		}
	}
}

// No field of packet.Properties is left out of everything, and so of the form.
func TestEveryPropertyIsWritten(t *testing.T) {
	t.Parallel()
	p := reflect.ValueOf(everything()[4].(broker.PutMessage).Message.Properties)
	for i := range p.NumField() {
		if p.Field(i).IsZero() {
			t.Errorf("%s is not written", p.Type().Field(i).Name)
		}
	}
}

func TestARecordThatIsCutIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range everything() {
		b, err := appendChange(nil, c)
		ok(t, err)
		for n := range b {
			if _, err := parse(b[:n]); err == nil {
				t.Errorf("%T: %d of %d bytes are a record", c, n, len(b))
			}
		}
	}
}
