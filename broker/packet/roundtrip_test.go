package packet

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryPacketSurvivesDecodeAndAppend(t *testing.T) {
	t.Parallel()
	for _, tt := range templates() {
		frame := tt.c.append(tt.v)
		got, rest, err := read(tt.v, frame)
		if err != nil {
			t.Fatalf("%s: % x: %v", tt.name, frame, err)
		}
		if len(rest) != 0 {
			t.Errorf("%s: %d bytes left", tt.name, len(rest))
		}
		if again := got.append(tt.v); string(again) != string(frame) {
			t.Errorf("%s:\n got % x\nwant % x", tt.name, again, frame)
		}
	}
}

func TestAppendWritesBehindWhatIsThere(t *testing.T) {
	t.Parallel()
	p := Publish{QoS: 1, ID: 5, Topic: "t", Payload: []byte("x"), Properties: Properties{User: []UserProperty{{"k", string(make([]byte, 300))}}}}
	alone := p.Append(nil, V5)
	if got := p.Append([]byte("before"), V5); string(got) != "before"+string(alone) {
		t.Errorf("got % x", got)
	}
}

// The bytes are worked out by hand from the standard, so that encoder and decoder
// cannot be wrong together.
func TestKnownBytes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		v    Version
		c    codec
		want string
	}{
		{"CONNECT 3.1", V31, connectCodec{&Connect{Version: V31, CleanStart: true, KeepAlive: 10, ClientID: "a"}},
			"10 0f 00 06 4d 51 49 73 64 70 03 02 00 0a 00 01 61"},
		{"CONNECT 3.1.1", V311, connectCodec{&Connect{Version: V311, ClientID: "a", HasUsername: true, Username: "u",
			HasPassword: true, Password: []byte("p"), Will: &Will{Topic: "w", Payload: []byte("z"), QoS: 2, Retain: true}}},
			"10 19 00 04 4d 51 54 54 04 f4 00 00 00 01 61 00 01 77 00 01 7a 00 01 75 00 01 70"},
		{"CONNECT 5", V5, connectCodec{&Connect{Version: V5, CleanStart: true, Properties: Properties{ReceiveMaximum: 258}}},
			"10 10 00 04 4d 51 54 54 05 02 00 00 03 21 01 02 00 00"},
		{"PUBLISH 3.1.1", V311, plainCodec{&Publish{QoS: 1, Retain: true, Topic: "a/b", ID: 258, Payload: []byte("hi")}},
			"33 09 00 03 61 2f 62 01 02 68 69"},
		{"PUBLISH 5", V5, plainCodec{&Publish{Topic: "a", Properties: Properties{PayloadFormat: ptr(byte(1)), SubscriptionIDs: []uint32{300}}}},
			"30 09 00 01 61 05 01 01 0b ac 02"},
		{"PUBACK 5", V5, plainCodec{&Ack{Type: PUBACK, ID: 1}}, "40 02 00 01"},
		{"PUBACK 5 with reason", V5, plainCodec{&Ack{Type: PUBACK, ID: 1, Reason: NoMatchingSubscribers}}, "40 03 00 01 10"},
		{"PUBREL", V311, plainCodec{&Ack{Type: PUBREL, ID: 1}}, "62 02 00 01"},
		{"SUBSCRIBE 5", V5, plainCodec{&Subscribe{ID: 1, Subscriptions: []Subscription{{Filter: "a", QoS: 1, NoLocal: true, RetainAsPublished: true, RetainHandling: 2}}}},
			"82 07 00 01 00 00 01 61 2d"},
		{"SUBACK 3.1.1 has one failure code", V311, plainCodec{&Suback{ID: 1, Reasons: []ReasonCode{1, NotAuthorized}}}, "90 04 00 01 01 80"},
		{"UNSUBACK 3.1.1 has no codes", V311, plainCodec{&Unsuback{ID: 1, Reasons: []ReasonCode{0}}}, "b0 02 00 01"},
		{"DISCONNECT 3.1.1", V311, plainCodec{&Disconnect{Reason: ServerBusy}}, "e0 00"},
		{"DISCONNECT 5", V5, plainCodec{&Disconnect{}}, "e0 00"},
		{"DISCONNECT 5 with reason", V5, plainCodec{&Disconnect{Reason: KeepAliveTimeout}}, "e0 01 8d"},
		{"AUTH 3.1.1 is nothing", V311, plainCodec{&Auth{}}, ""},
		{"CONNACK 3.1.1", V311, plainCodec{&Connack{Reason: Banned}}, "20 02 00 05"},
		{"CONNACK 3.1.1 without a code is nothing", V311, plainCodec{&Connack{Reason: PacketTooLarge}}, ""},
		{"PINGREQ", V311, pingCodec{PINGREQ}, "c0 00"},
		{"PINGRESP", V5, pingCodec{PINGRESP}, "d0 00"},
	}
	for _, tt := range tests {
		if got := fmt.Sprintf("% x", tt.c.append(tt.v)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestEncoderNeverWritesAFieldThatThePacketMayNotCarry(t *testing.T) {
	t.Parallel()
	all := someProperties()[1]
	for _, c := range packetsWith(V5, all) {
		got, _, err := read(V5, c.append(V5))
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
		if p, ok := got.(plainCodec); ok {
			if sub, ok := p.p.(*Subscribe); ok && sub.Properties.ReasonString != "" {
				t.Error("SUBSCRIBE with a reason string")
			}
		}
	}
}

func TestDecodedFieldsAreThoseThatWereSent(t *testing.T) {
	t.Parallel()
	all := someProperties()[1]
	sent := Connect{Version: V5, CleanStart: true, KeepAlive: 9, ClientID: "\uFEFFid", HasUsername: true, Username: "u",
		HasPassword: true, Password: []byte("p"), Will: &Will{Topic: "t", Payload: []byte("w"), QoS: 2, Retain: true}}
	sent.Properties = Properties{SessionExpiry: all.SessionExpiry, AuthMethod: all.AuthMethod, AuthData: all.AuthData,
		RequestProblemInfo: all.RequestProblemInfo, RequestResponseInfo: all.RequestResponseInfo, ReceiveMaximum: 1,
		TopicAliasMaximum: 2, User: all.User, MaximumPacketSize: 1 << 20}
	sent.Will.Properties = Properties{PayloadFormat: all.PayloadFormat, MessageExpiry: all.MessageExpiry,
		ContentType: all.ContentType, ResponseTopic: all.ResponseTopic, CorrelationData: all.CorrelationData,
		WillDelay: 5, User: all.User}
	frame := sent.Append(nil)
	h, size, err := Peek(frame, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got Connect
	if err := got.Decode(h, frame[size-h.Length:]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Error(diff)
	}
}

func TestOneFrameServesManyReceivers(t *testing.T) {
	t.Parallel()
	p := Publish{QoS: 1, Topic: "a/b", Payload: []byte("body"), Properties: Properties{ContentType: "x"}}
	for _, v := range versions {
		frame, id := p.AppendHeader([]byte("zz"), v)
		frame = append(frame, p.Payload...)
		PutID(frame, id, 0xABCD)
		SetDup(frame[2:])
		SetRetain(frame[2:], true)
		var got Publish
		h, size, err := Peek(frame[2:], 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Decode(v, h, frame[2:][size-h.Length:]); err != nil {
			t.Fatal(err)
		}
		if got.ID != 0xABCD || !got.Dup || !got.Retain || string(got.Payload) != "body" {
			t.Errorf("%v: %+v", v, got)
		}
		SetRetain(frame[2:], false)
		if h, _, _ := Peek(frame[2:], 0); h.Flags != flagDup|2 {
			t.Errorf("flags %x", h.Flags)
		}
	}
	p.QoS = 0
	if _, id := p.AppendHeader(nil, V5); id != -1 {
		t.Errorf("QoS 0 has no identifier, got index %d", id)
	}
}

func TestMessageLargerThanAnyPacketAppendsNothing(t *testing.T) {
	t.Parallel()
	p := Publish{Topic: "t", Payload: make([]byte, MaxLength)}
	if got := p.Append([]byte("x"), V311); string(got) != "x" {
		t.Errorf("appended %d bytes", len(got)-1)
	}
	wantError(t, p.Check(), PacketTooLarge, "MQTT-4.13.1-1")
}

func TestOverlongFieldsKeepTheStreamReadable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", maxField/2+1)
	d := Disconnect{Reason: ServerBusy, Properties: Properties{ReasonString: long}}
	a := Auth{Properties: Properties{AuthMethod: "m", AuthData: make([]byte, maxField+1)}}
	if _, rest, err := read(V5, d.Append(nil, V5)); err != nil || len(rest) > 0 {
		t.Errorf("%v, %d bytes left", err, len(rest))
	}
	if _, rest, err := read(V5, a.Append(nil, V5)); err != nil || len(rest) > 0 {
		t.Errorf("%v, %d bytes left", err, len(rest))
	}
}

func TestEqualTopicIsNotAllocatedAgain(t *testing.T) {
	frame := (&Publish{QoS: 1, ID: 1, Topic: "gatehouse/v1/devices/s/d/state", Payload: []byte("x")}).Append(nil, V5)
	h, size, err := Peek(frame, 0)
	if err != nil {
		t.Fatal(err)
	}
	var p Publish
	out := make([]byte, 0, 256)
	n := testing.AllocsPerRun(100, func() {
		if err := p.Decode(V5, h, frame[size-h.Length:]); err != nil {
			t.Error(err)
		}
		out = p.Append(out[:0], V5)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// cut and flip every template at every byte: the answer is a packet, an *Error or
// ErrShort, never a panic, and a truncated packet is never taken for a whole one.
func TestTruncationAndByteFlipsNeverPanic(t *testing.T) {
	t.Parallel()
	inputs := 0
	for _, tt := range templates() {
		frame := tt.c.append(tt.v)
		for i := range frame {
			if _, _, err := read(tt.v, frame[:i]); !errors.Is(err, ErrShort) {
				t.Fatalf("%s cut at %d: %v, want ErrShort", tt.name, i, err)
			}
			inputs++
			for _, b := range []byte{0, 0x7F, 0x80, 0xFF} {
				mutant := append([]byte(nil), frame...)
				mutant[i] = b
				for _, v := range versions {
					mustAnswer(t, v, mutant)
					inputs++
				}
			}
		}
	}
	if n := len(templates()); n < 200 || inputs < 100_000 {
		t.Errorf("%d templates, %d inputs: the table has shrunk", n, inputs)
	}
}

// mustAnswer reads a hostile buffer and checks what the package promises of the
// answer.
func mustAnswer(t *testing.T, v Version, buf []byte) {
	t.Helper()
	got, _, err := read(v, buf)
	if err == nil {
		h, size, _ := Peek(buf, 0)
		if c, ok := got.(connectCodec); ok {
			v = c.Version
		}
		again := got.append(v)
		back, _, err := read(v, again)
		if err != nil {
			t.Fatalf("%v % x: %v was taken, and its own encoding % x refused: %v", v, buf[:size], h.Type, again, err)
		}
		if !reflect.DeepEqual(unwrap(got), unwrap(back)) {
			t.Fatalf("%v % x: changed by encoding it:\n%s", v, buf[:size], cmp.Diff(unwrap(got), unwrap(back)))
		}
		return
	}
	var e *Error
	if errors.Is(err, ErrShort) {
		return
	}
	if !errors.As(err, &e) || e.Clause == "" || e.Detail == "" || !e.Reason.Failed() {
		t.Fatalf("%v % x: %v is no complete *Error", v, buf, err)
	}
}

func unwrap(c codec) any {
	switch c := c.(type) {
	case connectCodec:
		return c.Connect
	case plainCodec:
		return c.p
	default:
		return c.(pingCodec).t
	}
}
