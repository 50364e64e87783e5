package mqtttest

import (
	"fmt"
	"testing"
)

// TestMQTT311_1_5_3_1: ill-formed UTF-8, surrogates too, closes the connection,
// wherever the string is.
func TestMQTT311_1_5_3_1(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 4, stringPlaces(), badStrings)
	takenEverywhere(t, 4, stringPlaces(), "é€\U0001F600\U0010FFFDx")
}

// TestMQTT311_1_5_3_2: U+0000 in any string closes the connection.
func TestMQTT311_1_5_3_2(t *testing.T) {
	t.Parallel()
	refuseEverywhere(t, 4, stringPlaces(), map[string]string{"alone": "\x00", "in the middle": "a\x00b"})
}

// TestMQTT311_1_5_3_3: a byte-order mark is data: kept, never skipped.
func TestMQTT311_1_5_3_3(t *testing.T) {
	t.Parallel()
	keepsByteOrderMark(t, 4)
}

// TestMQTT311_2_2_2_1: the reserved header bits of what the server sends have
// their fixed values: 2 in PUBREL, otherwise 0.
func TestMQTT311_2_2_2_1(t *testing.T) {
	t.Parallel()
	for kind, x := range everything(t, server(t), 4) {
		if want := map[byte]byte{PUBREL: 2}[kind]; kind != PUBLISH && x.flags != want {
			t.Errorf("type %d has flags %04b, want %04b", kind, x.flags, want)
		}
	}
}

// TestMQTT311_2_2_2_2: other header bits than the fixed ones close the connection.
func TestMQTT311_2_2_2_2(t *testing.T) {
	t.Parallel()
	wrongFlags(t, server(t), 4)
}

// TestMQTT311_2_3_1_1: SUBSCRIBE, UNSUBSCRIBE and PUBLISH above QoS 0 without a
// packet identifier, or with 0, close the connection.
func TestMQTT311_2_3_1_1(t *testing.T) {
	t.Parallel()
	refusesIdentifierZero(t, 4)
}

// TestMQTT311_2_3_1_4: the server gives its messages identifiers that are not 0
// and not in use, sends again with the same one, and frees it by the last
// acknowledgement only.
func TestMQTT311_2_3_1_4(t *testing.T) {
	t.Parallel()
	for _, qos := range []byte{1, 2} {
		t.Run(fmt.Sprint("QoS ", qos), func(t *testing.T) {
			t.Parallel()
			usesFreeIdentifiers(t, 4, qos)
		})
	}
	t.Run("after all were used", func(t *testing.T) {
		t.Parallel()
		passesOpenIdentifier(t, 4)
	})
}

// TestMQTT311_2_3_1_5: a message at QoS 0 has no packet identifier, in either
// direction.
func TestMQTT311_2_3_1_5(t *testing.T) {
	t.Parallel()
	hasNoIdentifierAtQoS0(t, 4)
}

// TestMQTT311_2_3_1_6: PUBACK, PUBREC, PUBREL and PUBCOMP carry the identifier of
// their PUBLISH.
func TestMQTT311_2_3_1_6(t *testing.T) {
	t.Parallel()
	acknowledgementsEcho(t, 4)
}

// TestMQTT311_2_3_1_7: SUBACK and UNSUBACK carry the identifier of what they
// answer.
func TestMQTT311_2_3_1_7(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 4, name(t, "a"))
	for _, id := range []int{1, 0x1234, 0xFFFF} {
		p.write(p.subscribePacket(id, nil, filter{name(t, ""), 0}))
		if x := p.want(SUBACK); x.id != id {
			t.Errorf("SUBACK %d for %d", x.id, id)
		}
		p.write(p.unsubscribePacket(id, nil, name(t, "")))
		if x := p.want(UNSUBACK); x.id != id {
			t.Errorf("UNSUBACK %d for %d", x.id, id)
		}
	}
}
