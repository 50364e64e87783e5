package broker

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// validPackets are packets of every type that a client may or may not send.
func validPackets(v packet.Version) [][]byte {
	hour := uint32(3600)
	props := packet.Properties{ContentType: "c", ResponseTopic: "r", CorrelationData: []byte{1}, MessageExpiry: &hour,
		User: []packet.UserProperty{{Name: "n", Value: "v"}}}
	will := &packet.Will{Topic: "w", Payload: []byte("gone"), QoS: 1, Properties: props}
	connect := packet.Connect{Version: v, CleanStart: true, ClientID: "c", KeepAlive: 60, HasUsername: true, Username: "u",
		HasPassword: true, Password: []byte("p"), Will: will, Properties: packet.Properties{SessionExpiry: &hour, ReceiveMaximum: 5}}
	list := [][]byte{connect.Append(nil), packet.AppendPingreq(nil), packet.AppendPingresp(nil)}
	for _, p := range []appender{
		&packet.Connack{}, &packet.Publish{Topic: "a/b", Payload: []byte("hello"), Properties: props},
		&packet.Publish{Topic: "a/b", QoS: 1, ID: 3, Payload: []byte("hello"), Properties: props},
		&packet.Publish{Topic: "a/b", QoS: 2, ID: 4, Retain: true, Payload: []byte("hello"), Properties: props},
		&packet.Ack{Type: packet.PUBACK, ID: 1}, &packet.Ack{Type: packet.PUBREC, ID: 1},
		&packet.Ack{Type: packet.PUBREL, ID: 1}, &packet.Ack{Type: packet.PUBCOMP, ID: 1},
		&packet.Ack{Type: packet.PUBREC, ID: 2, Reason: packet.QuotaExceeded, Properties: packet.Properties{ReasonString: "x"}},
		&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "a/#", QoS: 1}, {Filter: "b"}},
			Properties: packet.Properties{SubscriptionIDs: []uint32{7}}},
		&packet.Suback{ID: 1, Reasons: []packet.ReasonCode{0}}, &packet.Unsubscribe{ID: 2, Filters: []string{"a/#"}},
		&packet.Unsuback{ID: 1, Reasons: []packet.ReasonCode{0}}, &packet.Disconnect{Reason: packet.DisconnectWithWill},
		&packet.Auth{Reason: packet.ReAuthenticate, Properties: packet.Properties{AuthMethod: "m"}},
	} {
		list = append(list, p.Append(nil, v))
	}
	return list
}

// damaged cuts a packet at every byte and sets every byte to telling values.
func damaged(p []byte) (list [][]byte) {
	for i := range p {
		list = append(list, p[:i])
		for _, b := range []byte{0x00, 0x7F, 0x80, 0xFF} {
			q := append([]byte(nil), p...)
			q[i] = b
			list = append(list, q)
		}
	}
	return list
}

func TestNoBytesHarmAnybodyButTheirOwnConnection(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 2))
	h := newHouse(t, func(o *Options) {
		o.Store, o.Limits.ConnectTimeout, o.Limits.RefusedPerMinute = NewMemoryStore(), time.Second, -1
	})
	address := h.listen()
	neighbour := wire(t, h.pipe(), packet.V5)
	neighbour.mustGreet("neighbour")
	neighbour.subscribe(0, "alive")
	one := prove.Size(40, 1) // every which input is tried
	thrown := 0
	for _, v := range []packet.Version{packet.V31, packet.V311, packet.V5} {
		hello := (&packet.Connect{Version: v, CleanStart: true, ClientID: "attacker", KeepAlive: 60}).Append(nil)
		for _, valid := range validPackets(v) {
			for _, bad := range damaged(valid) {
				if r.IntN(one) != 0 {
					continue
				}
				thrown++
				throw(t, address, bad)
				throw(t, address, append(append([]byte(nil), hello...), bad...))
			}
		}
		neighbour.silent()
	}
	if h.said.has("panicked") {
		t.Error("a connection panicked")
	}
	neighbour.send(pub("alive", "yes", 0, 0))
	neighbour.message("alive", "yes")
	prove.Record(t, "no bytes harm anybody but their own connection: cut and changed packets, before and after CONNECT",
		"0 panics, every connection closed, neighbour served", fmt.Sprintf("%d damaged packets, each twice: 0 panics", thrown))
}

