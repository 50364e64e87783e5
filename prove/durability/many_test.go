package durability

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// parallel does n things by some at a time, and gives the first error.
func parallel(workers, n int, do func(i int) error) error {
	var next atomic.Int64
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[w] == nil; i = int(next.Add(1)) - 1 {
				errs[w] = do(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// settle makes n persistent sessions with a subscription each. Connections are cut
// off, so that no end of theirs keeps a port for a minute.
func settle(s *server, n int) error {
	return parallel(100, n, func(i int) error {
		c, err := dial(s.Addr, fmt.Sprint("session-", i), mqtt.V311)
		if err != nil {
			return err
		}
		defer c.Cut()
		return c.SubscribeNow(1, 1, fmt.Sprint("s/", i))
	})
}

// retain makes n retained messages.
func retain(s *server, n int) error {
	c, err := dial(s.Addr, "retainer", mqtt.V311)
	if err != nil {
		return err
	}
	defer c.Close()
	out := flow.NewSender("r", 1, 200)
	out.Topics, out.Retain = n, true
	return out.Run(c, func() bool { return out.Begun < n })
}

// countRetained counts the topics whose retained messages a new client gets.
func countRetained(s *server, want int) (int, error) {
	c, err := dialWith(s.Addr, mqtt.Connect{ClientID: "reader"})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.SubscribeNow(1, 0, "r/+"); err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	for len(seen) < want {
		p, err := c.Read()
		if err != nil {
			return len(seen), err
		}
		if topic := string(p.Publish.Topic); topic != fmt.Sprint("r/", string(p.Publish.Payload)) {
			return len(seen), fmt.Errorf("%s has %s", topic, p.Publish.Payload)
		}
		seen[string(p.Publish.Topic)] = true
	}
	return len(seen), nil
}

func TestManySessionsAreSoonServedAfterKill9(t *testing.T) {
	alone(t)
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	n := prove.Size(2000, 100_000)
	first := onFolder(t)
	if err := errors.Join(settle(first, n), retain(first, n)); err != nil {
		t.Fatal(err)
	}
	first.Kill()
	s := start(t, first.dir)
	began := time.Now()
	for i := range 20 {
		if err := reaches(s, r.IntN(n)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if took := time.Since(began); prove.Full() && (s.Ready > 5*time.Second || took > 2*time.Second) {
				t.Errorf("ready in %s, first message in %s", s.Ready, took)
			}
			prove.Record(t, fmt.Sprintf("start after kill -9 with %d sessions and %d retained messages", n, n), "ready within 5 s, first message within 2 s",
				fmt.Sprintf("ready in %s, first message in %s", s.Ready.Round(time.Millisecond), time.Since(began).Round(100*time.Microsecond)))
		}
	}
	if got, err := countRetained(s, n); err != nil {
		t.Errorf("%d of %d retained messages: %v", got, n, err)
	}
	lively(t, s)
}

// reaches sends a message to a session that nobody made anew.
func reaches(s *server, i int) error {
	c, err := dial(s.Addr, fmt.Sprint("session-", i), mqtt.V311)
	if err != nil {
		return err
	}
	defer c.Close()
	if !c.Session {
		return fmt.Errorf("session %d is gone", i)
	}
	if err := publish(s.Addr, "sender", fmt.Sprint("s/", i), "1"); err != nil {
		return err
	}
	_, err = c.Expect(mqtt.PUBLISH)
	return err
}
