package durability

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// sick is one run on a disk that fails: messages flow until the broker ends or
// all of them are acknowledged, then it is killed and started on a disk that is
// well.
type sick struct {
	inject string // for strace -e
	must   bool   // the broker has to end by itself

	exit  time.Duration // from the first error to its end
	late  int           // acknowledgements after the first error
	fault bool          // an error was injected
	tally flow.Tally
}

func (x *sick) run(t *testing.T) {
	t.Helper()
	s := start(t, t.TempDir())
	subscribe(t, s.Addr, "absent", 1, "t")
	c, err := dial(s.Addr, "publisher", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := attach(t, s, "-e", "inject="+x.inject)
	out := flow.NewSender("t", 1, 10)
	// strace counts for each thread, so a fault that must come may be long in
	// coming: then messages flow until it does.
	err = out.Run(c, func() bool { return x.must || out.Begun < 1000 })
	if x.must || err != nil {
		if code := s.Wait(t); code <= 0 {
			t.Errorf("%s: the broker ended with code %d", x.inject, code)
		}
		if len(s.Stderr.String()) == 0 {
			t.Errorf("%s: the broker ended and said nothing", x.inject)
		}
	}
	s.Kill()
	x.judge(r.read(t))
	next := start(t, s.dir)
	got, err := drain(next.Addr, "absent", "t")
	if err != nil {
		t.Fatalf("%s: after the restart: %v", x.inject, err)
	}
	x.tally = flow.Compare(out.Acked, got, out.Begun)
	lively(t, next)
}

// judge finds the first error and what was acknowledged after it.
func (x *sick) judge(calls []*call, end float64) {
	first := slices.IndexFunc(calls, func(c *call) bool { return c.failed })
	if x.fault = first >= 0; !x.fault {
		return
	}
	x.exit = time.Duration((end - calls[first].time) * float64(time.Second))
	for _, c := range calls[first:] {
		if c.begun > calls[first].ended && c.name == "write" && len(c.data) > 0 && c.data[0] == byte(mqtt.PUBACK)<<4 {
			x.late++
		}
	}
}

func TestAfterAFailedSyncNothingIsAcknowledged(t *testing.T) {
	alone(t)
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	var all flow.Tally
	late, slowest, runs := 0, time.Duration(0), prove.Size(3, 30)
	for range runs {
		x := &sick{inject: fmt.Sprintf("fdatasync,fsync:error=EIO:when=%d+", 1+r.IntN(40)), must: true}
		x.run(t)
		if x.late > 0 || x.tally.Lost+x.tally.Invented > 0 || !x.fault {
			t.Errorf("%s: %d acknowledgements after the error; then %s", x.inject, x.late, x.tally)
		}
		all, late, slowest = all.Plus(x.tally), late+x.late, max(slowest, x.exit)
	}
	if prove.Full() && slowest > time.Second {
		t.Errorf("the end came %s after the error", slowest)
	}
	prove.Record(t, "after a failed fsync nothing is acknowledged, the process ends and says so, and a restart has all that was acknowledged",
		"0 late acknowledgements, ended within 1 s, 0 lost",
		fmt.Sprintf("%d runs: %d late, ended within %s; %s", runs, late, slowest.Round(time.Millisecond), all))
}

func TestAFailedWriteIsNeverAcknowledged(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	var all flow.Tally
	met, runs := 0, prove.Size(2, 30)
	for _, code := range []string{"EIO", "ENOSPC"} {
		for range runs {
			n := 1 + r.IntN(100)
			if prove.Full() {
				n = 1 + r.IntN(200)
			}
			x := &sick{inject: fmt.Sprintf("pwrite64:error=%s:when=%d", code, n)}
			x.run(t)
			if x.tally.Lost+x.tally.Invented > 0 {
				t.Errorf("%s: %s", x.inject, x.tally)
			}
			if x.fault {
				met++
			}
			all = all.Plus(x.tally)
		}
	}
	if met == 0 {
		t.Error("no write failed: the store writes in another way")
	}
	prove.Record(t, "what a failed write did not keep is not acknowledged (EIO and ENOSPC at a random write)", "0 lost",
		fmt.Sprintf("%d runs, in %d a write failed: %s", 2*runs, met, all))
}

func TestASlowDiskHoldsUpOnlyWhatWaitsForIt(t *testing.T) {
	alone(t)
	s := onFolder(t)
	subscribe(t, s.Addr, "absent", 1, "t")
	slow, err := dial(s.Addr, "publisher", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	quick, err := dialWith(s.Addr, mqtt.Connect{ClientID: "quick", KeepAlive: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer quick.Close()
	if err := quick.SubscribeNow(1, 0, "quick"); err != nil {
		t.Fatal(err)
	}
	delay := 2 * time.Second // a message may wait for a sync that has begun, and then for its own
	attach(t, s, "-e", fmt.Sprintf("inject=fdatasync,fsync:delay_exit=%d", delay.Microseconds()))
	var acks, trips []time.Duration
	for i := range prove.Size(1, 10) {
		began := time.Now()
		slow.Publish(mqtt.Publish{Topic: []byte("t"), Payload: []byte("x"), QoS: 1, ID: uint16(i + 1)})
		trips = append(trips, meanwhile(t, quick, expect(slow, mqtt.PUBACK))...)
		acks = append(acks, time.Since(began))
	}
	slices.Sort(acks)
	slices.Sort(trips)
	if prove.Full() && percentile(trips, 99) > 300*time.Millisecond {
		t.Errorf("round trip p99 %s", percentile(trips, 99))
	}
	prove.Record(t, "a slow disk (each sync takes 2 s) holds up neither QoS 0 nor connections", "round trip p99 at most 300 ms, nobody dropped",
		fmt.Sprintf("round trip p99 %s, PUBACK p50 %s, 0 dropped", percentile(trips, 99), percentile(acks, 50)))
}

// meanwhile does round trips while a message waits for the disk.
func meanwhile(t *testing.T, quick *mqtt.Conn, acknowledged <-chan error) (trips []time.Duration) {
	t.Helper()
	for range 20 {
		trips = append(trips, roundTrip(t, quick))
	}
	select {
	case <-acknowledged:
		t.Fatal("20 round trips at QoS 0 took longer than the sync of a message")
	default:
	}
	return append(trips, untilThen(t, quick, acknowledged)...)
}

// untilThen goes on with round trips, within the keep-alive, until the message
// that waits for the disk is acknowledged.
func untilThen(t *testing.T, quick *mqtt.Conn, acknowledged <-chan error) (trips []time.Duration) {
	t.Helper()
	tick := time.NewTicker(time.Second / 2)
	defer tick.Stop()
	for {
		select {
		case err := <-acknowledged:
			if err != nil {
				t.Fatalf("the message that waits for the disk: %v", err)
			}
			return trips
		case <-tick.C:
			trips = append(trips, roundTrip(t, quick))
		}
	}
}

// expect flushes and reads the next packet in the background.
func expect(c *mqtt.Conn, kind mqtt.Type) <-chan error {
	answer := make(chan error, 1)
	go func() {
		err := c.SetReadDeadline(time.Now().Add(patience)) // from now, not from the beginning
		if err == nil {
			err = c.Flush()
		}
		if err == nil {
			_, err = c.Expect(kind)
		}
		answer <- err
	}()
	return answer
}

// roundTrip sends a message to oneself at QoS 0.
func roundTrip(t *testing.T, c *mqtt.Conn) time.Duration {
	t.Helper()
	began := time.Now()
	c.Publish(mqtt.Publish{Topic: []byte("quick"), Payload: []byte("x")})
	if err := <-expect(c, mqtt.PUBLISH); err != nil {
		t.Fatalf("a message at QoS 0: %v", err)
	}
	return time.Since(began)
}
