package abuse

import (
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

func TestFiltersAndTopicsWithADollarThatAreNoneAreRefused(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{})
	bad := []string{
		"$share", "$share/", "$share//", "$share/g", "$share/g/", "$share//t", "$share/g+/t", "$share/+/t", "$share/#", "$share/#/t",
		"$share/g#/t", "$share/g/t#", "$share/g/#/t", "$share/g/t+", "$queue", "$queue/", "$queue/t#", "$local", "$local/", "$local/#/t",
	}
	accepted := 0
	for _, v := range versions {
		for _, filter := range bad {
			c := s.must(t, mqtt.Connect{Version: v})
			c.Subscribe(1, 1, filter)
			if err := c.Flush(); err != nil {
				t.Fatal(err)
			}
			p, err := c.Read()
			if err == nil && p.Type == mqtt.SUBACK && (len(p.Codes) != 1 || p.Codes[0] < 0x80) {
				accepted++
				t.Errorf("version %d: filter %q is granted with % x", v, filter, p.Codes)
			}
			c.Close()
		}
	}
	c := s.must(t, mqtt.Connect{Version: mqtt.V5})
	c.SubscribeWith(1, nil, mqtt.Filter{Name: "$share/g/t", Options: 1 | 4}) // MQTT-3.8.3-4
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Read(); err != nil || p.Type != mqtt.DISCONNECT || p.Code != 0x82 {
		t.Errorf("no local with a shared subscription: %s, code %#x, %v", p.Type, p.Code, err)
	}
	published, delivered := dollars(t, s)
	prove.Record(t, "filters and topics with a $ that are none are refused", "0 accepted, 0 delivered",
		fmt.Sprintf("%d filters, %d accepted; %d publishes, %d delivered", 2*len(bad)+1, accepted, published, delivered))
}

// dollars publishes where no client may, and counts what arrives.
func dollars(t *testing.T, s *server) (published, delivered int) {
	t.Helper()
	watcher := s.must(t, mqtt.Connect{Version: mqtt.V5})
	filters := []string{"$SYS/#", "$CONTROL/#", "$x", "$share/g/t", "$share/g/$x", "#", "+/#", "t", "$local/t", "$queue/t"}
	watcher.Subscribe(1, 2, filters...)
	watcher.Subscribe(2, 2, "end/#")
	if err := watcher.Answers(); err != nil {
		t.Fatal(err)
	}
	for _, v := range versions {
		for _, topic := range []string{"$SYS/broker/version", "$SYS", "$SYS/x", "$CONTROL/dynamic-security/v1", "$x", "$", "$share/g/t", "$queue/t", "$local/t"} {
			for qos := range byte(3) {
				c := s.must(t, mqtt.Connect{Version: v})
				c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: []byte("wrong"), QoS: qos, ID: uint16(qos), Retain: qos == 1})
				_ = c.Answers() // it may be closed for it
				c.Close()
				published++
			}
		}
	}
	end := s.must(t, mqtt.Connect{})
	end.Publish(mqtt.Publish{Topic: []byte("end/1"), Payload: []byte("end")})
	if err := end.Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		p, err := watcher.Expect(mqtt.PUBLISH)
		if err != nil {
			t.Fatal(err)
		}
		if string(p.Publish.Payload) == "end" {
			return published, delivered
		}
		if string(p.Publish.Payload) == "wrong" {
			delivered++
			t.Errorf("a message to %q is delivered", p.Publish.Topic)
		}
	}
}
