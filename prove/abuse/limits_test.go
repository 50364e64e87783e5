package abuse

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// narrow is a client that takes little, and checks that it is given no more.
type narrow struct {
	r       *rand.Rand
	receive int // QoS 1 and 2 messages open to it
	packet  int // bytes of a packet
	aliases int

	open    []opened
	known   map[uint32]string // topics of aliases
	packets int
	wrong   []string
	done    bool
}

type opened struct {
	id       uint16
	qos      byte
	recorded bool // PUBREC was sent
}

func newNarrow(r *rand.Rand) *narrow {
	packets := []int{16, 32, 100, 1000, 64 << 10}
	return &narrow{r: r, receive: 1 + r.IntN(64), packet: packets[r.IntN(len(packets))], aliases: r.IntN(17), known: map[uint32]string{}}
}

func (w *narrow) properties() mqtt.Properties {
	ps := mqtt.Properties{}.Number(mqtt.ReceiveMaximum, uint32(w.receive)).Number(mqtt.MaximumPacketSize, uint32(w.packet))
	if w.aliases > 0 || w.r.IntN(2) == 0 {
		ps = ps.Number(mqtt.TopicAliasMaximum, uint32(w.aliases))
	}
	return ps.Number(mqtt.SessionExpiryInterval, 60)
}

// dial connects it. If not even CONNACK fits into a packet it is refused for that,
// and takes larger ones.
func (w *narrow) dial(s *server, k int) (*mqtt.Conn, error) {
	for {
		c, err := s.dial(mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("narrow-", k), Properties: w.properties()})
		var refused *mqtt.RefusedError
		if w.packet >= 64 || !errors.As(err, &refused) || refused.Code != 0x95 {
			return c, err
		}
		w.packet *= 2
	}
}

// run reads until the end of the stream came. What it acknowledges, when, and with
// what, is random.
func (w *narrow) run(c *mqtt.Conn) error {
	for !w.done || len(w.open) > 0 {
		if !c.Buffered() {
			w.answer(c)
			if err := c.Flush(); err != nil || w.done && len(w.open) == 0 {
				return err
			}
		}
		p, err := c.Read()
		if err != nil {
			return err
		}
		w.packets++
		switch p.Type {
		case mqtt.PUBLISH:
			w.take(p)
		case mqtt.PUBREL:
			c.Ack(mqtt.PUBCOMP, p.ID)
			w.close(p.ID)
		case mqtt.SUBACK:
		default:
			w.fault("%s came", p.Type)
		}
	}
	return nil
}

func (w *narrow) take(p mqtt.Packet) {
	m := p.Publish
	size := 2 + len(m.Topic) + len(m.Payload) + len(m.Properties) + 1 + 2 // at least
	if m.QoS > 0 {
		size += 2
		w.open = append(w.open, opened{id: p.ID, qos: m.QoS})
	}
	if size > w.packet {
		w.fault("a packet of %d bytes, %d are allowed", size, w.packet)
	}
	if len(w.open) > w.receive {
		w.fault("%d messages are open, %d are allowed", len(w.open), w.receive)
	}
	topic := w.resolve(m)
	if string(m.Payload) == "end" {
		w.done = true
		return
	}
	if want := fmt.Sprintf("narrow/%s", topicOf(m.Payload)); topic != want {
		w.fault("topic %q, want %q", topic, want)
	}
}

// resolve is the topic of a message that may have an alias.
func (w *narrow) resolve(m mqtt.Publish) string {
	alias, there := m.Properties.GetNumber(mqtt.TopicAlias)
	switch {
	case !there && len(m.Topic) == 0:
		w.fault("neither topic nor alias")
	case !there:
	case alias == 0 || int(alias) > w.aliases:
		w.fault("alias %d, %d are allowed", alias, w.aliases)
	case len(m.Topic) > 0:
		w.known[alias] = string(m.Topic)
	default:
		return w.known[alias]
	}
	return string(m.Topic)
}

// topicOf is what a payload says of its topic: one digit.
func topicOf(payload []byte) string {
	if len(payload) == 0 {
		return ""
	}
	return string(payload[:1])
}

