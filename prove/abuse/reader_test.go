package abuse

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// stream publishes n messages at QoS 1, one after the other acknowledged, as many
// in a second as rate says, and gives how long each took.
func stream(c *mqtt.Conn, topic string, n, rate int) (took times, err error) {
	payload := make([]byte, 200)
	begin := time.Now()
	for k := range n {
		if due := begin.Add(time.Duration(k) * time.Second / time.Duration(rate)); k%10 == 0 {
			<-time.After(time.Until(due))
		}
		_ = c.SetReadDeadline(time.Now().Add(patience))
		began := time.Now()
		c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: payload, QoS: 1, ID: 1})
		if err := c.Flush(); err != nil {
			return took, err
		}
		if _, err := c.Expect(mqtt.PUBACK); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// reads takes and acknowledges what comes, until the connection ends.
func reads(c *mqtt.Conn) {
	_ = c.SetReadDeadline(time.Time{})
	for {
		p, err := c.Read()
		if err != nil {
			return
		}
		if p.Type == mqtt.PUBLISH && p.Publish.QoS == 1 {
			c.Ack(mqtt.PUBACK, p.ID)
		}
		if !c.Buffered() && c.Flush() != nil {
			return
		}
	}
}

func TestASubscriberThatStopsReadingHoldsNobodyUp(t *testing.T) {
	parallel(t)
	s, n := embed(t, embedded{}), prove.Size(500, 50_000)
	good := s.must(t, mqtt.Connect{ClientID: "good"})
	if err := good.SubscribeNow(1, 1, "stream"); err != nil {
		t.Fatal(err)
	}
	go reads(good)
	p := s.must(t, mqtt.Connect{ClientID: "publisher"})
	base, err := stream(p, "stream", n, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for k, qos := range []byte{0, 1} {
		stuck := s.must(t, mqtt.Connect{ClientID: fmt.Sprint("stuck-", k)})
		if err := stuck.SubscribeNow(1, qos, "stream"); err != nil {
			t.Fatal(err)
		}
		s.report(t)
		before := s.report(t).HeapInUse
		took, err := stream(p, "stream", n, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		r := s.report(t)
		grown := (int(r.HeapInUse) - int(before)) / 1024
		if qos == 0 { // at QoS 1 it is owed its queue, up to the queue's limit
			limit(t, "memory, KiB", grown, 1<<10)
			limit(t, "publisher's p99", took.p99(), max(2*base.p99(), 2*time.Millisecond))
		}
		prove.Record(t, fmt.Sprintf("a subscriber at QoS %d that stops reading holds nobody up", qos), "1 MB (QoS 0), publisher's p99 at most twice the base",
			fmt.Sprintf("%d messages, %s in use for it, publisher %s, base %s, dropped %d", n, mega(grown), took, base, r.Stats.Dropped["receiver does not read"]))
		stuck.Cut()
	}
}

func TestASubscriberThatNeverAcknowledgesSpinsNothingAndGoesOnAtItsFirst(t *testing.T) {
	parallel(t)
	s, n := embed(t, embedded{}), prove.Size(500, 5000)
	c := s.must(t, mqtt.Connect{Version: mqtt.V5, ClientID: "never", Properties: mqtt.Properties{}.Number(mqtt.ReceiveMaximum, 10)})
	if err := c.SubscribeNow(1, 1, "stream"); err != nil {
		t.Fatal(err)
	}
	p := s.must(t, mqtt.Connect{ClientID: "publisher"})
	if _, err := stream(p, "stream", n, 100_000); err != nil {
		t.Fatal(err)
	}
	var ids []uint16
	for range 10 {
		m, err := c.Expect(mqtt.PUBLISH)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	if err := c.Answers(); err != nil { // the next packet is PINGRESP: nothing beyond the window came
		t.Fatal(err)
	}
	before := s.Processor()
	quiet := time.Duration(prove.Size(200, 2000)) * time.Millisecond
	<-time.After(quiet)
	spent := s.Processor() - before
	limit(t, "processor while nothing happens", spent, 20*time.Millisecond)
	for k := range n - 10 {
		c.Ack(mqtt.PUBACK, ids[k%10])
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		m, err := c.Expect(mqtt.PUBLISH)
		if err != nil {
			t.Fatalf("after acknowledgement %d: %v", k+1, err)
		}
		ids[k%10] = m.ID
	}
	prove.Record(t, "a subscriber that never acknowledges spins nothing and goes on at its first acknowledgement", "0 CPU, the next message for each acknowledgement",
		fmt.Sprintf("%s of a processor in %s, %d messages one by one after it", spent, quiet, n-10))
}
