package mqtttest

import (
	"testing"
)

// wrongPackets are packets that no client may send, one of each kind of mistake,
// and the reasons that a server may give.
func wrongPackets(t *testing.T) map[string]wrongPacket {
	topic := str(name(t, ""))
	props := func(list ...property) []byte { return properties(list).encode() }
	malformed, protocol := []byte{0x81, 0x82}, []byte{0x82, 0x81}
	return map[string]wrongPacket{
		"type 0":                          {frame(0), malformed},
		"length in five bytes":            {[]byte{PINGREQ << 4, 0x80, 0x80, 0x80, 0x80, 0x01}, malformed},
		"PUBLISH of nothing":              {frame(PUBLISH << 4), malformed},
		"PUBLISH cut in the topic":        {frame(PUBLISH<<4, u16(100), topic), malformed},
		"PUBLISH cut in the properties":   {frame(PUBLISH<<4, topic, []byte{9, 1}), malformed},
		"PUBLISH without an identifier":   {frame(PUBLISH<<4|2, topic), malformed},
		"PUBLISH with QoS 3":              {frame(PUBLISH<<4|6, topic, u16(1), []byte{0}), malformed},
		"PUBLISH with QoS 0 and DUP":      {frame(PUBLISH<<4|8, topic, []byte{0}), malformed},
		"unknown property":                {frame(PUBLISH<<4, topic, []byte{2, 0x04, 0}), malformed},
		"property of another packet":      {frame(PUBLISH<<4, topic, props(property{sessionExpiry, 1})), protocol},
		"property twice":                  {frame(PUBLISH<<4, topic, props(property{contentType, "a"}, property{contentType, "a"})), protocol},
		"property cut":                    {frame(PUBLISH<<4, topic, []byte{2, messageExpiry, 0}), malformed},
		"payload format 2":                {frame(PUBLISH<<4, topic, props(property{payloadFormat, 2})), protocol},
		"topic alias 0":                   {frame(PUBLISH<<4, topic, props(property{topicAlias, 0})), []byte{0x94, 0x82, 0x81}},
		"topic alias that was never set":  {frame(PUBLISH<<4, str(""), props(property{topicAlias, 1})), []byte{0x82, 0x94}},
		"subscription identifier":         {frame(PUBLISH<<4, topic, props(property{subscriptionID, 1})), protocol},
		"PUBACK of nothing":               {frame(PUBACK << 4), malformed},
		"PUBACK with a byte too many":     {frame(PUBACK<<4, u16(1), []byte{0, 0, 0}), malformed},
		"PUBACK with an unlisted reason":  {frame(PUBACK<<4, u16(1), []byte{0x8E}), protocol},
		"PUBREC of one byte":              {frame(PUBREC<<4, []byte{1}), malformed},
		"PUBREL for 0":                    {frame(PUBREL<<4|2, u16(0)), malformed},
		"PUBCOMP with a foreign property": {frame(PUBCOMP<<4, u16(1), []byte{0}, props(property{topicAlias, 1})), protocol},
		"SUBSCRIBE for 0":                 {frame(SUBSCRIBE<<4|2, u16(0), []byte{0}, topic, []byte{0}), malformed},
		"SUBSCRIBE without options":       {frame(SUBSCRIBE<<4|2, u16(1), []byte{0}, topic), malformed},
		"SUBSCRIBE by identifier 0":       {frame(SUBSCRIBE<<4|2, u16(1), props(property{subscriptionID, 0}), topic, []byte{0}), protocol},
		"SUBSCRIBE by two identifiers": {
			frame(SUBSCRIBE<<4|2, u16(1), props(property{subscriptionID, 1}, property{subscriptionID, 2}), topic, []byte{0}), protocol,
		},
		"SUBSCRIBE with Retain Handling 3": {frame(SUBSCRIBE<<4|2, u16(1), []byte{0}, topic, []byte{0x30}), protocol},
		"UNSUBSCRIBE cut in the filter":    {frame(UNSUBSCRIBE<<4|2, u16(1), []byte{0}, u16(9), []byte("a")), malformed},
		"PINGREQ with a body":              {frame(PINGREQ<<4, []byte{0}), malformed},
		"DISCONNECT with a byte too many":  {frame(DISCONNECT<<4, []byte{0, 0, 0}), malformed},
		"second CONNECT":                   {connect{id: name(t, "x")}.encode(5), protocol},
		"CONNACK":                          {frame(CONNACK<<4, []byte{0, 0, 0}), protocol},
		"SUBACK":                           {frame(SUBACK<<4, u16(1), []byte{0, 0}), protocol},
		"UNSUBACK":                         {frame(UNSUBACK<<4, u16(1), []byte{0, 0}), protocol},
		"PINGRESP":                         {frame(PINGRESP << 4), protocol},
		"AUTH":                             {frame(AUTH<<4, []byte{0x19, 0}), protocol},
	}
}

