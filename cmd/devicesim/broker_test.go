package main

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/eclipse/paho.golang/packets"

	"gatehouse/devices/wire"
)

// fakeBroker takes what simulated devices say, keeps no session, and can be told
// to refuse or to withhold acknowledgements.
type fakeBroker struct {
	listener net.Listener
	wg       sync.WaitGroup

	mu       sync.Mutex
	refuse   bool // every CONNECT
	withhold bool // the acknowledgement of billing events
	greet    func(*fakeClient)
	known    map[string]bool // clients with a session
	clients  map[string]*fakeClient
	sockets  []net.Conn
	got      []packets.Publish
	refusals int
	ends     []string // how connections ended: "client goodbye" or "client silent"
}

// fakeClient is a connected device.
type fakeClient struct {
	id   string
	will *packets.Connect
	conn net.Conn
	mu   sync.Mutex // of writing
}

func startBroker(t *testing.T) *fakeBroker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &fakeBroker{listener: l, known: map[string]bool{}, clients: map[string]*fakeClient{}}
	b.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b.mu.Lock()
			b.sockets = append(b.sockets, conn)
			b.mu.Unlock()
			b.wg.Go(func() { b.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		b.mu.Lock()
		for _, s := range b.sockets {
			_ = s.Close()
		}
		b.mu.Unlock()
		b.wg.Wait()
	})
	return b
}

func (b *fakeBroker) url() string { return "tcp://" + b.listener.Addr().String() }

func (b *fakeBroker) set(change func(*fakeBroker)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

func (c *fakeClient) write(p packets.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = p.WriteTo(c.conn)
}

// say sends the client a message of QoS 0.
func (c *fakeClient) say(topic string, payload []byte) {
	c.write(&packets.Publish{Topic: topic, Payload: payload, Properties: &packets.Properties{}})
}

func (b *fakeBroker) serve(conn net.Conn) {
	defer conn.Close()
	client := &fakeClient{conn: conn}
	goodbye := false
	for {
		p, err := packets.ReadPacket(conn)
		if err != nil {
			break
		}
		switch m := p.Content.(type) {
		case *packets.Connect:
			if !b.connect(client, m) {
				return
			}
		case *packets.Subscribe:
			b.mu.Lock()
			greet := b.greet
			b.mu.Unlock()
			if greet != nil {
				greet(client) // before the SUBACK, as a broker may
			}
			client.write(&packets.Suback{PacketID: m.PacketID, Reasons: make([]byte, len(m.Subscriptions)), Properties: &packets.Properties{}})
		case *packets.Publish:
			b.publish(client, m)
		case *packets.Pubrel:
			client.write(&packets.Pubcomp{PacketID: m.PacketID, Properties: &packets.Properties{}})
		case *packets.Pingreq:
			client.write(&packets.Pingresp{})
		case *packets.Disconnect:
			goodbye = true
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.clients[client.id] == client {
		delete(b.clients, client.id)
	}
	if goodbye {
		b.ends = append(b.ends, client.id+" goodbye")
	} else {
		b.ends = append(b.ends, client.id+" silent")
	}
}

func (b *fakeBroker) connect(client *fakeClient, m *packets.Connect) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse {
		b.refusals++
		client.write(&packets.Connack{ReasonCode: packets.ConnackNotAuthorized, Properties: &packets.Properties{}})
		return false
	}
	client.id, client.will = m.ClientID, m
	present := b.known[client.id] && !m.CleanStart
	b.known[client.id] = true
	client.write(&packets.Connack{SessionPresent: present, Properties: &packets.Properties{}})
	b.clients[client.id] = client
	return true
}

func (b *fakeBroker) publish(client *fakeClient, m *packets.Publish) {
	b.mu.Lock()
	b.got = append(b.got, *m)
	withhold := b.withhold
	b.mu.Unlock()
	switch {
	case m.QoS == 1:
		client.write(&packets.Puback{PacketID: m.PacketID, Properties: &packets.Properties{}})
	case m.QoS == 2 && !withhold:
		client.write(&packets.Pubrec{PacketID: m.PacketID, Properties: &packets.Properties{}})
	}
}

// client is the connected device of that id, or nil.
func (b *fakeBroker) client(id string) *fakeClient {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clients[id]
}

// on lists what a device said on a channel.
func (b *fakeBroker) on(device string, c wire.Channel) []packets.Publish {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []packets.Publish
	for _, m := range b.got {
		if strings.HasPrefix(m.Topic, wire.Topic("s1", device, c)) {
			list = append(list, m)
		}
	}
	return list
}

func (b *fakeBroker) ended(how string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.ends, how)
}
