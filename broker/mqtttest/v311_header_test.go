package mqtttest

import "testing"

// TestMQTT311_1_5_3_3: a byte-order mark is data: kept, never skipped.
func TestMQTT311_1_5_3_3(t *testing.T) {
	t.Parallel()
	address := server(t)
	p := client(t, address, 4, name(t, "a"))
	topic := name(t, "/\uFEFFx")
	p.listen(topic, 0)
	p.write(publish{topic: topic, payload: "1"}.encode(4))
	p.message(topic, "1")
}

// TestMQTT311_1_5_3_2: U+0000 in any string closes the connection.
func TestMQTT311_1_5_3_2(t *testing.T) {
	t.Parallel()
	address := server(t)
	for what, spoil := range map[string]func(p *peer){
		"topic":  func(p *peer) { p.write(publish{topic: name(t, "\x00"), payload: "1"}.encode(4)) },
		"filter": func(p *peer) { p.write(p.subscribePacket(1, nil, filter{name(t, "\x00"), 0})) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := client(t, address, 4, name(t, "a"))
			spoil(p)
			p.closed()
		})
	}
	p := dial(t, address, 4)
	p.write(connect{id: name(t, "\x00")}.encode(4))
	p.refused()
}
