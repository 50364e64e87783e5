package durability

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// The messages fill more than what the disk has, whatever the store holds ready.
const (
	fullDisk     = 64 // MiB
	fullMessages = 6000
	fullSize     = 16 << 10
	fullTopics   = 10 // each with an absent subscriber, whose queue has an end
)

func TestAFullDiskHoldsAcknowledgementsAndNothingElse(t *testing.T) {
	alone(t)
	d := served.NewDisk(t, fullDisk)
	s := run(t, onDisk(t, d))
	for i := range fullTopics {
		subscribe(t, s.Addr, fmt.Sprint("absent-", i), 1, fmt.Sprint("t/", i))
	}
	c, err := dial(s.Addr, "publisher", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out := flow.NewSender("t", 1, 20)
	out.Topics, out.Size = fullTopics, fullSize
	var enough atomic.Bool
	published := make(chan error, 1)
	free := d.Fill(t, s.Server)
	go func() {
		published <- out.Run(c, func() bool { return !enough.Load() && out.Begun < fullMessages })
	}()
	whileFull(t, s, published)
	enough.Store(true)
	freed := time.Now()
	free()
	if err := <-published; err != nil {
		t.Fatalf("after there was space again: %v: %s", err, s.Stderr)
	}
	recovery := time.Since(freed)
	if prove.Full() && recovery > 10*time.Second {
		t.Errorf("it took %s until all was acknowledged", recovery)
	}
	lively(t, s)
	s.Kill()
	all := afterFull(t, run(t, onDisk(t, d)), out)
	prove.Record(t, "a full disk holds acknowledgements and nothing else; with space again everything goes on by itself",
		"0 lost, QoS 0 is delivered meanwhile, all acknowledged within 10 s",
		fmt.Sprintf("%s; all acknowledged %s after there was space", all, recovery.Round(time.Millisecond)))
}

// whileFull waits until the store is full, and proves that what needs no store
// goes on, and that what needs it waits.
func whileFull(t *testing.T, s *server, published <-chan error) {
	t.Helper()
	quick, err := dialWith(s.Addr, mqtt.Connect{ClientID: "quick"})
	if err != nil {
		t.Fatal(err)
	}
	defer quick.Close()
	if err := quick.SubscribeNow(1, 0, "quick"); err != nil {
		t.Fatal(err)
	}
	prove.Eventually(t, "the broker says that its store is full", func() bool {
		return strings.Contains(s.Stderr.String(), "full") || !s.Alive()
	})
	if !s.Alive() {
		t.Fatalf("the full disk ended the broker: %s", s.Stderr)
	}
	for range 100 {
		roundTrip(t, quick)
	}
	select {
	case err := <-published:
		t.Fatalf("the publisher came to its end, although nothing can be kept: %v", err)
	default:
	}
}

// afterFull compares what the absent subscribers get with what was acknowledged.
func afterFull(t *testing.T, s *server, out *flow.Sender) flow.Tally {
	t.Helper()
	var got []int
	for i := range fullTopics {
		part, err := drain(s.Addr, fmt.Sprint("absent-", i), fmt.Sprint("t/", i))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, part...)
	}
	all := flow.Compare(out.Acked, got, out.Begun)
	all.Out = 0 // there is no order between queues
	if all.Lost+all.Doubled+all.Invented > 0 || len(out.Open) > 0 {
		t.Errorf("%s; %d open", all, len(out.Open))
	}
	return all
}
