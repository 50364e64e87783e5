package durability

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// The suites of this package would be worth nothing if they did not find what
// they look for: each of these tests plants a bug, and a suite finds it.

// with starts brokers that have a planted bug.
func with(bug string) launch { return launch{planted: true, env: []string{"GATEHOUSE_PLANTED=" + bug}} }

// hunted is how many runs a suite has to find a bug.
const hunted = 10

// hunt runs until the bug is found.
func hunt(t *testing.T, bug string, find func(run int) (found bool)) {
	t.Helper()
	for run := range hunted {
		if find(run) {
			prove.Record(t, "planted bug: "+bug, fmt.Sprintf("found within %d runs", hunted), fmt.Sprintf("found in run %d", run+1))
			return
		}
	}
	t.Errorf("%d runs did not find the planted bug: %s", hunted, bug)
}

func TestAnAcknowledgementBeforeTheCommitIsFound(t *testing.T) {
	t.Parallel()
	hunt(t, "acknowledgement before the commit", func(int) bool {
		found := measureEarly(t, with("ack-before-commit"), 20)
		return found[mqtt.PUBACK] > 0 && found[mqtt.PUBREC] > 0 && found[mqtt.PUBCOMP] > 0 && found[mqtt.SUBACK] > 0
	})
}

// A commit that was not made is also found without a look into the process.
func TestAMessageThatWasAcknowledgedAndNotKeptIsFound(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	hunt(t, "acknowledgement before the commit, by its losses", func(int) bool {
		l := with("ack-before-commit")
		l.dir = t.TempDir()
		l.env = append(l.env, fmt.Sprintf("GATEHOUSE_FAILPOINT=before-commit:%d", 10+r.IntN(20)))
		a := absence{window: 1, at: 1, every: time.Millisecond} // acknowledged at once, a whole queue would be few commits
		all, _ := a.run(t, run(t, l), func(t *testing.T, s *server) *server {
			s.Wait(t)
			return start(t, s.dir)
		})
		return all.Lost > 0
	})
}

func TestAForgottenIdentifierIsFound(t *testing.T) {
	t.Parallel()
	l := with("forget-incoming")
	hunt(t, "a restart forgets which QoS 2 messages are owned", func(run int) bool {
		end := fmt.Sprintf("GATEHOUSE_FAILPOINT=after-commit:%d", 20+run)
		return streamed(t, l, end).Doubled > 0
	})
}

func TestADoubledDeliveryIsFound(t *testing.T) {
	t.Parallel()
	l := with("double-delivery")
	hunt(t, "a restart delivers some messages again", func(run int) bool {
		end := fmt.Sprintf("GATEHOUSE_FAILPOINT=after-ack:%d", 300+run)
		return streamed(t, l, end).Doubled > 0
	})
}

// streamed is what becomes of a QoS 2 stream whose broker ends once.
func streamed(t *testing.T, l launch, end string) flow.Tally {
	t.Helper()
	l.dir = t.TempDir()
	dying := l
	dying.env = append([]string{end}, l.env...)
	s := run(t, dying)
	x := newStream(t, s, rand.New(rand.NewPCG(1, 2)), flow.NewSender("t", 2, 10))
	s.Wait(t)
	x.house.move(run(t, l))
	return x.finish()
}

func TestASyncThatWasSkippedIsFound(t *testing.T) {
	t.Parallel()
	l := with("skip-sync")
	hunt(t, "the store does not sync", func(int) bool {
		d := served.NewDisk(t, 128)
		first := onDisk(t, d)
		first.planted, first.env = l.planted, l.env
		s := run(t, first)
		subscribe(t, s.Addr, "absent", 1, "t")
		c, err := dial(s.Addr, "publisher", mqtt.V311)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		out := flow.NewSender("t", 1, 10)
		if err := out.Run(c, func() bool { return out.Begun < 500 }); err != nil {
			t.Fatal(err)
		}
		s.Freeze(t)
		after := d.Copied(t)
		s.Kill()
		next, err := try(t, onDisk(t, after))
		if err != nil {
			return true
		}
		got, err := drain(next.Addr, "absent", "t")
		return err != nil || flow.Compare(out.Acked, got, out.Begun).Lost > 0
	})
}

func TestAShippedBinaryHasNoPlaceToEndAtAndNoBug(t *testing.T) {
	t.Parallel()
	l := launch{dir: t.TempDir(), env: []string{"GATEHOUSE_FAILPOINT=before-commit:1", "GATEHOUSE_PLANTED=ack-before-commit"}}
	s := run(t, l)
	subscribe(t, s.Addr, "absent", 1, "t")
	lively(t, s)
}