type wrongPacket struct {
	packet  []byte
	reasons []byte
}

// TestMQTT5_4_13_1_1: a packet that is malformed or against the protocol closes the
// connection, without an answer to what follows it, and as a loss: the will is
// published. Nobody else notices.
func TestMQTT5_4_13_1_1(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, wrong := range wrongPackets(t) {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := client(t, address, 5, name(t, "watcher"))
			w.listen(name(t, "/+"), 0)
			p, _ := open(t, address, 5, connect{id: name(t, "a"), will: &will{topic: name(t, "/will"), payload: "lost"}})
			p.write(publish{topic: name(t, "/before"), payload: "1"}.encode(5))
			w.message(name(t, "/before"), "1")
			p.write(wrong.packet, publish{topic: name(t, "/behind"), payload: "2"}.encode(5))
			reason := p.closed()
			if p.reasonWas(reason, wrong.reasons...); reason == 0 && *foreign == "" {
				t.Error("closed without a word")
			}
			w.message(name(t, "/will"), "lost")
			w.silent()
		})
	}
}

// TestMQTT5_4_13_2_1: a reason of 0x80 or more in CONNACK or DISCONNECT is the end of
// the connection: of its own, and of the client's.
func TestMQTT5_4_13_2_1(t *testing.T) {
	t.Parallel()
	eachGoodbye(t, func(t *testing.T, _ goodbye, p *peer) {
		if bye, ok := p.ending(); ok && bye.code < 0x80 {
			t.Errorf("ended with reason %#x", bye.code)
		}
	})
	wrong := "wrong"
	for what, c := range map[string]connect{
		"user name or password": {user: &wrong, password: &wrong},
		"method":                {props: properties{{authMethod, "?"}}},
		"will topic":            {will: &will{topic: "denied/x"}},
	} {
		t.Run("refused for its "+what, func(t *testing.T) {
			t.Parallel()
			address := own(t, nil)
			w := client(t, address, 5, name(t, "watcher"))
			w.listen(name(t, ""), 0)
			p := dial(t, address, 5)
			c.id = name(t, "a")
			p.write(c.encode(5), publish{topic: name(t, ""), payload: "behind"}.encode(5))
			if x := p.want(CONNACK); x.code < 0x80 {
				t.Errorf("CONNACK %+v", x)
			}
			p.closed()
			w.silent()
		})
	}
	t.Run("by the client", func(t *testing.T) {
		t.Parallel()
		address := server(t)
		for i, reason := range []byte{0x80, 0x81, 0x82, 0x83, 0x93, 0x95, 0x99} {
			p := client(t, address, 5, name(t, string('a'+rune(i))))
			p.write(frame(DISCONNECT<<4, []byte{reason}))
			if said := p.closed(); said != 0 {
				t.Errorf("DISCONNECT %#x was answered with %#x", reason, said)
			}
		}
	})
}
