package main

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// sum counts what gates that run side by side found.
type sum struct {
	mu     sync.Mutex
	counts map[string]int
	worst  time.Duration
}

func newSum() *sum { return &sum{counts: map[string]int{}} }

func (s *sum) add(what string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what] += n
}

func (s *sum) took(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.worst = max(s.worst, d)
}

const (
	shortLife = 100 * time.Millisecond // of an order that is to end before its device is back
	atOnce    = 16                     // gates side by side
)

// stale are the ways of an opening whose device is away until after its end.
var stale = map[string]func(w *wired) seenCommand{
	"the line has ended, and the server may not know it yet": func(w *wired) seenCommand {
		w.line.Cut()
		return w.orders("open", shortLife)
	},
	"it arrived and was never acknowledged": func(w *wired) seenCommand {
		c, _ := w.opens(shortLife)
		w.line.Cut()
		return c
	},
	"it waits because the device acknowledges nothing": func(w *wired) seenCommand {
		first := w.orders("close", 5*time.Second)
		packet := w.take(first.ID)
		if packet == 0 {
			return first
		}
		c := w.orders("open", shortLife)
		w.end(c)
		w.acknowledge(packet)
		w.owned(w.answer(first.ID, "refused"))
		if w.version == mqtt.V311 { // it has no window, so it may have arrived in time
			w.line.Cut()
		}
		return c
	},
}

func TestAnOpeningWhoseDeviceIsAwayNeverComesLate(t *testing.T) {
	alone(t)
	p := runProgram(t, t.TempDir(), false)
	s, found := signUp(t, p), newSum()
	rounds := prove.Size(1, 21) // of each way
	together(t, atOnce, p, s, func(w *wired) {
		w.connect(1)
		for range rounds {
			for way, begin := range stale {
				c := begin(w)
				end, before := w.end(c), w.seen[c.ID]
				if slices.Contains([]string{"failed", "expired"}, end.Step) && before > 0 || end.has("done") {
					w.t.Errorf("%s: shown %s, arrived %d times", way, end.Step, before)
					found.add("lies", 1)
				}
				w.line.Cut()
				w.connect(1)
				w.fence()
				if w.seen[c.ID] > before {
					w.t.Errorf("%s: it came late", way)
					found.add("late", w.seen[c.ID]-before)
				}
				found.add("trials", 1)
			}
		}
	})
	prove.Record(t, "openings that reach a device after their end: line cut, in flight, behind a full window, 3.1.1 and 5", "0",
		fmt.Sprintf("%d of %d", found.counts["late"], found.counts["trials"]))
}

func TestAnOpeningNeverOutlivesARestartOfTheServer(t *testing.T) {
	alone(t)
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s, found := signUp(t, p), newSum()
	gates := make([]*wired, 0, atOnce)
	for i := range atOnce {
		gates = append(gates, s.wire(p, []mqtt.Version{mqtt.V311, mqtt.V5}[i%2]))
	}
	for range prove.Size(1, 20) {
		open := make([]seenCommand, len(gates))
		for i, w := range gates {
			w.connect(10)
			open[i] = w.orders("open", 30*time.Second)
			if i%4 < 2 {
				w.take(open[i].ID)
			}
		}
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
		p = runProgram(t, dir, false)
		s = signIn(t, p)
		for i, w := range gates {
			w.staff, w.mqtt = s, p.MQTT
			before := w.seen[open[i].ID]
			w.connect(10)
			w.fence()
			if n := w.seen[open[i].ID] - before; n > 0 {
				t.Errorf("gate %d got an order of before the restart", i)
				found.add("late", n)
			}
			if end := w.end(open[i]); end.Step != "uncertain" {
				t.Errorf("an order that was open at the stop is %s", end.Step)
			}
			found.add("trials", 1)
		}
	}
	prove.Record(t, "openings that reach a device after a restart of the server", "0", fmt.Sprintf("%d of %d", found.counts["late"], found.counts["trials"]))
}

