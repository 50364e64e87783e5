package mqtttest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// patience is how long a test waits for what has to come. It judges nothing.
const patience = 10 * time.Second

// peer is a client on raw bytes. Everything that it reads is checked by parse.
type peer struct {
	t       testing.TB
	nc      net.Conn
	in      *bufio.Reader
	version byte
	lastID  int
	limit   int // Maximum Packet Size that the client announced; 0: none
	names   int // Topic Alias Maximum that the client announced
	aliases map[int]string
}

// dial opens a connection and says nothing.
func dial(t testing.TB, address string, version byte) *peer {
	t.Helper()
	nc, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, nc, version)
}

func newPeer(t testing.TB, nc net.Conn, version byte) *peer {
	t.Cleanup(func() { _ = nc.Close() })
	return &peer{t: t, nc: nc, in: bufio.NewReader(nc), version: version, aliases: map[int]string{}}
}

// connect is a CONNECT, proper unless a test makes it something else.
type connect struct {
	name      string // protocol name; empty: MQTT
	level     byte   // 0: that of the peer
	flags     byte   // exclusive-ored with the proper ones, to spoil them
	id        string
	keep      bool // Clean Session or Clean Start 0
	keepAlive int
	props     properties
	will      *will
	user      *string
	password  *string
}

type will struct {
	topic, payload string
	qos            byte
	retain         bool
	props          properties
}

// encode gives the packet.
func (c connect) encode(version byte) []byte {
	name, level := c.name, c.level
	if name == "" {
		name = "MQTT"
	}
	if level == 0 {
		level = version
	}
	var flags byte
	payload := str(c.id)
	if !c.keep {
		flags |= 2
	}
	if w := c.will; w != nil {
		flags |= 4 | w.qos<<3
		if w.retain {
			flags |= 32
		}
		if version == 5 {
			payload = append(payload, w.props.encode()...)
		}
		payload = append(append(payload, str(w.topic)...), str(w.payload)...)
	}
	if c.user != nil {
		flags |= 128
		payload = append(payload, str(*c.user)...)
	}
	if c.password != nil {
		flags |= 64
		payload = append(payload, str(*c.password)...)
	}
	body := bytes.Join([][]byte{str(name), {level, flags ^ c.flags}, u16(c.keepAlive)}, nil)
	if version == 5 {
		body = append(body, c.props.encode()...)
	}
	return frame(CONNECT<<4, body, payload)
}

// frame gives a packet: its first byte, the length, and the parts.
func frame(first byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append([]byte{first}, varint(len(body))...), body...)
}

// write sends bytes as they are. The server may have closed: reading tells.
func (p *peer) write(packets ...[]byte) {
	_ = p.nc.SetWriteDeadline(time.Now().Add(patience))
	_, _ = p.nc.Write(bytes.Join(packets, nil))
}

// nextID gives a packet identifier that was not used before.
func (p *peer) nextID() int {
	p.lastID++
	return p.lastID
}

// read waits for the next packet; io.EOF if the connection ends before it.
func (p *peer) read() (packet, error) {
	_ = p.nc.SetReadDeadline(time.Now().Add(patience))
	first, err := p.in.ReadByte()
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return packet{}, err
		}
		return packet{}, io.EOF // a reset is as good
	}
	n, shift, head := 0, 0, 1
	for b := byte(128); b >= 128; shift += 7 {
		if b, err = p.in.ReadByte(); err != nil {
			return packet{}, io.ErrUnexpectedEOF
		}
		n |= int(b&127) << shift
		head++
		if b == 0 && shift > 0 || shift > 21 {
			return packet{}, errors.New("a remaining length longer than it has to be (MQTT-1.5.5-1)")
		}
	}
	if p.limit > 0 && head+n > p.limit {
		return packet{}, fmt.Errorf("a packet of type %d has %d bytes, and the client takes %d (MQTT-3.1.2-24)", first>>4, head+n, p.limit)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(p.in, body); err != nil {
		return packet{}, io.ErrUnexpectedEOF
	}
	x, err := parse(p.version, first, body)
	if err == nil && x.props.has(topicAlias) {
		err = p.resolve(&x)
	}
	return x, err
}

