package packet

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// refusal is a packet that breaks one statement of the standard.
type refusal struct {
	name   string
	v      Version
	frame  string // hexadecimal
	reason ReasonCode
	clause string
}

func refuseAll(t *testing.T, tests []refusal) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.clause+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			frame, err := hex.DecodeString(strings.ReplaceAll(tt.frame, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = read(tt.v, frame)
			wantError(t, err, tt.reason, tt.clause)
		})
	}
}

func TestFixedHeaderIsRefusedBeforeTheBodyCame(t *testing.T) {
	t.Parallel()
	refuseAll(t, []refusal{
		{"type 0", V5, "00", MalformedPacket, "MQTT-4.13.1-1"},
		{"CONNECT flags", V5, "11", MalformedPacket, "MQTT-2.1.3-1"},
		{"PUBACK flags", V5, "42", MalformedPacket, "MQTT-2.1.3-1"},
		{"PINGREQ flags", V311, "c1", MalformedPacket, "MQTT-2.1.3-1"},
		{"PUBREL flags", V311, "60", MalformedPacket, "MQTT-3.6.1-1"},
		{"SUBSCRIBE flags", V311, "80", MalformedPacket, "MQTT-3.8.1-1"},
		{"UNSUBSCRIBE flags", V311, "a3", MalformedPacket, "MQTT-3.10.1-1"},
		{"DISCONNECT flags", V311, "e1", MalformedPacket, "MQTT-3.14.1-1"},
		{"AUTH flags", V5, "f8", MalformedPacket, "MQTT-3.15.1-1"},
		{"QoS 3", V311, "36", MalformedPacket, "MQTT-3.3.1-4"},
		{"DUP at QoS 0", V311, "38", ProtocolError, "MQTT-3.3.1-2"},
		{"length of five bytes", V5, "30 80 80 80 80", MalformedPacket, "MQTT-1.5.5-1"},
		{"padded length of 0", V5, "30 80 00", MalformedPacket, "MQTT-1.5.5-1"},
		{"padded length", V5, "30 ff 80 00", MalformedPacket, "MQTT-1.5.5-1"},
		{"PINGREQ with a body", V5, "c0 01", MalformedPacket, "MQTT-4.13.1-1"},
	})
}

func TestPeekRefusesAPacketOverTheLimitByItsClaim(t *testing.T) {
	t.Parallel()
	claim := []byte{0x10, 0xFF, 0xFF, 0xFF, 0x7F}
	if h, size, err := Peek(claim, 0); err != nil || h.Length != MaxLength || size != MaxLength+5 {
		t.Errorf("without a limit: %+v %d %v", h, size, err)
	}
	_, _, err := Peek(claim, 1<<16)
	wantError(t, err, PacketTooLarge, "MQTT-3.2.2-15")
	if _, size, err := Peek([]byte{0x30, 98}, 100); err != nil || size != 100 {
		t.Errorf("at the limit: %d %v", size, err)
	}
	_, _, err = Peek([]byte{0x30, 99}, 100)
	wantError(t, err, PacketTooLarge, "MQTT-3.2.2-15")
}

func TestPeekAsksForMoreWhileTheHeaderIsIncomplete(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{nil, {}, {0x30}, {0x30, 0x80}, {0x30, 0x80, 0x80}, {0x30, 0x80, 0x80, 0x80}} {
		if _, _, err := Peek(b, 10); !errors.Is(err, ErrShort) {
			t.Errorf("% x: %v", b, err)
		}
	}
}