func TestADeviceWhoseAcknowledgementsAreLostActsOnce(t *testing.T) {
	alone(t)
	p := runProgram(t, t.TempDir(), false)
	s, found := signUp(t, p), newSum()
	each := prove.Size(24, 1008) / atOnce * 2
	together(t, atOnce/2, p, s, func(w *wired) {
		for i := range each {
			if i%10 == 0 { // the session is taken up again, with all that was not acknowledged
				if w.line != nil {
					w.line.Cut()
				}
				w.connect(100)
				w.fence()
			}
			c := w.orders("open", 5*time.Second)
			if w.take(c.ID) == 0 {
				continue
			}
			w.owned(w.answer(c.ID, "done"))
			w.report("open", c.ID)
			if end := w.end(c); end.Step != "confirmed" || w.seen[c.ID] != 1 {
				w.t.Errorf("shown %s, acted %d times", end.Step, w.seen[c.ID])
			}
			found.add("commands", 1)
		}
		w.line.Cut()
		w.connect(100)
		w.fence()
		for id, n := range w.seen {
			if n != 1 {
				w.t.Errorf("command %s arrived %d times", id, n)
			}
			found.add("twice", n-1)
		}
	})
	prove.Record(t, "actuations beyond commands when every PUBACK is lost", "0",
		fmt.Sprintf("%d of %d commands", found.counts["twice"], found.counts["commands"]))
}

// cuts are the places in which the line may end, and what may be shown of the
// order then.
var cuts = []struct {
	at    string
	do    func(w *wired) seenCommand
	shown []string
}{
	{"before the order, known", func(w *wired) seenCommand {
		w.line.Cut()
		eventually(w.t, "it is offline", func() bool { return w.staff.device(w.device.ID).Link.Status == "offline" })
		return w.orders("open", shortLife)
	}, []string{"failed"}},
	{"just before the order", func(w *wired) seenCommand {
		w.line.Cut()
		return w.orders("open", shortLife)
	}, []string{"failed", "expired", "uncertain"}},
	{"after it arrived", func(w *wired) seenCommand {
		c, _ := w.opens(shortLife)
		w.line.Cut()
		return c
	}, []string{"uncertain"}},
	{"after the acknowledgement", func(w *wired) seenCommand {
		c, packet := w.opens(shortLife)
		if packet == 0 {
			return c
		}
		w.acknowledge(packet)
		w.line.Cut()
		return c
	}, []string{"uncertain"}},
	{"in the middle of the answer", func(w *wired) seenCommand {
		c, packet := w.opens(shortLife)
		if packet == 0 {
			return c
		}
		w.acknowledge(packet)
		half := mqtt.AppendPublish(nil, w.version, mqtt.Publish{
			Topic: []byte(w.login.TopicPrefix + "/answer"), QoS: 1, ID: w.packet(), Payload: []byte(`{"id":"` + c.ID + `","outcome":"done","at":1}`),
		})
		w.line.Raw(half[:len(half)/2])
		w.flush()
		w.line.Cut()
		return c
	}, []string{"uncertain"}},
	{"with the answer on the line", func(w *wired) seenCommand {
		c, packet := w.opens(time.Second)
		if packet == 0 {
			return c
		}
		w.acknowledge(packet)
		w.answer(c.ID, "done")
		w.flush()
		w.line.Cut()
		w.connect(10)
		w.report("open", c.ID)
		return c
	}, []string{"uncertain", "confirmed"}},
	{"after the answer was taken", func(w *wired) seenCommand {
		c, packet := w.opens(time.Second)
		if packet == 0 {
			return c
		}
		w.acknowledge(packet)
		w.owned(w.answer(c.ID, "done"))
		w.line.Cut()
		w.connect(10)
		w.report("open", c.ID)
		return c
	}, []string{"confirmed"}},
	{"after the report", func(w *wired) seenCommand {
		c, packet := w.opens(time.Second)
		if packet == 0 {
			return c
		}
		w.acknowledge(packet)
		w.owned(w.answer(c.ID, "done"))
		w.report("open", c.ID)
		w.line.Cut()
		return c
	}, []string{"confirmed"}},
}

func TestALineThatIsCutAnywhereLeavesATrueLadder(t *testing.T) {
	alone(t)
	p := runProgram(t, t.TempDir(), false)
	s, found := signUp(t, p), newSum()
	rounds := prove.Size(1, 7)
	together(t, atOnce, p, s, func(w *wired) {
		for range rounds {
			for _, cut := range cuts {
				w.connect(10)
				end := w.end(cut.do(w))
				shown := cut.shown
				if w.seen[end.ID] == 0 { // the machine was too busy
					shown = []string{"failed", "expired", "uncertain"}
				}
				if !slices.Contains(shown, end.Step) || (end.Step == "uncertain" && end.has("done")) {
					w.t.Errorf("cut %s: shown %s, want %v", cut.at, end.Step, shown)
					found.add("wrong", 1)
				}
				for _, r := range end.Rungs {
					if r.Step == "uncertain" {
						found.took(r.At.Sub(end.Rungs[0].At) - time.Duration(end.TTLMs)*time.Millisecond)
					}
				}
				w.line.Cut()
				found.add("trials", 1)
			}
		}
	})
	if prove.Full() && found.worst > time.Second {
		t.Errorf("uncertain was shown %v after the lifetime", found.worst)
	}
	prove.Record(t, "a line cut at each of 8 steps of a command: states shown wrongly; unknown shown after the lifetime", "0; at most 1 s",
		fmt.Sprintf("%d of %d; %v", found.counts["wrong"], found.counts["trials"], found.worst))
}

