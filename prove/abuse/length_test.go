package abuse

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// nonsense is bytes that a broker must refuse.
type nonsense struct {
	name  string
	v     mqtt.Version
	after bool // behind a CONNECT that is right
	bytes []byte
}

// refuse sends each on a connection of its own, which stays open on our side, and
// gives how long the server took to end them.
func refuse(t *testing.T, s *server, list []nonsense) (took times) {
	t.Helper()
	var mu sync.Mutex
	together(len(list), 8, func(k int) {
		x := list[k]
		a, err := x.send(s, k)
		mu.Lock()
		defer mu.Unlock()
		if took = append(took, a.after); err != nil || !a.refused() {
			t.Errorf("%s, version %d, after CONNECT %v: %s, %v", x.name, x.v, x.after, a, err)
		}
	})
	return took
}

func (x nonsense) send(s *server, k int) (a answer, err error) {
	nc, err := raw(s.Addr, k)
	if err != nil {
		return a, err
	}
	defer drop(nc)
	if x.after {
		c := mqtt.NewConn(nc, x.v, 0)
		c.Raw(mqtt.AppendConnect(nil, mqtt.Connect{Version: x.v, User: s.user, Password: s.password}))
		if err := c.Flush(); err != nil {
			return a, err
		}
		if _, err := c.Expect(mqtt.CONNACK); err != nil {
			return a, err
		}
	}
	_, _ = nc.Write(x.bytes) // it may be closed while we write
	return await(nc, x.v, patience), nil
}

// varints are four and more bytes that are no length, or one in too many bytes.
func varints() map[string][]byte {
	return map[string][]byte{
		"five bytes":               {0xff, 0xff, 0xff, 0xff, 0x7f},
		"five bytes that say 0":    {0x80, 0x80, 0x80, 0x80, 0x00},
		"two bytes that say 0":     {0x80, 0x00},
		"four bytes that say 0":    {0x80, 0x80, 0x80, 0x00},
		"three bytes that say 127": {0xff, 0x80, 0x00},
	}
}

// wrongLengths: remaining length, property length and subscription identifier.
func wrongLengths() (list []nonsense) {
	add := func(name string, after bool, b ...[]byte) {
		var all []byte
		for _, p := range b {
			all = append(all, p...)
		}
		list = append(list, nonsense{name, mqtt.V5, after, all})
	}
	for name, v := range varints() {
		for _, first := range []byte{0x10, 0x30, 0x32, 0x82, 0xa2, 0x40, 0xc0, 0xe0, 0xf0} {
			add(fmt.Sprintf("remaining length of %#x: %s", first, name), first != 0x10, []byte{first}, v)
		}
		for kind, head := range withProperties() {
			body := append(append([]byte{}, head[1:]...), v...)
			add(kind+" with properties: "+name, kind != "CONNECT", mqtt.AppendFrame(nil, head[0], append(body, make([]byte, 20)...)))
		}
		id := append([]byte{byte(mqtt.SubscriptionIdentifier)}, v...)
		add("subscription identifier: "+name, true, subscribeWith(id))
	}
	for kind, head := range withProperties() {
		body := append(append([]byte{}, head[1:]...), 0x7f, 0x26, 0, 0)
		add(kind+" with properties longer than itself", kind != "CONNECT", mqtt.AppendFrame(nil, head[0], body))
	}
	add("subscription identifier 0", true, subscribeWith([]byte{byte(mqtt.SubscriptionIdentifier), 0}))
	add("subscription identifier that does not end", true, subscribeWith([]byte{byte(mqtt.SubscriptionIdentifier), 0xff}))
	return list
}

func subscribeWith(ps mqtt.Properties) []byte {
	return mqtt.AppendSubscribeWith(nil, mqtt.V5, 1, ps, mqtt.Filter{Name: "a"})
}

// withProperties are the first byte of packets and what is before their
// properties.
func withProperties() map[string][]byte {
	return map[string][]byte{
		"CONNECT":     []byte("\x10\x00\x04MQTT\x05\x02\x00\x00"),
		"PUBLISH":     []byte("\x32\x00\x01t\x00\x01"),
		"SUBSCRIBE":   []byte("\x82\x00\x01"),
		"UNSUBSCRIBE": []byte("\xa2\x00\x01"),
		"PUBACK":      []byte("\x40\x00\x01\x00"),
		"PUBREL":      []byte("\x62\x00\x01\x00"),
		"DISCONNECT":  []byte("\xe0\x00"),
		"AUTH":        []byte("\xf0\x18"),
	}
}

func TestALengthThatIsNoneIsRefused(t *testing.T) {
	parallel(t)
	s := release(t)
	took := refuse(t, s, wrongLengths())
	limit(t, "time to refuse", took.max(), 100*time.Millisecond)
	prove.Record(t, "a length that is none is refused", "all, each within 100 ms", fmt.Sprintf("%d of %d refused, %s", len(took), len(wrongLengths()), took))
}