// answer acknowledges some of what is open, in any order: at least one of those
// that wait for it. At QoS 2 a message is open until PUBCOMP, or until a PUBREC that
// refuses it.
func (w *narrow) answer(c *mqtt.Conn) {
	w.r.Shuffle(len(w.open), func(i, k int) { w.open[i], w.open[k] = w.open[k], w.open[i] })
	some := 1 + w.r.IntN(len(w.open)+1)
	if w.done { // nothing comes any more that would have it look again
		some = len(w.open)
	}
	for _, x := range slices.Clone(w.open) {
		switch {
		case some == 0 || x.recorded:
			continue
		case x.qos == 1:
			c.Ack(mqtt.PUBACK, x.id)
			w.close(x.id)
		case w.r.IntN(5) == 0:
			c.Raw(mqtt.AppendReason(nil, mqtt.PUBREC, x.id, 0x83, nil))
			w.close(x.id)
		default:
			c.Ack(mqtt.PUBREC, x.id)
			w.open[slices.Index(w.open, x)].recorded = true
		}
		some--
	}
}

func (w *narrow) close(id uint16) {
	for i, x := range w.open {
		if x.id == id {
			w.open = append(w.open[:i], w.open[i+1:]...)
			return
		}
	}
	w.fault("an acknowledgement for %d, which is not open", id)
}

func (w *narrow) fault(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// pour publishes n messages of random size and QoS to ten topics, and the end.
func pour(s *server, seed uint64, n int) error {
	c, err := s.dial(mqtt.Connect{ClientID: "pours"})
	if err != nil {
		return err
	}
	defer c.Close()
	r := rand.New(rand.NewPCG(seed, 54))
	sizes := []int{1, 1, 1, 3, 10, 90, 1000, 2000}
	const many = 50
	for k := 0; k <= n; k += many {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		for j := range many {
			payload := make([]byte, 1+r.IntN(sizes[r.IntN(len(sizes))]))
			payload[0] = '0' + byte(r.IntN(10))
			if k == n {
				payload = []byte("end") // many of them: one may be too large for nobody
			}
			topic := "narrow/" + topicOf(payload)
			c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: payload, QoS: byte(1 + j%2), ID: uint16(1 + j)})
		}
		for open := many; open > 0; {
			if err := c.Flush(); err != nil {
				return err
			}
			p, err := c.Read()
			switch {
			case err != nil:
				return err
			case p.Type == mqtt.PUBREC:
				c.Ack(mqtt.PUBREL, p.ID)
			default:
				open--
			}
		}
	}
	return nil
}

func TestAServerKeepsToTheLimitsOfItsClients(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	clients, n := prove.Size(10, 40), prove.Size(200, 5000)
	var e embedded
	e.Limits.MaxQueued, e.Limits.MaxInFlight = 100_000, 1000
	s := embed(t, e)
	all := make([]*narrow, clients)
	var wg sync.WaitGroup
	for k := range all {
		w := newNarrow(rand.New(rand.NewPCG(uint64(seed), uint64(k))))
		all[k] = w
		c, err := w.dial(s, k)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Subscribe(1, 2, "narrow/#")
		if err := c.Answers(); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(3 * patience))
		wg.Go(func() {
			if err := w.run(c); err != nil {
				t.Errorf("client %d (%d open, %d bytes, %d aliases): %v; end came %v, open %v", k, w.receive, w.packet, w.aliases, err, w.done, w.open)
			}
		})
	}
	if err := pour(s, uint64(seed), n); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	packets, wrong := 0, 0
	for k, w := range all {
		packets += w.packets
		wrong += len(w.wrong)
		for _, what := range w.wrong[:min(len(w.wrong), 3)] {
			t.Errorf("client %d (%d open, %d bytes, %d aliases): %s", k, w.receive, w.packet, w.aliases, what)
		}
	}
	if prove.Full() && packets < 100_000 {
		t.Errorf("%d packets, want 100,000", packets)
	}
	prove.Record(t, "a server keeps to Receive Maximum 1 to 64, Maximum Packet Size 16 to 64 KB and Topic Alias Maximum 0 to 16", "0 violations in 100,000 packets",
		fmt.Sprintf("%d clients, %d packets, %d violations", clients, packets, wrong))
}
