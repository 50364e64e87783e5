package abuse

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// timed is how early or late things happened, against what was asked.
type timed struct {
	mu    sync.Mutex
	count int
	early int
	late  times // how much
}

// due notes that something that was asked after after happened between from and
// to: no clock tells more exactly.
func (x *timed) due(t *testing.T, what string, after, from, to time.Duration) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.count++
	if to < after {
		x.early++
		t.Errorf("%s: after %s, want not before %s", what, short(to), after)
	}
	x.late = append(x.late, max(0, from-after))
}

func (x *timed) String() string {
	return fmt.Sprintf("%d, %d early, at most %s late", x.count, x.early, short(x.late.max()))
}

func TestWillsSessionsAndMessagesEndWhenTheyShould(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	s := embed(t, embedded{})
	n, most := prove.Size(4, 50), prove.Size(2, 5)
	kinds := map[string]func(k int, seconds uint32, x *timed) error{
		"will delay":        func(k int, seconds uint32, x *timed) error { return willDelay(t, s, k, seconds, x) },
		"session expiry":    func(k int, seconds uint32, x *timed) error { return sessionExpiry(t, s, k, seconds, x) },
		"message expiry":    func(k int, seconds uint32, x *timed) error { return messageExpiry(t, s, k, seconds, x) },
		"retained expiry":   func(k int, seconds uint32, x *timed) error { return retainedExpiry(t, s, k, seconds, x) },
		"expiry is counted": func(k int, seconds uint32, x *timed) error { return countedDown(t, s, k, seconds+2, x) },
	}
	var wg sync.WaitGroup
	for name, kind := range kinds {
		x := &timed{}
		r := rand.New(rand.NewPCG(uint64(seed), uint64(len(name))))
		var all sync.WaitGroup
		for k := range n {
			seconds := uint32(1 + r.IntN(most))
			all.Go(func() {
				if err := kind(k, seconds, x); err != nil {
					t.Errorf("%s %d: %v", name, k, err)
				}
			})
		}
		wg.Go(func() {
			all.Wait()
			limit(t, name+" late", x.late.max(), time.Second)
			prove.Record(t, name, "never early, at most 1 s late", x.String())
		})
	}
	wg.Wait()
}

// willDelay cuts a client and waits for its will.
func willDelay(t *testing.T, s *server, k int, seconds uint32, x *timed) error {
	topic := fmt.Sprint("expiry/will/", k)
	watcher, err := s.dial(mqtt.Connect{})
	if err != nil {
		return err
	}
	defer watcher.Close()
	if err := watcher.SubscribeNow(1, 1, topic); err != nil {
		return err
	}
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("delayed-", k), Persistent: true, Will: &mqtt.Will{Topic: topic, QoS: 1, Delay: seconds}})
	if err != nil {
		return err
	}
	began := time.Now()
	c.Cut()
	if _, err := watcher.Expect(mqtt.PUBLISH); err != nil {
		return err
	}
	took := time.Since(began)
	x.due(t, "will", time.Duration(seconds)*time.Second, took, took)
	return nil
}

// sessionExpiry asks again and again on new connections whether the session is
// there: asking makes it live on, so each question has a session of its own.
func sessionExpiry(t *testing.T, s *server, k int, seconds uint32, x *timed) error {
	expiry := time.Duration(seconds) * time.Second
	ps := mqtt.Properties{}.Number(mqtt.SessionExpiryInterval, seconds)
	for i, wait := range []time.Duration{expiry - 500*time.Millisecond, expiry + time.Second} {
		connect := mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("session-", k, "-", i), Persistent: true, Properties: ps}
		c, err := s.dial(connect)
		if err != nil {
			return err
		}
		c.Cut()
		began := time.Now()
		<-time.After(wait)
		from := time.Since(began)
		if c, err = s.dial(connect); err != nil {
			return err
		}
		to := time.Since(began)
		switch {
		case i == 0 && !c.Session:
			x.due(t, "session gone", expiry, to, to)
		case i == 1 && c.Session && prove.Full():
			t.Errorf("session of %s is there after %s to %s", expiry, short(from), short(to))
		default:
			x.due(t, "session", expiry, 0, expiry)
		}
		c.Close()
	}
	return nil
}

// messageExpiry has a message wait for an absent client that comes after its end.
func messageExpiry(t *testing.T, s *server, k int, seconds uint32, x *timed) error {
	expiry := time.Duration(seconds) * time.Second
	topic := fmt.Sprint("expiry/message/", k)
	connect := mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("absent-", k), Persistent: true}
	c, err := s.dial(connect)
	if err != nil {
		return err
	}
	if err := c.SubscribeNow(1, 1, topic); err != nil {
		return err
	}
	c.Cut()
	began := time.Now()
	if err := publishOnce(s, topic, "first", mqtt.Properties{}.Number(mqtt.MessageExpiryInterval, seconds), false); err != nil {
		return err
	}
	sent := time.Since(began)
	<-time.After(expiry + 100*time.Millisecond - sent)
	if err := publishOnce(s, topic, "second", nil, false); err != nil {
		return err
	}
	if c, err = s.dial(connect); err != nil {
		return err
	}
	defer c.Close()
	p, err := c.Expect(mqtt.PUBLISH)
	if err != nil {
		return err
	}
	if took := time.Since(began); string(p.Publish.Payload) != "second" {
		x.due(t, "message", expiry, took-sent, took) // it came after its end
		return nil
	}
	x.due(t, "message", expiry, expiry, expiry)
	return nil
}