// resolve notes the topic of an alias that the server uses, or puts it in.
func (p *peer) resolve(x *packet) error {
	alias := x.props.number(topicAlias, 0)
	if alias == 0 || alias > p.names {
		return fmt.Errorf("topic alias %d where the client takes %d (MQTT-3.1.2-26, MQTT-3.3.2-8)", alias, p.names)
	}
	if x.topic != "" {
		p.aliases[alias] = x.topic
	}
	if x.topic = p.aliases[alias]; x.topic == "" {
		return fmt.Errorf("topic alias %d stands for nothing yet", alias)
	}
	return nil
}

// next reads the next packet, which has to come.
func (p *peer) next() packet {
	p.t.Helper()
	x, err := p.read()
	if err != nil {
		p.t.Fatalf("no next packet: %v", err)
	}
	return x
}

// want reads the next packet, which has to be of this type.
func (p *peer) want(kind byte) packet {
	p.t.Helper()
	x := p.next()
	if x.kind != kind {
		p.t.Fatalf("a packet of type %d came (%+v), want type %d", x.kind, x, kind)
	}
	return x
}

// message reads the next packet, which has to be this message; it is acknowledged
// to the end.
func (p *peer) message(topic, payload string) packet {
	p.t.Helper()
	x := p.want(PUBLISH)
	if x.topic != topic || x.payload != payload {
		p.t.Fatalf("got %q on %q, want %q on %q", x.payload, x.topic, payload, topic)
	}
	p.finish(x)
	return x
}

// finish acknowledges a message.
func (p *peer) finish(x packet) {
	p.t.Helper()
	switch x.qos {
	case 1:
		p.ack(PUBACK, x.id)
	case 2:
		p.ack(PUBREC, x.id)
		if y := p.want(PUBREL); y.id != x.id {
			p.t.Fatalf("PUBREL %d for message %d", y.id, x.id)
		}
		p.ack(PUBCOMP, x.id)
	}
}

// until collects messages, acknowledged to the end, until one comes on the topic end,
// which is not in the list.
func (p *peer) until(end string) (list []packet) {
	p.t.Helper()
	for open, ended := 0, false; !ended || open > 0; {
		switch x := p.next(); x.kind {
		case PUBLISH:
			if ended = ended || x.topic == end; x.topic != end {
				list = append(list, x)
			}
			switch x.qos {
			case 1:
				p.ack(PUBACK, x.id)
			case 2:
				open++
				p.ack(PUBREC, x.id)
			}
		case PUBREL:
			open--
			p.ack(PUBCOMP, x.id)
		default:
			p.t.Fatalf("messages were to come, but %+v", x)
		}
	}
	return list
}

// ack sends PUBACK, PUBREC, PUBREL or PUBCOMP.
func (p *peer) ack(kind byte, id int) {
	first := kind << 4
	if kind == PUBREL {
		first |= 2
	}
	p.write(frame(first, u16(id)))
}

// silent proves that nothing is on its way to this client: the answer to a ping is
// the next that comes. The server answers in order.
func (p *peer) silent() {
	p.t.Helper()
	p.write(frame(PINGREQ << 4))
	if x := p.next(); x.kind != PINGRESP {
		p.t.Fatalf("nothing was to come, but %+v", x)
	}
}

// closed waits for the server to close the connection and gives the reason that it
// said before: 0 if none. Only version 5 has a DISCONNECT of the server; anything
// else on the way is an error.
func (p *peer) closed() (reason byte) {
	p.t.Helper()
	for {
		x, err := p.read()
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return reason
		case err != nil:
			p.t.Fatalf("the connection was to be closed: %v", err)
		case x.kind != DISCONNECT || reason != 0:
			p.t.Fatalf("the connection was to be closed, but %+v came", x)
		}
		reason = x.code
	}
}

// refused waits for the connection to be closed, by any of the ways in which a
// server may answer an error: CONNACK or DISCONNECT with a reason, or no word.
func (p *peer) refused() (reason byte) {
	p.t.Helper()
	for {
		x, err := p.read()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return reason
		}
		if err != nil || x.code == 0 || x.kind != CONNACK && x.kind != DISCONNECT {
			p.t.Fatalf("the connection was to be refused, but %+v, %v", x, err)
		}
		reason = x.code
	}
}

// open connects and has to be let in.
func open(t testing.TB, address string, version byte, c connect) (*peer, packet) {
	t.Helper()
	p := dial(t, address, version)
	p.connect(c)
	x := p.want(CONNACK)
	if x.code != 0 {
		t.Fatalf("client %q refused: %#x", c.id, x.code)
	}
	return p, x
}