// throw sends bytes and leaves once the broker closed, or has read them all.
func throw(t *testing.T, address string, p []byte) {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Write(p); err != nil {
		return // closed before everything was read
	}
	if err := nc.(*net.TCPConn).CloseWrite(); err != nil {
		return
	}
	if err := nc.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	for {
		if _, err := nc.Read(buf); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("still open after % x", p)
			}
			return
		}
	}
}

func TestMalformedPacketClosesWithItsReason(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		other := h.over(v, "other")
		for i, c := range []struct {
			bytes []byte
			want  packet.ReasonCode
		}{
			{[]byte{0x00, 0x00}, packet.MalformedPacket},
			{[]byte{0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}, packet.MalformedPacket},
			{[]byte{0x82, 0x04, 0x00, 0x01, 0x00, 0x00}, packet.MalformedPacket},
			{(&packet.Connect{Version: v, CleanStart: true, ClientID: "again"}).Append(nil), packet.ProtocolError}, // MQTT-3.1.0-2
			{(&packet.Connack{}).Append(nil, v), packet.ProtocolError},
			{[]byte{0xD0, 0x00}, packet.ProtocolError},
			{[]byte{0x30, 0xFF, 0xFF, 0xFF, 0x7F}, packet.PacketTooLarge},
			{pub("a/+", "x", 0, 0).Append(nil, v), packet.TopicNameInvalid},
			{pub(deep(65), "x", 0, 0).Append(nil, v), packet.TopicNameInvalid},
		} {
			bad := h.over(v, fmt.Sprint("bad", i))
			bad.sendBytes(c.bytes)
			bad.disconnected(c.want)
		}
		other.silent()
		if n := h.b.Stats().Refused["protocol error"]; n != 9 {
			t.Errorf("counted %d", n)
		}
	})
}

func deep(levels int) string {
	s := "a"
	for range levels - 1 {
		s += "/a"
	}
	return s
}

func TestFirstPacketMustBeConnect(t *testing.T) { // MQTT-3.1.0-1
	t.Parallel()
	h := newHouse(t, nil)
	for kind := range 16 {
		if packet.Type(kind) == packet.CONNECT {
			continue
		}
		c := wire(t, h.pipe(), packet.V5)
		c.sendBytes([]byte{byte(kind) << 4})
		c.ended()
	}
}

func TestConnectThatClaimsTooMuchIsRefusedFromItsFirstBytes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := wire(t, h.pipe(), packet.V5)
	c.sendBytes([]byte{0x10, 0xFF, 0xFF, 0xFF, 0x7F})
	c.ended()
	if n := h.b.Stats().Refused["bad CONNECT"]; n != 1 {
		t.Fatalf("counted %d", n)
	}
}

func TestUnknownVersionsAreToldSo(t *testing.T) { // MQTT-3.1.2-2
	t.Parallel()
	h := newHouse(t, nil)
	for _, c := range []struct {
		level byte
		v     packet.Version
	}{{6, packet.V5}, {2, packet.V311}} {
		x := wire(t, h.pipe(), c.v)
		p := (&packet.Connect{Version: packet.V311, CleanStart: true, ClientID: "c"}).Append(nil)
		p[8] = c.level
		x.sendBytes(p)
		if a := expect[*packet.Connack](x); a.Reason != packet.UnsupportedProtocolVersion {
			t.Errorf("level %d: %v", c.level, a.Reason)
		}
		x.ended()
	}
}

func TestAuthenticationMethodsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := wire(t, h.pipe(), packet.V5)
	a := c.greet("c", func(p *packet.Connect) { p.Properties.AuthMethod = "SCRAM" })
	if a.Reason != packet.BadAuthenticationMethod {
		t.Fatalf("answered %v", a.Reason)
	}
	c.ended()
}

func TestConnectionThatSaysNothingIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		silent, dripping := wire(t, h.pipe(), packet.V5), wire(t, h.pipe(), packet.V5)
		begin := time.Now()
		p := (&packet.Connect{Version: packet.V5, ClientID: "c"}).Append(nil)
		for i := range 3 {
			dripping.sendBytes(p[i : i+1])
			<-time.After(3 * time.Second)
		}
		silent.ended()
		dripping.ended()
		if d := time.Since(begin); d != 10*time.Second {
			t.Fatalf("closed after %v", d)
		}
		if n := h.b.Stats().Refused["no CONNECT in time"]; n != 2 {
			t.Fatalf("counted %d", n)
		}
	})
}

func TestConnectionsBeyondTheLimitAreClosedAndCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxConnections = 1 })
	first := h.over(packet.V5, "first")
	second := wire(t, h.pipe(), packet.V5)
	second.ended()
	first.send(&packet.Disconnect{})
	first.ended()
	h.over(packet.V5, "third")
	if n := h.b.Stats().Refused["too many connections"]; n != 1 {
		t.Fatalf("counted %d", n)
	}
}

func TestPanicInOneConnectionEndsOnlyThatOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	other := h.over(packet.V5, "other")
	c := wire(t, h.pipe(), packet.V5)
	c.sendBytes((&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true, HasPassword: true, Password: []byte("panic")}).Append(nil))
	c.ended()
	other.silent()
	if !h.said.has("the authorizer has a bug") {
		t.Fatal("not logged")
	}
}

func TestReceiveMaximumIsPoliced(t *testing.T) { // MQTT-3.3.4-9
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.ReceiveMaximum = 4 })
	c := h.over(packet.V5, "c")
	for id := uint16(1); id <= 4; id++ {
		c.send(pub("t", "x", 2, id))
		c.ack(packet.PUBREC, id)
	}
	c.send(pub("t", "x", 2, 4)) // a repetition is not one more
	c.ack(packet.PUBREC, 4)
	c.send(ackOf(packet.PUBREL, 1))
	c.ack(packet.PUBCOMP, 1)
	c.send(pub("t", "x", 2, 5))
	c.ack(packet.PUBREC, 5)
	c.send(pub("t", "x", 2, 6))
	c.disconnected(packet.ReceiveMaximumExceeded)
}

func TestOlderClientIsSlowedDownInsteadOfClosed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.ReceiveMaximum, o.Store = 4, NewMemoryStore() })
	c := h.over(packet.V311, "c")
	var out []byte
	for id := uint16(1); id <= 1000; id++ {
		out = retainedPub("t", "x", 1, id).Append(out, c.v)
	}
	c.sendBytes(out)
	for id := uint16(1); id <= 1000; id++ {
		c.ack(packet.PUBACK, id)
	}
	for id := uint16(1); id <= 32; id++ {
		c.send(pub("t", "x", 2, id))
		c.ack(packet.PUBREC, id)
	}
	c.send(pub("t", "x", 2, 33)) // nobody needs so many without PUBREL
	c.ended()
}

func TestMalformedPacketChangesNothing(t *testing.T) {
	t.Parallel()
	t.Run("DISCONNECT", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, nil)
		reader, c := h.over(packet.V5, "reader"), h.over(packet.V311, "c", withWill(gone))
		reader.subscribe(0, "will")
		c.sendBytes([]byte{0xe0, 1, 0})
		c.ended()
		reader.message("will", "gone")
	})
	t.Run("PUBACK", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, nil)
		c := h.over(packet.V5, "c")
		steps := h.mustSend("c", open(time.Time{}))
		id := c.message("cmd/c", "open").ID
		c.sendBytes([]byte{0x40, 5, byte(id >> 8), byte(id), 0, 0, 0xff})
		for c.next() != nil { //nolint:revive // until it has ended
		}
		if d := <-steps; d.Step != Written {
			t.Fatalf("first %+v", d)
		}
		if d := <-steps; d.Step != Ended || d.Cause != CauseProtocol {
			t.Fatalf("then %+v", d)
		}
	})
	t.Run("UNSUBSCRIBE", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, nil)
		c := h.over(packet.V311, "c", keep)
		c.subscribe(1, "t")
		c.sendBytes([]byte{0xa2, 6, 0, 1, 0, 1, 't', 0})
		c.ended()
		if n := h.b.Clients()[0].Filters; n != 1 {
			t.Fatalf("%d filters are left", n)
		}
	})
}