// wrongFirst are packets that are not CONNECT, small and with a large claim.
func wrongFirst() (list []nonsense) {
	claims := map[string][]byte{"nothing": {0}, "2 bytes": {2, 0, 1}, "100 MB": {0x80, 0xc2, 0xd7, 0x2f, 0, 4, 'M', 'Q'}}
	for kind := byte(0); kind < 16; kind++ {
		if kind == byte(mqtt.CONNECT) {
			continue
		}
		flags := byte(0)
		if kind == 6 || kind == 8 || kind == 10 {
			flags = 2
		}
		for name, claim := range claims {
			list = append(list, nonsense{fmt.Sprintf("type %d claims %s", kind, name), mqtt.V311, false, append([]byte{kind<<4 | flags}, claim...)})
		}
	}
	return append(list, nonsense{"HTTP", mqtt.V311, false, []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
		nonsense{"TLS", mqtt.V311, false, []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")})
}

func TestWhoeverDoesNotBeginWithConnectIsClosedAtOnce(t *testing.T) {
	parallel(t)
	s := release(t)
	refuse(t, s, wrongFirst()) // what the first ones cost is not theirs
	w := weigh(s)
	took := refuse(t, s, wrongFirst())
	limit(t, "time to close", took.max(), 100*time.Millisecond)
	limit(t, "memory, KiB", w.peak(), 1024)
	prove.Record(t, "whoever does not begin with CONNECT is closed at once", "100 % within 100 ms, +1 MB at most",
		fmt.Sprintf("%d closed, %s, %s", len(took), took, mega(w.peak())))
}

// forbidden are packets that a client may not send after CONNECT.
func forbidden() (list []nonsense) {
	for _, v := range versions {
		for name, b := range map[string][]byte{
			"CONNACK": {0x20, 2, 0, 0}, "SUBACK": {0x90, 3, 0, 1, 0}, "UNSUBACK": {0xb0, 2, 0, 1}, "PINGRESP": {0xd0, 0}, "type 0": {0, 0},
			"a second CONNECT": mqtt.AppendConnect(nil, mqtt.Connect{Version: v}), "SUBSCRIBE without a filter": {0x82, 2, 0, 1},
			"UNSUBSCRIBE without a filter": {0xa2, 2, 0, 1}, "PUBLISH with QoS 3": {0x36, 5, 0, 1, 't', 0, 1}, "identifier 0": {0x32, 5, 0, 1, 't', 0, 0},
			"a topic with a wildcard": mqtt.AppendPublish(nil, v, mqtt.Publish{Topic: []byte("a/#")}),
			"AUTH":                    {0xf0, 0}, "AUTH that continues": {0xf0, 2, 0x18, 0},
			"AUTH without a method": mqtt.AppendReason(nil, mqtt.AUTH, 0, 0x19, mqtt.Properties{}.Text(mqtt.AuthenticationData, "d")),
			"AUTH with a method":    mqtt.AppendReason(nil, mqtt.AUTH, 0, 0x19, mqtt.Properties{}.Text(mqtt.AuthenticationMethod, "m")),
		} {
			list = append(list, nonsense{name, v, true, b})
		}
	}
	return list
}

func TestPacketsThatNoClientMaySendCloseItsConnection(t *testing.T) {
	parallel(t)
	s := release(t)
	took := refuse(t, s, forbidden())
	limit(t, "time to close", took.max(), 100*time.Millisecond)
	prove.Record(t, "packets that no client may send close its connection", "100 % within 100 ms", fmt.Sprintf("%d of %d closed, %s", len(took), len(forbidden()), took))
}

func TestAClaimBeforeConnectCostsNothing(t *testing.T) {
	parallel(t)
	s, n := release(t), prove.Size(50, 500)
	w := weigh(s)
	var closed atomic.Int64
	var mu sync.Mutex
	var took times
	content := make([]byte, 64<<10)
	began := time.Now()
	together(n, n, func(k int) {
		nc, err := raw(s.Addr, k)
		if err != nil {
			t.Error(err)
			return
		}
		defer drop(nc)
		began := time.Now()
		_, _ = nc.Write([]byte{0x10, 0xff, 0xff, 0xff, 0x7f}) // 256 MB
		_, _ = nc.Write(content)
		if _, err := io.Copy(io.Discard, nc); err == nil || !isTimeout(err) {
			closed.Add(1)
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, time.Since(began))
	})
	all := time.Since(began)
	if int(closed.Load()) != n {
		t.Errorf("%d of %d connections were closed", closed.Load(), n)
	}
	limit(t, "memory, KiB", w.peak(), 8<<10)
	limit(t, "time until the last was closed", took.max(), time.Second)
	prove.Record(t, "a claim of 256 MB before CONNECT costs nothing", "+8 MB at most, 500 closed within 1 s",
		fmt.Sprintf("%s, %d of %d closed, the last %s after its claim, all in %s", mega(w.peak()), closed.Load(), n, short(took.max()), short(all)))
}