// connect sends a CONNECT and remembers which limits it announced.
func (p *peer) connect(c connect) {
	p.limit, p.names = c.props.number(maximumPacketSize, 0), c.props.number(topicAliasMaximum, 0)
	p.write(c.encode(p.version))
}

// client is open for those who need nothing else.
func client(t testing.TB, address string, version byte, id string) *peer {
	t.Helper()
	p, _ := open(t, address, version, connect{id: id})
	return p
}

// leave says goodbye and waits for the server to close.
func (p *peer) leave() {
	p.t.Helper()
	p.write(frame(DISCONNECT << 4))
	p.closed()
}

// cut ends the connection without a goodbye.
func (p *peer) cut() { _ = p.nc.Close() }

// filter is one of SUBSCRIBE: options are the QoS, and what version 5 adds.
type filter struct {
	name    string
	options byte
}

// subscribe asks for filters and gives the answer. props are of version 5.
func (p *peer) subscribe(props properties, filters ...filter) packet {
	p.t.Helper()
	id := p.nextID()
	p.write(p.subscribePacket(id, props, filters...))
	x := p.want(SUBACK)
	if x.id != id {
		p.t.Fatalf("SUBACK %d for SUBSCRIBE %d", x.id, id)
	}
	return x
}

func (p *peer) subscribePacket(id int, props properties, filters ...filter) []byte {
	body := u16(id)
	if p.version == 5 {
		body = append(body, props.encode()...)
	}
	for _, f := range filters {
		body = append(append(body, str(f.name)...), f.options)
	}
	return frame(SUBSCRIBE<<4|2, body)
}

// listen subscribes to a filter at a QoS, which has to be granted.
func (p *peer) listen(name string, qos byte) {
	p.t.Helper()
	if x := p.subscribe(nil, filter{name, qos}); len(x.codes) != 1 || x.codes[0] != qos {
		p.t.Fatalf("subscribing to %q at QoS %d: % x", name, qos, x.codes)
	}
}

// unsubscribe gives the answer.
func (p *peer) unsubscribe(names ...string) packet {
	p.t.Helper()
	id := p.nextID()
	p.write(p.unsubscribePacket(id, nil, names...))
	x := p.want(UNSUBACK)
	if x.id != id {
		p.t.Fatalf("UNSUBACK %d for UNSUBSCRIBE %d", x.id, id)
	}
	return x
}

func (p *peer) unsubscribePacket(id int, props properties, names ...string) []byte {
	body := u16(id)
	if p.version == 5 {
		body = append(body, props.encode()...)
	}
	for _, name := range names {
		body = append(body, str(name)...)
	}
	return frame(UNSUBSCRIBE<<4|2, body)
}

// publish is a PUBLISH.
type publish struct {
	topic, payload string
	qos            byte
	retain, dup    bool
	id             int
	props          properties
}

func (m publish) encode(version byte) []byte {
	first := byte(PUBLISH)<<4 | m.qos<<1
	if m.retain {
		first |= 1
	}
	if m.dup {
		first |= 8
	}
	body := str(m.topic)
	if m.qos > 0 {
		body = append(body, u16(m.id)...)
	}
	if version == 5 {
		body = append(body, m.props.encode()...)
	}
	return frame(first, body, []byte(m.payload))
}

// say publishes a message to its end: it returns when the server has taken it. At
// QoS 0 that is so when a ping that follows is answered. Nothing else may be on its
// way to this client.
func (p *peer) say(m publish) {
	p.t.Helper()
	if m.qos > 0 && m.id == 0 {
		m.id = p.nextID()
	}
	p.write(m.encode(p.version))
	switch m.qos {
	case 0:
		p.silent()
	case 1:
		p.wantAck(PUBACK, m.id)
	case 2:
		p.wantAck(PUBREC, m.id)
		p.ack(PUBREL, m.id)
		p.wantAck(PUBCOMP, m.id)
	}
}

// wantAck waits for an acknowledgement that means success.
func (p *peer) wantAck(kind byte, id int) packet {
	p.t.Helper()
	x := p.want(kind)
	if x.id != id || x.code >= 0x80 {
		p.t.Fatalf("acknowledgement %+v, want identifier %d and success", x, id)
	}
	return x
}
