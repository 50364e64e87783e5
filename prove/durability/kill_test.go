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

// The queue of an absent client has an end; a run stays below it.
const mostWaiting = 9_500

// disaster takes a broker away, and gives the one that is started from what is
// left.
type disaster func(t *testing.T, s *server) *server

func killed(t *testing.T, s *server) *server {
	s.Kill()
	return start(t, s.dir)
}

// absence is one run: messages for an absent subscriber, a disaster at a random
// instant, and the subscriber's return.
type absence struct {
	window int           // messages in flight
	every  time.Duration // between two messages; 0: as fast as it goes
	at     int           // acknowledgements until the disaster
}

func (a absence) run(t *testing.T, s *server, strikes disaster) (flow.Tally, []time.Duration) {
	t.Helper()
	subscribe(t, s.Addr, "absent", 1, "t")
	c, err := dial(s.Addr, "publisher", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	out := flow.NewSender("t", 1, a.window)
	now := make(chan struct{})
	published := make(chan error, 1)
	go func() { published <- a.publish(out, c, now) }()
	<-now
	next := strikes(t, s)
	if err := <-published; err == nil && out.Begun < mostWaiting {
		t.Error("the publisher did not notice that its broker was gone")
	}
	_ = c.Close()
	got, err := drain(next.Addr, "absent", "t")
	if err != nil {
		t.Fatalf("the subscriber's return: %v", err)
	}
	lively(t, next)
	return flow.Compare(out.Acked, got, out.Begun), out.Took
}

// publish publishes until the connection fails or the queue would be full. It
// closes now when it is time for the disaster, and goes on.
func (a absence) publish(s *flow.Sender, c *mqtt.Conn, now chan<- struct{}) error {
	tick := make(<-chan time.Time)
	if a.every > 0 {
		ticker := time.NewTicker(a.every)
		defer ticker.Stop()
		tick = ticker.C
	}
	return s.Run(c, func() bool {
		if now != nil && len(s.Acked) >= a.at {
			close(now)
			now = nil
		}
		if a.every > 0 {
			<-tick
		}
		return s.Begun < mostWaiting
	})
}

// survives runs an absence several times and records what was lost.
func survives(t *testing.T, what string, runs int, begin func(*testing.T) *server, strikes disaster, next func(r *rand.Rand) absence) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	var all flow.Tally
	var took []time.Duration
	for i := range runs {
		one, latencies := next(r).run(t, begin(t), strikes)
		if one.Lost+one.Out+one.Invented > 0 || one.Doubled > 1 {
			t.Errorf("run %d: %s", i, one)
		}
		all = all.Plus(one)
		took = append(took, latencies...)
	}
	slices.Sort(took)
	prove.Record(t, what, "0 lost, at most 1 doubled per run",
		fmt.Sprintf("%d runs: %s; acknowledged in p50 %s, p99 %s", runs, all, percentile(took, 50), percentile(took, 99)))
}

// percentile is of durations that are sorted.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*p/100)].Round(10 * time.Microsecond)
}

// paced is how a quiet installation publishes: 300 messages a second, each
// acknowledged before the next.
func paced(r *rand.Rand) absence {
	return absence{window: 1, every: time.Second / 300, at: 50 + r.IntN(prove.Size(150, 1500))}
}

// fast is as many messages as go through.
func fast(r *rand.Rand) absence {
	return absence{window: 100, at: 500 + r.IntN(prove.Size(3000, 8000))}
}

func onFolder(t *testing.T) *server { return start(t, t.TempDir()) }

func TestAcknowledgedMessagesSurviveKill9(t *testing.T) {
	alone(t)
	survives(t, "acknowledged QoS 1 messages for an absent subscriber survive kill -9, at 300 messages/s",
		prove.Size(1, 20), onFolder, killed, paced)
}

func TestAcknowledgedMessagesSurviveKill9AtFullSpeed(t *testing.T) {
	t.Parallel()
	survives(t, "acknowledged QoS 1 messages for an absent subscriber survive kill -9, at full speed",
		prove.Size(2, 20), onFolder, killed, fast)
}