// retainedExpiry asks for a retained message until it is gone.
func retainedExpiry(t *testing.T, s *server, k int, seconds uint32, x *timed) error {
	expiry := time.Duration(seconds) * time.Second
	topic := fmt.Sprint("expiry/retained/", k)
	began := time.Now()
	if err := publishOnce(s, topic, "kept", mqtt.Properties{}.Number(mqtt.MessageExpiryInterval, seconds), true); err != nil {
		return err
	}
	sent := time.Since(began)
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5})
	if err != nil {
		return err
	}
	defer c.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c.Subscribe(1, 0, topic)
		c.Ping()
		if err := c.Flush(); err != nil {
			return err
		}
		there := false
		for {
			p, err := c.Read()
			if err != nil {
				return err
			}
			there = there || p.Type == mqtt.PUBLISH
			if p.Type == mqtt.PINGRESP {
				break
			}
		}
		if took := time.Since(began); !there {
			x.due(t, "retained message", expiry, took-sent, took)
			return nil
		}
		<-tick.C
	}
}

// countedDown has a message wait and looks at what is left of its life.
func countedDown(t *testing.T, s *server, k int, seconds uint32, x *timed) error {
	topic := fmt.Sprint("expiry/count/", k)
	connect := mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("counts-", k), Persistent: true}
	c, err := s.dial(connect)
	if err != nil {
		return err
	}
	if err := c.SubscribeNow(1, 1, topic); err != nil {
		return err
	}
	c.Cut()
	began := time.Now()
	if err := publishOnce(s, topic, "first", mqtt.Properties{}.Number(mqtt.MessageExpiryInterval, seconds), false); err != nil {
		return err
	}
	sent := time.Since(began)
	<-time.After(1100 * time.Millisecond)
	if c, err = s.dial(connect); err != nil {
		return err
	}
	defer c.Close()
	p, err := c.Expect(mqtt.PUBLISH)
	if err != nil {
		return err
	}
	took := time.Since(began)
	left, there := p.Properties.GetNumber(mqtt.MessageExpiryInterval)
	waited := time.Duration(seconds-left) * time.Second // as the server says, in whole seconds
	if !there || left > seconds-1 || waited > took+time.Second || waited < took-sent-2*time.Second {
		t.Errorf("a message of %d s that waited %s has %d s left, %v", seconds, short(took), left, there)
	}
	x.due(t, "count", 0, 0, 0)
	return nil
}

func publishOnce(s *server, topic, payload string, ps mqtt.Properties, retain bool) error {
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5})
	if err != nil {
		return err
	}
	defer c.Close()
	c.Publish(mqtt.Publish{Topic: []byte(topic), Payload: []byte(payload), QoS: 1, ID: 1, Properties: ps, Retain: retain})
	if err := c.Flush(); err != nil {
		return err
	}
	_, err = c.Expect(mqtt.PUBACK)
	return err
}

func TestWhatEndsEndsOnTimeAlsoAcrossARestart(t *testing.T) {
	parallel(t)
	dir := t.TempDir()
	seconds := uint32(prove.Size(2, 6))
	expiry := time.Duration(seconds) * time.Second
	first := embed(t, embedded{Data: dir})
	topic := "expiry/restart"
	if err := publishOnce(first, topic, "kept", mqtt.Properties{}.Number(mqtt.MessageExpiryInterval, seconds), true); err != nil {
		t.Fatal(err)
	}
	ps := mqtt.Properties{}.Number(mqtt.SessionExpiryInterval, seconds)
	gone := mqtt.Connect{Version: mqtt.V5, ClientID: "gone", Persistent: true, Properties: ps}
	stays := mqtt.Connect{Version: mqtt.V5, ClientID: "stays", Persistent: true}
	for _, connect := range []mqtt.Connect{gone, stays} {
		c := first.must(t, connect)
		if err := c.SubscribeNow(1, 1, topic+"/#"); err != nil {
			t.Fatal(err)
		}
		c.Cut()
	}
	began := time.Now()
	will := mqtt.Connect{Version: mqtt.V5, ClientID: "dies", Persistent: true, Will: &mqtt.Will{Topic: topic + "/will", QoS: 1, Delay: seconds}}
	first.must(t, will).Cut()
	prove.Eventually(t, "the end of the connections is known", func() bool { return first.report(t).Stats.Connections == 0 })
	first.Kill()
	second := embed(t, embedded{Data: dir})
	c := second.must(t, stays)
	if !c.Session {
		t.Error("a session that does not expire is gone")
	}
	for {
		p, err := c.Expect(mqtt.PUBLISH)
		if err != nil {
			t.Fatal(err)
		}
		c.Ack(mqtt.PUBACK, p.ID)
		if string(p.Publish.Topic) == topic+"/will" {
			break
		}
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	if took < expiry {
		t.Errorf("a will with a delay of %s came after %s", expiry, short(took))
	}
	late := took - expiry
	<-time.After(expiry + time.Second - time.Since(began))
	if c := second.must(t, gone); c.Session {
		t.Error("a session is there a second after its end")
	}
	if err := retainedGone(second, topic); err != nil {
		t.Error(err)
	}
	limit(t, "will late", late, time.Second)
	prove.Record(t, "wills, sessions and retained messages end on time across a restart", "never early, at most 1 s late", fmt.Sprintf("will %s late, session and message gone", short(late)))
}

func retainedGone(s *server, topic string) error {
	c, err := s.dial(mqtt.Connect{Version: mqtt.V5})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SubscribeNow(1, 0, topic); err != nil {
		return err
	}
	_, err = ping(c)
	return err
}
