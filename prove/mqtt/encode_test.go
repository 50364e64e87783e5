package mqtt

import (
	"bytes"
	"testing"
)

// The bytes were written down from the standard by hand.
func TestPacketsHaveTheBytesOfTheStandard(t *testing.T) {
	t.Parallel()
	will := &Will{Topic: "w", Payload: []byte("x"), QoS: 1, Retain: true}
	for _, c := range []struct {
		name      string
		got, want []byte
	}{
		{"clean connect", AppendConnect(nil, Connect{Version: V311, ClientID: "a", KeepAlive: 258}),
			[]byte("\x10\x0d\x00\x04MQTT\x04\x02\x01\x02\x00\x01a")},
		{"persistent connect with will and user", AppendConnect(nil, Connect{Version: V311, ClientID: "a", Persistent: true, Will: will, User: "u", Password: "p"}),
			[]byte("\x10\x19\x00\x04MQTT\x04\xec\x00\x00\x00\x01a\x00\x01w\x00\x01x\x00\x01u\x00\x01p")},
		{"connect v5", AppendConnect(nil, Connect{Version: V5, ClientID: "a", Persistent: true, Will: will}),
			[]byte("\x10\x1a\x00\x04MQTT\x05\x2c\x00\x00\x05\x11\xff\xff\xff\xff\x00\x01a\x00\x00\x01w\x00\x01x")},
		{"connect v5 with a will that waits", AppendConnect(nil, Connect{Version: V5, ClientID: "a", Will: &Will{Topic: "w", Delay: 258}}),
			[]byte("\x10\x19\x00\x04MQTT\x05\x06\x00\x00\x00\x00\x01a\x05\x18\x00\x00\x01\x02\x00\x01w\x00\x00")},
		{"publish QoS 0", AppendPublish(nil, V311, Publish{Topic: []byte("t"), Payload: []byte("hi"), Retain: true}),
			[]byte("\x31\x05\x00\x01thi")},
		{"publish QoS 2 again", AppendPublish(nil, V311, Publish{Topic: []byte("t"), Payload: []byte("hi"), QoS: 2, ID: 258, Dup: true}),
			[]byte("\x3c\x07\x00\x01t\x01\x02hi")},
		{"publish v5", AppendPublish(nil, V5, Publish{Topic: []byte("t"), QoS: 1, ID: 1}),
			[]byte("\x32\x06\x00\x01t\x00\x01\x00")},
		{"PUBACK", AppendAck(nil, PUBACK, 258), []byte("\x40\x02\x01\x02")},
		{"PUBREC", AppendAck(nil, PUBREC, 1), []byte("\x50\x02\x00\x01")},
		{"PUBREL", AppendAck(nil, PUBREL, 1), []byte("\x62\x02\x00\x01")},
		{"PUBCOMP", AppendAck(nil, PUBCOMP, 1), []byte("\x70\x02\x00\x01")},
		{"SUBSCRIBE", AppendSubscribe(nil, V311, 1, 2, "a", "b"), []byte("\x82\x0a\x00\x01\x00\x01a\x02\x00\x01b\x02")},
		{"SUBSCRIBE v5", AppendSubscribe(nil, V5, 1, 1, "a"), []byte("\x82\x07\x00\x01\x00\x00\x01a\x01")},
		{"UNSUBSCRIBE", AppendUnsubscribe(nil, V311, 1, "a"), []byte("\xa2\x05\x00\x01\x00\x01a")},
		{"PINGREQ", AppendEmpty(nil, PINGREQ), []byte("\xc0\x00")},
		{"DISCONNECT", AppendEmpty(nil, DISCONNECT), []byte("\xe0\x00")},
	} {
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("%s: % x, want % x", c.name, c.got, c.want)
		}
	}
}

func TestLengthsTakeOneToFourBytes(t *testing.T) {
	t.Parallel()
	for length, want := range map[int]string{
		0: "\x30\x00", 127: "\x30\x7f", 128: "\x30\x80\x01", 16_383: "\x30\xff\x7f",
		16_384: "\x30\x80\x80\x01", 2_097_152: "\x30\x80\x80\x80\x01",
	} {
		if got := appendHeader(nil, PUBLISH, 0, length); string(got) != want {
			t.Errorf("%d: % x, want % x", length, got, want)
		}
	}
}
