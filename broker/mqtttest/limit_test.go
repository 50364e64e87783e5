package mqtttest

import "testing"

// size is how many bytes the packet has on the wire.
func (p packet) size() int { return 1 + len(varint(len(p.body))) + len(p.body) }

// encounter is a connection from CONNECT to a packet that it makes the server
// send. It gives CONNACK and that packet.
type encounter func(t *testing.T, address, id string, props properties) (welcome, answer packet)

// after is an encounter that begins as usual.
func after(provoke func(p *peer) packet) encounter {
	return func(t *testing.T, address, id string, props properties) (packet, packet) {
		t.Helper()
		p, welcome := open(t, address, 5, connect{id: id, props: props})
		return welcome, provoke(p)
	}
}

// yields demands that the packet comes to a client that takes no larger ones than
// it has to, and that a property which has no room there is left out. The limit is
// one byte less than the packet has with the property, or what its bare form and
// CONNACK need if the server says nothing by it. Packets that exceed it are
// refused by the peer.
func yields(t *testing.T, property byte, meet encounter) {
	t.Helper()
	yieldsAt(t, server(t), property, meet)
}

// yieldsAt is yields at this server.
func yieldsAt(t *testing.T, address string, property byte, meet encounter) {
	t.Helper()
	welcome, full := meet(t, address, name(t, "free"), nil)
	limit := welcome.size()
	if full.props.has(property) {
		limit = max(limit, full.size()-1)
	} else {
		limit = max(limit+5, full.size()) // with Maximum Packet Size CONNACK may have to name it
	}
	_, tight := meet(t, address, name(t, "tight"), properties{{maximumPacketSize, limit}})
	if tight.kind != full.kind || tight.code != full.code || string(tight.codes) != string(full.codes) {
		t.Errorf("the client that takes %d bytes got %+v, the other %+v", limit, tight, full)
	}
}