func TestConnectIsRefused(t *testing.T) {
	t.Parallel()
	const mqtt, mqisdp = "00 04 4d 51 54 54 ", "00 06 4d 51 49 73 64 70 "
	refuseAll(t, []refusal{
		{"other name", V311, "10 0c 00 04 4d 51 54 58 04 02 00 00 00 00", UnsupportedProtocolVersion, "MQTT-3.1.2-1"},
		{"level 6", V311, "10 0c " + mqtt + "06 02 00 00 00 00", UnsupportedProtocolVersion, "MQTT-3.1.2-2"},
		{"level 3 of MQTT", V311, "10 0c " + mqtt + "03 02 00 00 00 00", UnsupportedProtocolVersion, "MQTT-3.1.2-2"},
		{"level 4 of MQIsdp", V311, "10 0e " + mqisdp + "04 02 00 00 00 00", UnsupportedProtocolVersion, "MQTT-3.1.2-2"},
		{"reserved flag 3.1.1", V311, "10 0c " + mqtt + "04 03 00 00 00 00", MalformedPacket, "MQTT-3.1.2-3"},
		{"reserved flag 5", V5, "10 0d " + mqtt + "05 03 00 00 00 00 00", MalformedPacket, "MQTT-3.1.2-3"},
		{"will QoS 3, 3.1.1", V311, "10 12 " + mqtt + "04 1e 00 00 00 01 61 00 01 77 00 00", MalformedPacket, "MQTT-3.1.2-14"},
		{"will QoS 3, 5", V5, "10 0d " + mqtt + "05 1e 00 00 00 00 00", MalformedPacket, "MQTT-3.1.2-12"},
		{"will QoS without will, 3.1.1", V311, "10 0c " + mqtt + "04 0a 00 00 00 00", MalformedPacket, "MQTT-3.1.2-13"},
		{"will QoS without will, 5", V5, "10 0d " + mqtt + "05 0a 00 00 00 00 00", MalformedPacket, "MQTT-3.1.2-11"},
		{"will retain without will, 3.1.1", V311, "10 0c " + mqtt + "04 22 00 00 00 00", MalformedPacket, "MQTT-3.1.2-15"},
		{"will retain without will, 5", V5, "10 0d " + mqtt + "05 22 00 00 00 00 00", MalformedPacket, "MQTT-3.1.2-13"},
		{"password without user", V311, "10 0e " + mqtt + "04 42 00 00 00 00 00 00", MalformedPacket, "MQTT-3.1.2-22"},
		{"no client id", V311, "10 0a " + mqtt + "04 02 00 00", MalformedPacket, "MQTT-4.8.0-1"},
		{"empty id kept", V311, "10 0c " + mqtt + "04 00 00 00 00 00", ClientIdentifierNotValid, "MQTT-3.1.3-8"},
		{"empty id 3.1", V31, "10 0e " + mqisdp + "03 02 00 00 00 00", ClientIdentifierNotValid, "MQTT-3.1.3-8"},
		{"user flag, no user", V311, "10 0d " + mqtt + "04 82 00 00 00 01 61", MalformedPacket, "MQTT-4.8.0-1"},
		{"user unannounced", V311, "10 10 " + mqtt + "04 02 00 00 00 01 61 00 01 75", MalformedPacket, "MQTT-4.8.0-1"},
		{"will topic wildcard 3.1.1", V311, "10 12 " + mqtt + "04 06 00 00 00 01 61 00 01 23 00 00", TopicNameInvalid, "MQTT-4.7.1-1"},
		{"will topic wildcard 5", V5, "10 14 " + mqtt + "05 06 00 00 00 00 01 61 00 00 01 2b 00 00", TopicNameInvalid, "MQTT-4.7.0-1"},
		{"will topic empty", V311, "10 11 " + mqtt + "04 06 00 00 00 01 61 00 00 00 00", TopicNameInvalid, "MQTT-4.7.3-1"},
		{"will delay outside a will", V5, "10 12 " + mqtt + "05 02 00 00 05 18 00 00 00 01 00 00", MalformedPacket, "MQTT-4.13.1-1"},
		{"receive maximum 0", V5, "10 10 " + mqtt + "05 02 00 00 03 21 00 00 00 00", ProtocolError, "MQTT-4.13.1-1"},
		{"maximum packet size 0", V5, "10 12 " + mqtt + "05 02 00 00 05 27 00 00 00 00 00 00", ProtocolError, "MQTT-4.13.1-1"},
		{"problem information 2", V5, "10 0f " + mqtt + "05 02 00 00 02 17 02 00 00", ProtocolError, "MQTT-4.13.1-1"},
		{"auth data without method", V5, "10 10 " + mqtt + "05 02 00 00 03 16 00 00 00 00", ProtocolError, "MQTT-4.13.1-1"},
		{"expiry twice", V5, "10 17 " + mqtt + "05 02 00 00 0a 11 00 00 00 01 11 00 00 00 01 00 00", ProtocolError, "MQTT-4.13.1-1"},
		{"unknown property", V5, "10 0f " + mqtt + "05 02 00 00 02 2b 00 00 00", MalformedPacket, "MQTT-4.13.1-1"},
		{"property above 63", V5, "10 0f " + mqtt + "05 02 00 00 02 42 00 00 00", MalformedPacket, "MQTT-4.13.1-1"},
		{"long property id", V5, "10 0f " + mqtt + "05 02 00 00 02 a6 00 00 00", MalformedPacket, "MQTT-1.5.5-1"},
		{"padded property length", V5, "10 0e " + mqtt + "05 02 00 00 80 00 00 00", MalformedPacket, "MQTT-1.5.5-1"},
		{"property length beyond", V5, "10 0d " + mqtt + "05 02 00 00 05 00 00", MalformedPacket, "MQTT-4.13.1-1"},
		{"property ends early", V5, "10 0f " + mqtt + "05 02 00 00 02 21 00 00 00", MalformedPacket, "MQTT-4.13.1-1"},
	})
}

func TestFailedConnectSaysInWhichFormToAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		frame []byte
		want  Version
	}{
		{"not MQTT", []byte("\x10\x0c\x00\x04HTTP\x04\x02\x00\x00\x00\x00"), 0},
		{"level 9", []byte("\x10\x0c\x00\x04MQTT\x09\x02\x00\x00\x00\x00"), V5},
		{"level 1", []byte("\x10\x0c\x00\x04MQTT\x01\x02\x00\x00\x00\x00"), V311},
		{"bridge of 3.1.1", []byte("\x10\x0c\x00\x04MQTT\x84\x02\x00\x00\x00\x00"), V311},
		{"bad flags in 5", []byte("\x10\x0d\x00\x04MQTT\x05\x03\x00\x00\x00\x00\x00"), V5},
		{"truncated", []byte("\x10\x02\x00\x04"), 0},
	}
	for _, tt := range tests {
		h, size, err := Peek(tt.frame, 0)
		if err != nil {
			t.Fatal(err)
		}
		p := Connect{Version: 77}
		if err := p.Decode(h, tt.frame[size-h.Length:]); err == nil || p.Version != tt.want {
			t.Errorf("%s: version %d, want %d (%v)", tt.name, p.Version, tt.want, err)
		}
	}
}

func TestPublishIsRefused(t *testing.T) {
	t.Parallel()
	refuseAll(t, []refusal{
		{"no topic", V311, "30 00", MalformedPacket, "MQTT-4.8.0-1"},
		{"topic ends early", V5, "30 03 00 02 61", MalformedPacket, "MQTT-4.13.1-1"},
		{"wildcard", V311, "30 03 00 01 2b", TopicNameInvalid, "MQTT-3.3.2-2"},
		{"hash inside", V5, "30 06 00 03 61 2f 23 00", TopicNameInvalid, "MQTT-3.3.2-2"},
		{"empty topic 3.1.1", V311, "30 02 00 00", TopicNameInvalid, "MQTT-4.7.3-1"},
		{"empty topic without alias", V5, "30 03 00 00 00", TopicNameInvalid, "MQTT-4.7.3-1"},
		{"id 0, 3.1.1", V311, "32 05 00 01 61 00 00", ProtocolError, "MQTT-2.3.1-1"},
		{"id 0, 5", V5, "34 06 00 01 61 00 00 00", ProtocolError, "MQTT-2.2.1-3"},
		{"no id", V311, "32 03 00 01 61", MalformedPacket, "MQTT-4.8.0-1"},
		{"no property length", V5, "30 03 00 01 61", MalformedPacket, "MQTT-4.13.1-1"},
		{"alias 0", V5, "30 07 00 01 61 03 23 00 00", TopicAliasInvalid, "MQTT-3.3.2-8"},
		{"alias twice", V5, "30 0a 00 01 61 06 23 00 01 23 00 01", ProtocolError, "MQTT-4.13.1-1"},
		{"payload format 2", V5, "30 06 00 01 61 02 01 02", ProtocolError, "MQTT-4.13.1-1"},
		{"response topic wildcard", V5, "30 08 00 01 61 04 08 00 01 23", TopicNameInvalid, "MQTT-3.3.2-14"},
		{"response topic empty", V5, "30 07 00 01 61 03 08 00 00", TopicNameInvalid, "MQTT-4.7.3-1"},
		{"subscription id 0", V5, "30 06 00 01 61 02 0b 00", ProtocolError, "MQTT-4.13.1-1"},
		{"subscription id of five bytes", V5, "30 0a 00 01 61 06 0b ff ff ff ff 01", MalformedPacket, "MQTT-1.5.5-1"},
		{"subscription id ends early", V5, "30 06 00 01 61 02 0b 80", MalformedPacket, "MQTT-4.13.1-1"},
		{"reason string", V5, "30 08 00 01 61 04 1f 00 01 61", MalformedPacket, "MQTT-4.13.1-1"},
		{"user property half", V5, "30 08 00 01 61 04 26 00 01 61", MalformedPacket, "MQTT-4.13.1-1"},
	})
}

