package abuse

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// deep is a topic of so many levels.
func deep(levels int) string { return strings.Repeat("/", levels-1) }

// deepUses send a deep topic in every way there is, on a connection of its own, and
// say how it was answered.
func deepUses() map[string]func(s *server, topic string) (refused bool, err error) {
	return map[string]func(*server, string) (bool, error){
		"SUBSCRIBE": func(s *server, topic string) (bool, error) { return deepFilter(s, topic) },
		"$share": func(s *server, topic string) (bool, error) {
			return deepFilter(s, "$share/g/"+topic[:min(len(topic), 65_535-9)])
		},
		"with #":  func(s *server, topic string) (bool, error) { return deepFilter(s, topic[:len(topic)-1]+"/#") },
		"PUBLISH": func(s *server, topic string) (bool, error) { return deepPublish(s, mqtt.Publish{Topic: []byte(topic)}) },
		"retained": func(s *server, topic string) (bool, error) {
			return deepPublish(s, mqtt.Publish{Topic: []byte(topic), Retain: true})
		},
		"will": func(s *server, topic string) (bool, error) {
			c, err := mqtt.Dial(s.Addr, mqtt.Options{Connect: mqtt.Connect{Version: mqtt.V5, Will: &mqtt.Will{Topic: topic}}, Timeout: patience})
			if err != nil {
				return true, nil
			}
			return false, c.Close()
		},
	}
}

func deepFilter(s *server, filter string) (bool, error) {
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5})
	if err != nil {
		return false, err
	}
	defer c.Close()
	c.Subscribe(1, 0, filter)
	if err := c.Flush(); err != nil {
		return true, nil
	}
	p, err := c.Read()
	return err != nil || p.Type == mqtt.DISCONNECT || len(p.Codes) == 1 && p.Codes[0] >= 0x80, nil
}

func deepPublish(s *server, m mqtt.Publish) (bool, error) {
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5})
	if err != nil {
		return false, err
	}
	defer c.Close()
	m.QoS, m.ID = 1, 1
	c.Publish(m)
	if err := c.Flush(); err != nil {
		return true, nil
	}
	p, err := c.Read()
	return err != nil || p.Code >= 0x80, nil
}

func TestATopicOfManyLevelsIsRefusedAndNobodyNotices(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{})
	n := newNeighbour(t, s)
	rounds, sent := prove.Size(1, 20), 0
	before := s.Processor()
	for range rounds {
		for _, levels := range []int{65, 200, 5_000, 32_767, 65_535} {
			for name, use := range deepUses() {
				refused, err := use(s, deep(levels))
				if sent++; err != nil || !refused {
					t.Errorf("%s with %d levels: refused %v, %v", name, levels, refused, err)
				}
			}
		}
	}
	spent := s.Processor() - before
	for name, use := range deepUses() {
		levels := 64
		if name == "$share" {
			continue // may not be there
		}
		if refused, err := use(s, deep(levels)); err != nil || refused {
			t.Errorf("%s with %d levels, which are allowed: refused %v, %v", name, levels, refused, err)
		}
	}
	took := n.stop()
	limit(t, "the neighbour's PINGRESP, p99", took.p99(), 20*time.Millisecond)
	prove.Record(t, "a topic of many levels is refused and nobody notices", "all refused above 64, neighbour's PINGRESP p99 20 ms",
		fmt.Sprintf("%d of %d refused, %s of a processor for each, neighbour %s", sent, sent, short(spent/time.Duration(sent)), took))
}