func TestEveryActuationHasItsAuditRowAndEveryRowItsActuation(t *testing.T) {
	alone(t)
	p := runProgram(t, t.TempDir(), false)
	s, found := signUp(t, p), newSum()
	acted, refused := map[string]int{}, map[string]bool{}
	each := prove.Size(64, 10_000) / atOnce
	together(t, atOnce, p, s, func(w *wired) {
		w.connect(10)
		for i := range each {
			if i%9 == 8 { // an order for a device that is away
				w.line.Cut()
				w.orders("open", shortLife)
				w.connect(10)
				w.fence()
				continue
			}
			action, outcome := []string{"open", "close"}[i%2], "done"
			if i%7 == 6 {
				outcome = "refused"
			}
			key, c := newKey(), seenCommand{}
			for range 1 + i%2 { // impatient people press twice
				w.must(http.MethodPost, "/devices/"+w.device.ID+"/commands", map[string]any{"action": action}, http.StatusAccepted, &c, "Idempotency-Key", key)
			}
			packet := w.take(c.ID)
			if packet == 0 {
				continue
			}
			w.acknowledge(packet)
			w.owned(w.answer(c.ID, outcome))
			found.mu.Lock()
			if outcome == "done" {
				acted[c.ID]++
			} else {
				refused[c.ID] = true
			}
			found.mu.Unlock()
		}
	})
	rows := s.auditedCommands()
	different := 0
	for id, n := range acted {
		if n != 1 || rows[id] != 1 {
			t.Errorf("command %s: acted %d times, %d audit rows", id, n, rows[id])
			different++
		}
	}
	for id, n := range rows {
		var c told
		s.get("/commands/"+id, &c)
		if n != 1 || c.has("done") != (acted[id] == 1) {
			t.Errorf("command %s: %d audit rows, shown %s, acted %d times", id, n, c.Step, acted[id])
			different++
		}
	}
	prove.Record(t, "actuations without exactly one audit row, and the reverse", "0",
		fmt.Sprintf("%d of %d actuations and %d audited orders", different, len(acted), len(rows)))
}

// auditedCommands counts the rows of the audit trail that name each command.
func (s *staff) auditedCommands() map[string]int {
	s.t.Helper()
	rows := map[string]int{}
	for before := int64(0); ; {
		var page struct {
			Entries []struct {
				ID     int64
				Verb   string
				Detail struct{ Command string }
			}
		}
		s.get(fmt.Sprintf("/audit?limit=500&before=%d", before), &page)
		if len(page.Entries) == 0 {
			return rows
		}
		for _, e := range page.Entries {
			before = e.ID
			if e.Verb == "device.command" {
				rows[e.Detail.Command]++
			}
		}
	}
}

func TestAHundredWithTheSameKeyAreOneCommand(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	w := s.wire(p, mqtt.V311)
	w.connect(10)
	key, ids, conflicts := newKey(), make(chan string, 100), make(chan int, 100)
	var people sync.WaitGroup
	for i := range 100 {
		people.Go(func() {
			var c seenCommand
			s.must(http.MethodPost, "/devices/"+w.device.ID+"/commands", map[string]any{"action": "open", "reason": "delivery"}, http.StatusAccepted, &c, "Idempotency-Key", key)
			ids <- c.ID
			other := map[string]any{"action": "open", "reason": fmt.Sprint("other ", i)}
			code, _ := s.call(http.MethodPost, "/devices/"+w.device.ID+"/commands", other, "Idempotency-Key", key)
			conflicts <- code
		})
	}
	people.Wait()
	close(ids)
	close(conflicts)
	made := map[string]bool{}
	for id := range ids {
		made[id] = true
	}
	for code := range conflicts {
		if code != http.StatusConflict {
			t.Errorf("the same key with another body: %d", code)
		}
	}
	w.fence()
	arrived := 0
	for id := range made {
		arrived += w.seen[id]
	}
	if len(made) != 1 || arrived != 1 {
		t.Errorf("%d commands, %d arrived", len(made), arrived)
	}
	prove.Record(t, "commands made of one key, asked for 100 times at once; another body under it", "1; 409", fmt.Sprintf("%d; 409", len(made)))
}