func TestOtherPacketsAreRefused(t *testing.T) {
	t.Parallel()
	refuseAll(t, []refusal{
		{"CONNACK reserved flag", V5, "20 03 02 00 00", MalformedPacket, "MQTT-3.2.2-1"},
		{"CONNACK refusal with session, 3.1.1", V311, "20 02 01 05", ProtocolError, "MQTT-3.2.2-4"},
		{"CONNACK refusal with session, 5", V5, "20 03 01 87 00", ProtocolError, "MQTT-3.2.2-6"},
		{"CONNACK code 6", V311, "20 02 00 06", MalformedPacket, "MQTT-4.8.0-1"},
		{"CONNACK unlisted reason", V5, "20 03 00 8e 00", ProtocolError, "MQTT-3.2.2-8"},
		{"CONNACK trailing byte", V311, "20 03 00 00 00", MalformedPacket, "MQTT-4.8.0-1"},
		{"PUBACK id 0", V311, "40 02 00 00", ProtocolError, "MQTT-2.3.1-1"},
		{"PUBACK with reason in 3.1.1", V311, "40 03 00 01 00", MalformedPacket, "MQTT-4.8.0-1"},
		{"PUBACK short", V5, "40 01 00", MalformedPacket, "MQTT-4.13.1-1"},
		{"PUBACK unlisted reason", V5, "40 03 00 01 92", ProtocolError, "MQTT-3.4.2-1"},
		{"PUBREC unlisted reason", V5, "50 03 00 01 01", ProtocolError, "MQTT-3.5.2-1"},
		{"PUBREL unlisted reason", V5, "62 03 00 01 10", ProtocolError, "MQTT-3.6.2-1"},
		{"PUBCOMP unlisted reason", V5, "70 03 00 01 80", ProtocolError, "MQTT-3.7.2-1"},
		{"PUBACK trailing bytes", V5, "40 05 00 01 00 00 00", MalformedPacket, "MQTT-4.13.1-1"},
		{"SUBSCRIBE id 0", V311, "82 06 00 00 00 01 61 00", ProtocolError, "MQTT-2.3.1-1"},
		{"SUBSCRIBE without filter, 3.1.1", V311, "82 02 00 01", ProtocolError, "MQTT-3.8.3-3"},
		{"SUBSCRIBE without filter, 5", V5, "82 03 00 01 00", ProtocolError, "MQTT-3.8.3-2"},
		{"SUBSCRIBE QoS 3, 3.1.1", V311, "82 06 00 01 00 01 61 03", ProtocolError, "MQTT-3.8.3-4"},
		{"SUBSCRIBE QoS 3, 5", V5, "82 07 00 01 00 00 01 61 03", ProtocolError, "MQTT-4.13.1-1"},
		{"SUBSCRIBE v5 options in 3.1.1", V311, "82 06 00 01 00 01 61 04", MalformedPacket, "MQTT-3.8.3-4"},
		{"SUBSCRIBE reserved option", V5, "82 07 00 01 00 00 01 61 40", MalformedPacket, "MQTT-3.8.3-5"},
		{"SUBSCRIBE retain handling 3", V5, "82 07 00 01 00 00 01 61 30", ProtocolError, "MQTT-4.13.1-1"},
		{"SUBSCRIBE shared no local", V5, "82 10 00 01 00 00 0a 24 73 68 61 72 65 2f 67 2f 61 04", ProtocolError, "MQTT-3.8.3-4"},
		{"SUBSCRIBE without options", V311, "82 05 00 01 00 01 61", MalformedPacket, "MQTT-4.8.0-1"},
		{"SUBSCRIBE two ids", V5, "82 0b 00 01 04 0b 01 0b 02 00 01 61 00", ProtocolError, "MQTT-4.13.1-1"},
		{"SUBACK unlisted", V5, "90 04 00 01 00 03", ProtocolError, "MQTT-3.9.3-2"},
		{"SUBACK code of 5 in 3.1.1", V311, "90 03 00 01 87", ProtocolError, "MQTT-3.9.3-2"},
		{"SUBACK empty", V311, "90 02 00 01", MalformedPacket, "MQTT-4.8.0-1"},
		{"SUBACK without id", V311, "90 00", MalformedPacket, "MQTT-4.8.0-1"},
		{"UNSUBSCRIBE without filter", V311, "a2 02 00 01", ProtocolError, "MQTT-3.10.3-2"},
		{"UNSUBACK unlisted", V5, "b0 04 00 01 00 01", ProtocolError, "MQTT-3.11.3-2"},
		{"UNSUBACK code in 3.1.1", V311, "b0 03 00 01 00", MalformedPacket, "MQTT-4.8.0-1"},
		{"DISCONNECT body in 3.1.1", V311, "e0 01 00", MalformedPacket, "MQTT-4.8.0-1"},
		{"DISCONNECT unlisted", V5, "e0 01 91", ProtocolError, "MQTT-3.14.2-1"},
		{"DISCONNECT below the failures", V5, "e0 01 01", ProtocolError, "MQTT-3.14.2-1"},
		{"AUTH in 3.1.1", V311, "f0 00", ProtocolError, "MQTT-4.8.0-1"},
		{"AUTH unlisted", V5, "f0 01 80", ProtocolError, "MQTT-3.15.2-1"},
	})
}

