package broker

import (
	"fmt"
	"testing"

	"gatehouse/broker/packet"
)

func takesAliases(n uint16) option {
	return func(p *packet.Connect) { p.Properties.TopicAliasMaximum = n }
}

func TestAClientThatTakesAliasesIsSentEachTopicOnce(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		t.Run(fmt.Sprint("stored ", stored), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(o *Options) {
				if o.Limits.TopicAliasMaximum = 3; stored {
					o.Store = NewMemoryStore()
				}
			})
			c, plain := h.over(packet.V5, "c", keep, takesAliases(2)), h.over(packet.V5, "plain")
			c.subscribe(1, "long/#", "t")
			plain.subscribe(0, "long/#", "t")
			want := []struct {
				topic string
				alias uint16
				bare  bool
			}{
				{"long/1", 1, false}, {"long/1", 1, true}, {"t", 0, false}, {"long/2", 2, false}, {"long/3", 0, false},
				{"long/2", 2, true}, {"long/1", 1, true}, {"long/3", 0, false},
			}
			for i, w := range want {
				h.say(w.topic, fmt.Sprint(i), 1)
				topic := w.topic
				plain.message(topic, fmt.Sprint(i))
				if w.bare {
					topic = ""
				}
				m := c.message(topic, fmt.Sprint(i))
				c.send(ackOf(packet.PUBACK, m.ID))
				if m.Properties.TopicAlias != w.alias {
					t.Fatalf("%s: alias %d, want %d", w.topic, m.Properties.TopicAlias, w.alias)
				}
			}
			again := wire(t, h.pipe(), packet.V5)
			again.mustGreet("c", keep, takesAliases(200))
			for i, topic := range []string{"long/3", "long/2", "long/1", "long/4"} {
				h.say(topic, "m", 0)
				if m := again.message(topic, "m"); i < 3 && int(m.Properties.TopicAlias) != i+1 || i == 3 && m.Properties.TopicAlias != 0 {
					t.Fatalf("%s after a new connection: alias %d", topic, m.Properties.TopicAlias)
				}
			}
		})
	}
}

func TestAnAliasIsNotGivenByAMessageThatIsNotSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c", takesAliases(1), func(p *packet.Connect) { p.Properties.MaximumPacketSize = 40 })
	c.subscribe(0, "#")
	h.say("long/1", "a message that is larger than the client takes", 0)
	h.say("long/2", "m", 0)
	if m := c.message("long/2", "m"); m.Properties.TopicAlias != 1 {
		t.Fatalf("alias %d", m.Properties.TopicAlias)
	}
	h.say("long/2", "n", 0)
	c.message("", "n")
}

func TestALetterHasNoAlias(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c", takesAliases(5))
	c.subscribe(0, "#")
	h.say("long/1", "m", 0)
	c.message("long/1", "m")
	if err := h.b.Send(t.Context(), "c", Message{Topic: "long/1", Payload: []byte("letter")}, func(Delivery) {}); err != nil {
		t.Fatal(err)
	}
	c.message("long/1", "letter")
}
