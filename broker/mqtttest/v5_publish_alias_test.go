package mqtttest

import (
	"fmt"
	"testing"

	"gatehouse/broker"
)

// aliasing gives a publisher, a client that hears everything below the test's topics, and
// the server's maximum; the test is skipped if that is less than needed.
func aliasing(t *testing.T, address string, needed int) (p, s *peer, maximum int) {
	t.Helper()
	if maximum = announced(t, address, topicAliasMaximum, 0); maximum < needed {
		t.Skipf("the server takes %d topic aliases", maximum)
	}
	s = client(t, address, 5, name(t, "s"))
	s.listen(name(t, "/#"), 2)
	return client(t, address, 5, name(t, "p")), s, maximum
}

// under is a message to the topic with the alias; an empty topic leaves it to the alias.
func under(topic string, alias int, payload string) publish {
	return publish{topic: topic, payload: payload, props: properties{{topicAlias, alias}}}
}

// TestMQTT5_3_3_2_7: the mapping of topic aliases ends with the connection, also where
// the session goes on.
func TestMQTT5_3_3_2_7(t *testing.T) {
	t.Parallel()
	address := server(t)
	_, s, _ := aliasing(t, address, 1)
	topic := name(t, "/t")
	me := durable(5, name(t, "me"))
	p, _ := open(t, address, 5, me)
	p.say(under(topic, 1, "x"))
	p.say(under("", 1, "y"))
	s.message(topic, "x")
	s.message(topic, "y")
	p.leave()
	p, _ = open(t, address, 5, me)
	p.write(under("", 1, "z").encode(5))
	p.broken(0x82, 0x94)
	other := client(t, address, 5, name(t, "other"))
	other.write(under("", 1, "z").encode(5)) // of another connection
	other.broken(0x82, 0x94)
	s.silent()
}

// TestMQTT5_3_3_2_8: topic alias 0 is not allowed.
func TestMQTT5_3_3_2_8(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, s, _ := aliasing(t, address, 0)
	p.write(under(name(t, "/t"), 0, "x").encode(5))
	p.broken(0x94, 0x82, 0x81)
	p = client(t, address, 5, name(t, "p"))
	p.write(under("", 0, "x").encode(5))
	p.broken(0x94, 0x82, 0x81)
	s.silent()
}

// TestMQTT5_3_3_2_9: a client's alias is within the maximum of the CONNACK, whether or not
// the topic stands beside it.
func TestMQTT5_3_3_2_9(t *testing.T) {
	t.Parallel()
	address := server(t)
	p, s, maximum := aliasing(t, address, 1)
	p.say(under(name(t, "/t"), maximum, "x"))
	s.message(name(t, "/t"), "x")
	p.write(under("", maximum+1, "x").encode(5))
	p.broken(0x94)
	s.silent()
	t.Run("with its topic", func(t *testing.T) { aliasIsRefused(t, address, maximum+1) })
}

// TestMQTT5_3_3_2_11: topic aliases of the server are within the client's maximum: where
// that is less than the topics, those without an alias come in full.
func TestMQTT5_3_3_2_11(t *testing.T) {
	t.Parallel()
	if n := aliasesWithin(t, properties{{topicAliasMaximum, 3}}); n == 0 && *foreign == "" {
		t.Error("no alias was used")
	}
}

// TestMQTT5_3_3_2_12: the server takes every alias from 1 to its maximum, to set it, to use
// it, and to set it anew.
func TestMQTT5_3_3_2_12(t *testing.T) {
	t.Parallel()
	for what, limits := range map[string]broker.Limits{
		"usual": {}, "one": {TopicAliasMaximum: 1}, "most": {TopicAliasMaximum: 65535},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			address := limited(t, limits)
			p, s, maximum := aliasing(t, address, 1)
			at := func(round, alias int) string { return name(t, fmt.Sprint("/", round, "/", alias)) }
			step := max(1, maximum/50)
			for round := range 2 {
				for alias := maximum; alias >= 1; alias -= step {
					qos := byte(alias % 3)
					m := under(at(round, alias), alias, "set")
					m.qos = qos
					p.say(m)
					s.message(m.topic, "set")
				}
				for alias := maximum; alias >= 1; alias -= step {
					m := under("", alias, "used")
					m.qos = byte(alias % 3)
					p.say(m)
					if x := s.message(at(round, alias), "used"); x.props.has(topicAlias) { // each hop has its own
						t.Errorf("%+v", x)
					}
				}
			}
		})
	}
}