func TestBadTextIsRefusedInEveryPlace(t *testing.T) {
	t.Parallel()
	bad := map[string]string{
		"U+0000": "a\x00b", "surrogate D800": "\xED\xA0\x80", "surrogate DFFF": "\xED\xBF\xBF",
		"overlong slash": "\xC0\xAF", "overlong null": "\xC0\x80", "above 10FFFF": "\xF4\x90\x80\x80",
		"lone continuation": "\x80", "cut character": "\xE9\x97",
	}
	for name, text := range bad {
		three, five := "MQTT-1.5.3-1", "MQTT-1.5.4-1"
		if strings.Contains(text, "\x00") {
			three, five = "MQTT-1.5.3-2", "MQTT-1.5.4-2"
		}
		for place, frame := range textPlaces(text, V5) {
			_, _, err := read(V5, frame)
			t.Run(name+" in "+place+" 5", func(t *testing.T) { wantError(t, err, MalformedPacket, five) })
		}
		for place, frame := range textPlaces(text, V311) {
			_, _, err := read(V311, frame)
			t.Run(name+" in "+place+" 3.1.1", func(t *testing.T) { wantError(t, err, MalformedPacket, three) })
		}
	}
}

func TestUnusualButLegalTextIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\uFEFFa\uFEFF", "\x01\x1f", "\u007f\u0085", "\uFFFF", "\U0010FFFF", "大门/一号", "a//b", "$SYS/x", " "} {
		for _, v := range versions {
			for place, frame := range textPlaces(text, v) {
				got, _, err := read(v, frame)
				if err != nil {
					t.Errorf("%q in %s: %v", text, place, err)
				} else if string(got.append(v)) != string(frame) {
					t.Errorf("%q in %s: changed", text, place)
				}
			}
		}
	}
}

// textPlaces gives a packet per place where a string can stand.
func textPlaces(s string, v Version) map[string][]byte {
	places := map[string][]byte{
		"client id":   (&Connect{Version: v, ClientID: s}).Append(nil),
		"user name":   (&Connect{Version: v, ClientID: "c", HasUsername: true, Username: s}).Append(nil),
		"will topic":  (&Connect{Version: v, ClientID: "c", Will: &Will{Topic: s}}).Append(nil),
		"topic":       (&Publish{Topic: s}).Append(nil, v),
		"filter":      (&Subscribe{ID: 1, Subscriptions: []Subscription{{Filter: s}}}).Append(nil, v),
		"unsubscribe": (&Unsubscribe{ID: 1, Filters: []string{s}}).Append(nil, v),
	}
	if v < V5 {
		return places
	}
	for name, p := range map[string]Properties{"content type": {ContentType: s}, "response topic": {ResponseTopic: s},
		"user name of property": {User: []UserProperty{{s, "v"}}}, "user value": {User: []UserProperty{{"k", s}}}} {
		places[name] = (&Publish{Topic: "t", Properties: p}).Append(nil, v)
	}
	for name, p := range map[string]Properties{"reason string": {ReasonString: s}, "assigned id": {AssignedClientID: s},
		"auth method": {AuthMethod: s}, "response info": {ResponseInfo: s}, "server reference": {ServerReference: s}} {
		places[name] = (&Connack{Properties: p}).Append(nil, v)
	}
	return places
}

