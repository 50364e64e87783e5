package mqtt

import (
	"testing"
)

// read is the first packet in b, all of which must be one packet.
func read(t *testing.T, v Version, b string) (Packet, error) {
	t.Helper()
	first, body, size, err := frame([]byte(b), v)
	if err != nil {
		return Packet{}, err
	}
	if size != len(b) {
		t.Fatalf("% x: a packet of %d bytes, want %d", b, size, len(b))
	}
	return parse(v, first, body)
}

func TestPublishIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, v := range []Version{V311, V5} {
		want := Publish{Topic: []byte("a/b"), Payload: make([]byte, 300), QoS: 2, ID: 513, Dup: true, Retain: true}
		p, err := read(t, v, string(AppendPublish(nil, v, want)))
		if err != nil {
			t.Fatal(err)
		}
		got := p.Publish
		if p.Type != PUBLISH || p.ID != 513 || string(got.Topic) != "a/b" || len(got.Payload) != 300 ||
			got.QoS != 2 || got.ID != 513 || !got.Dup || !got.Retain {
			t.Errorf("version %d: %+v", v, p)
		}
	}
}

func TestAnswersAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v     Version
		bytes string
		want  Packet
		codes string
	}{
		{V311, "\x20\x02\x01\x00", Packet{Type: CONNACK, Session: true}, ""},
		{V311, "\x20\x02\x00\x05", Packet{Type: CONNACK, Code: 5}, ""},
		{V5, "\x20\x06\x00\x00\x03\x21\x00\x20", Packet{Type: CONNACK}, ""},
		{V311, "\x40\x02\x01\x02", Packet{Type: PUBACK, ID: 258}, ""},
		{V5, "\x40\x03\x00\x01\x10", Packet{Type: PUBACK, ID: 1, Code: 0x10}, ""},
		{V5, "\x50\x04\x00\x01\x97\x00", Packet{Type: PUBREC, ID: 1, Code: 0x97}, ""},
		{V311, "\x62\x02\x00\x01", Packet{Type: PUBREL, ID: 1}, ""},
		{V311, "\x90\x04\x00\x01\x01\x80", Packet{Type: SUBACK, ID: 1}, "\x01\x80"},
		{V5, "\x90\x04\x00\x01\x00\x97", Packet{Type: SUBACK, ID: 1}, "\x97"},
		{V311, "\xb0\x02\x00\x01", Packet{Type: UNSUBACK, ID: 1}, ""},
		{V311, "\xd0\x00", Packet{Type: PINGRESP}, ""},
		{V5, "\xe0\x01\x8b", Packet{Type: DISCONNECT, Code: 0x8b}, ""},
	} {
		p, err := read(t, c.v, c.bytes)
		if err != nil {
			t.Errorf("% x: %v", c.bytes, err)
			continue
		}
		if p.Type != c.want.Type || p.ID != c.want.ID || p.Code != c.want.Code || p.Session != c.want.Session || string(p.Codes) != c.codes {
			t.Errorf("% x: %+v", c.bytes, p)
		}
	}
}

func TestWhatAServerMayNotSendIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v     Version
		bytes string
	}{
		"length of five bytes":                {V311, "\x30\x80\x80\x80\x80\x01"},
		"length longer than needed":           {V5, "\xd0\x80\x00"},
		"QoS 3":                               {V311, "\x36\x05\x00\x01t\x00\x01"},
		"DUP with QoS 0":                      {V311, "\x38\x03\x00\x01t"},
		"topic beyond the packet":             {V311, "\x30\x03\x00\x02t"},
		"no topic":                            {V311, "\x30\x02\x00\x00"},
		"topic with a wildcard":               {V311, "\x30\x03\x00\x01+"},
		"topic that is no UTF-8":              {V311, "\x30\x03\x00\x01\xff"},
		"QoS 1 without an identifier":         {V311, "\x32\x03\x00\x01t"},
		"QoS 1 with identifier 0":             {V311, "\x32\x05\x00\x01t\x00\x00"},
		"properties beyond the packet":        {V5, "\x30\x04\x00\x01t\x05"},
		"PUBLISH of version 5 without any":    {V5, "\x30\x03\x00\x01t"},
		"PUBACK with flags":                   {V311, "\x42\x02\x00\x01"},
		"PUBREL without flags":                {V311, "\x60\x02\x00\x01"},
		"PUBACK with identifier 0":            {V311, "\x40\x02\x00\x00"},
		"PUBACK of 3.1.1 with a reason":       {V311, "\x40\x03\x00\x01\x00"},
		"PUBACK with bytes after its end":     {V5, "\x40\x05\x00\x01\x00\x00\x01"},
		"CONNACK with a flag above the first": {V311, "\x20\x02\x02\x00"},
		"refusal with a session":              {V311, "\x20\x02\x01\x05"},
		"CONNACK of 3.1.1 with properties":    {V311, "\x20\x03\x00\x00\x00"},
		"SUBACK with code 3":                  {V311, "\x90\x03\x00\x01\x03"},
		"UNSUBACK of 3.1.1 with codes":        {V311, "\xb0\x03\x00\x01\x00"},
		"PINGRESP with a body":                {V311, "\xd0\x01\x00"},
		"DISCONNECT of 3.1.1":                 {V311, "\xe0\x00"},
		"CONNECT":                             {V311, "\x10\x00"},
		"type 0":                              {V311, "\x00\x00"},
	} {
		if p, err := read(t, c.v, c.bytes); err == nil {
			t.Errorf("%s: % x was read as %+v", name, c.bytes, p)
		}
	}
}

func TestAPartOfAPacketAsksForMore(t *testing.T) {
	t.Parallel()
	whole := AppendPublish(nil, V311, Publish{Topic: []byte("t"), Payload: make([]byte, 200)})
	for n := range whole {
		if _, _, size, err := frame(whole[:n], V311); size != 0 || err != nil {
			t.Fatalf("%d of %d bytes: size %d, %v", n, len(whole), size, err)
		}
	}
}
