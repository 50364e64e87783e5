package abuse

import (
	"fmt"
	"net"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

func TestABrokerThatHasNoDescriptorsLeftServesOnAndAcceptsAgain(t *testing.T) {
	parallel(t)
	before := []string{"/bin/sh", "-c", `ulimit -n 512; exec "$0" "$@"`}
	s := releaseWith(t, before, "--data", t.TempDir())
	c := s.must(t, mqtt.Connect{ClientID: "was-there"})
	if err := c.SubscribeNow(1, 1, "t"); err != nil {
		t.Fatal(err)
	}
	var all []*net.TCPConn
	for k := range 700 { // the kernel takes them; the broker cannot
		nc, err := raw(s.Addr, k)
		if err != nil {
			t.Fatal(err)
		}
		defer drop(nc)
		all = append(all, nc)
	}
	served := 0
	prove.Eventually(t, "the broker has none left", func() bool { return s.Descriptors() >= 512 || s.Stderr.Len() > 0 })
	for k := range 100 {
		c.Publish(mqtt.Publish{Topic: []byte("t"), QoS: 1, ID: uint16(2 + k)})
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			p, err := c.Read()
			if err != nil {
				t.Fatalf("a client that was there is not served: %v", err)
			}
			if p.Type == mqtt.PUBLISH {
				c.Ack(mqtt.PUBACK, p.ID)
			}
		}
		served++
	}
	for _, nc := range all {
		drop(nc)
	}
	began := time.Now()
	next := s.must(t, mqtt.Connect{ClientID: "comes-after"})
	took := time.Since(began)
	if _, err := ping(next); err != nil {
		t.Error(err)
	}
	limit(t, "time until it accepts again", took, time.Second)
	prove.Record(t, "a broker without descriptors serves on and accepts again", "0 deaths, accepts again within 1 s",
		fmt.Sprintf("%d connections at 512 descriptors, %d messages meanwhile, accepts %s after they are free", len(all), served, short(took)))
}
