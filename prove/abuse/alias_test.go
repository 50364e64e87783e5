package abuse

import (
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

func aliased(topic string, alias uint32, qos byte, dup bool) mqtt.Publish {
	return mqtt.Publish{Topic: []byte(topic), Payload: []byte("wrong"), QoS: qos, ID: uint16(qos), Dup: dup, Properties: mqtt.Properties{}.Number(mqtt.TopicAlias, alias)}
}

func TestAnAliasThatIsNoneDeliversNothing(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{})
	all := s.must(t, mqtt.Connect{Version: mqtt.V5, ClientID: "all"})
	if err := all.SubscribeNow(1, 2, "#"); err != nil {
		t.Fatal(err)
	}
	first := s.must(t, mqtt.Connect{Version: mqtt.V5, ClientID: "aliases", Persistent: true})
	most, _ := first.Welcome.GetNumber(mqtt.TopicAliasMaximum)
	known := aliased("known", 1, 0, false)
	known.Payload = []byte("right")
	first.Publish(known)
	known.Topic = nil
	first.Publish(known)
	if err := first.Answers(); err != nil {
		t.Fatal(err)
	}
	tries := 0
	for _, qos := range []byte{0, 1, 2} {
		for _, m := range []mqtt.Publish{
			{QoS: qos, ID: uint16(qos), Payload: []byte("wrong")}, // neither topic nor alias
			aliased("", 1, qos, false),                            // known to the connection before this one
			aliased("", 1, qos, qos > 0),                          // the same, sent again
			aliased("t", 0, qos, false), aliased("", 0, qos, false),
			aliased("t", most+1, qos, false), aliased("t", 0xffff, qos, false), aliased("", 2, qos, false),
		} {
			c, err := s.dial(mqtt.Connect{Version: mqtt.V5, ClientID: "aliases", Persistent: true})
			if err != nil {
				t.Fatal(err)
			}
			c.Publish(m)
			_ = c.Flush()
			if p, err := c.Read(); err == nil && (p.Type != mqtt.DISCONNECT || p.Code < 0x80) {
				t.Errorf("alias %x, topic %q, QoS %d: answered with %s, code %#x", []byte(m.Properties), m.Topic, qos, p.Type, p.Code)
			}
			c.Close()
			tries++
		}
	}
	last := s.must(t, mqtt.Connect{Version: mqtt.V5, ClientID: "last"})
	last.Publish(aliasedEnd(most))
	if err := last.Answers(); err != nil {
		t.Fatal(err)
	}
	right, wrong := 0, 0
	for {
		p, err := all.Expect(mqtt.PUBLISH)
		if err != nil {
			t.Fatal(err)
		}
		if _, there := p.Properties.GetNumber(mqtt.TopicAlias); there {
			t.Error("the publisher's alias is passed on")
		}
		switch string(p.Publish.Payload) {
		case "end":
			if right != 2 || wrong != 0 {
				t.Errorf("%d right and %d wrong deliveries, want 2 and 0", right, wrong)
			}
			prove.Record(t, "an alias that is none delivers nothing", "0 wrong deliveries", fmt.Sprintf("%d tries, %d wrong deliveries", tries, wrong))
			return
		case "right":
			right++
		default:
			wrong++
		}
	}
}

// aliasedEnd uses the largest alias that is allowed.
func aliasedEnd(most uint32) mqtt.Publish {
	m := aliased("end", most, 0, false)
	m.Payload = []byte("end")
	return m
}