func TestHeaderThatDoesNotBelongToTheBodyIsRefused(t *testing.T) {
	t.Parallel()
	var p Publish
	wantError(t, p.Decode(V5, Header{Type: PUBACK, Length: 2}, []byte{0, 1}), ProtocolError, "MQTT-4.13.1-1")
	wantError(t, p.Decode(V5, Header{Type: PUBLISH, Length: 9}, []byte{0, 1}), MalformedPacket, "MQTT-4.13.1-1")
	wantError(t, p.Decode(V5, Header{Type: PUBLISH, Flags: 6}, nil), MalformedPacket, "MQTT-3.3.1-4")
	var a Ack
	wantError(t, a.Decode(V311, Header{Type: CONNECT}, nil), ProtocolError, "MQTT-4.8.0-1")
}

func TestMessageMadeHereIsCheckedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxField+1)
	good := Publish{Topic: "a", QoS: 2, Dup: true, Payload: []byte("x"), Properties: Properties{ContentType: "x"}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	bad := map[string]Publish{
		"QoS":              {Topic: "a", QoS: 3},
		"topic name":       {Topic: "a/#"},
		"content type":     {Topic: "a", Properties: Properties{ContentType: long}},
		"correlation data": {Topic: "a", Properties: Properties{CorrelationData: []byte(long)}},
		"response topic":   {Topic: "a", Properties: Properties{ResponseTopic: "+"}},
		"user property":    {Topic: "a", Properties: Properties{User: []UserProperty{{long, ""}}}},
	}
	many := Publish{Topic: "a"}
	for range MaxLength/maxField + 1 {
		many.Properties.User = append(many.Properties.User, UserProperty{"", long[1:]})
	}
	bad["user properties"] = many
	for field, p := range bad {
		var e *Error
		if err := p.Check(); !errors.As(err, &e) || !strings.HasPrefix(e.Detail, field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestManyUserPropertiesStayCheap(t *testing.T) {
	p := Publish{Topic: "t"}
	for range 10_000 {
		p.Properties.User = append(p.Properties.User, UserProperty{"", ""})
	}
	frame := p.Append(nil, V5)
	allocs := testing.AllocsPerRun(1, func() {
		if _, _, err := read(V5, frame); err != nil {
			t.Error(err)
		}
	})
	if allocs > 100 {
		t.Errorf("%v allocations for %d bytes", allocs, len(frame))
	}
}

func TestNamesOfVersionsTypesAndReasons(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		V31.String(): "3.1", V311.String(): "3.1.1", V5.String(): "5.0", Version(9).String(): "unknown",
		AUTH.String(): "AUTH", Type(0).String(): "type 0",
		NotAuthorized.String(): "not authorized", WildcardSubscriptionsNotSupported.String(): "wildcard subscriptions not supported",
		ReasonCode(0x7F).String(): "reason 0x7f", ReasonCode(0xFE).String(): "reason 0xfe",
		(&Error{ProtocolError, "MQTT-1", "x: y"}).Error(): "protocol error: x: y (MQTT-1)",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for r := range ReasonCode(0xFF) {
		for typ := CONNECT; typ <= AUTH; typ++ {
			if r.ValidIn(typ) && strings.HasPrefix(r.String(), "reason ") {
				t.Errorf("%#x is listed for %v and has no name", byte(r), typ)
			}
		}
	}
}

func TestReturnCodesGoBothWays(t *testing.T) {
	t.Parallel()
	for code := range byte(6) {
		r, ok := reasonOf(code)
		if !ok || r.ReturnCode() != code {
			t.Errorf("%d: %v, %d", code, r, r.ReturnCode())
		}
	}
	if ProtocolError.ReturnCode() != NoReturnCode {
		t.Error("a protocol error has no return code")
	}
}
