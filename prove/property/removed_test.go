package property

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
)

// hand is one press of somebody.
type hand struct {
	began  time.Time
	status int
	id     string
}

// presses are those of somebody who goes on whatever the answer is.
type presses struct {
	mu  sync.Mutex
	all []hand
}

func (p *presses) count(status int) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.all {
		if h.status == status {
			n++
		}
	}
	return n
}

// press opens doors in turn until it is stopped.
func (p *presses) press(t *testing.T, by *Staff, doors []*door) (stop func() int) {
	t.Helper()
	return p.pressBy(t, 100, func(i int) (int, []byte, error) {
		return by.Ask("POST", "/devices/"+doors[i%len(doors)].ID+"/commands", Body{"action": "open"}, "Idempotency-Key", fmt.Sprintf("removed-%d", i))
	})
}

// pressBy presses so many times a second at most, each time when the time before is answered, until it is stopped.
func (p *presses) pressBy(t *testing.T, perSecond int, press func(i int) (status int, answer []byte, err error)) (stop func() int) {
	t.Helper()
	return inTurn(t, perSecond, func(i int) error {
		var c struct{ ID string }
		began := time.Now()
		status, answer, err := press(i)
		if err != nil {
			return err
		}
		if status == 202 {
			if err := json.Unmarshal(answer, &c); err != nil {
				return err
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.all = append(p.all, hand{began, status, c.ID})
		return nil
	})
}

// removal is a way in which somebody loses the right to order.
type removal struct {
	name   string
	change Body
	status int  // of whatever he asks for after it
	shut   bool // his connections end, and he cannot sign in again
}

// Whoever is removed orders nothing from that moment. What he ordered before is told
// to its end as what it was; what was not sent yet is taken back, and no device acts
// on it. A schedule that he made belongs to the site, not to him: it stays, it runs
// under its own name, and the audit trail says who made it.
func TestSomebodyWhoIsShutOutOrdersNothingMore(t *testing.T) {
	t.Parallel()
	remove(t, removal{name: "is shut out", change: Body{"disabled": true}, status: 401, shut: true})
}

func TestSomebodyWhoLosesTheRightToOrderOrdersNothingMore(t *testing.T) {
	t.Parallel()
	remove(t, removal{name: "loses the right by another role", change: Body{"role": "auditor"}, status: 403})
}

// manager is somebody with an account of his own, and his browser.
func (h *House) manager() (by *Staff, id, password string) {
	h.t.Helper()
	password = "seven small boats upstream"
	id = h.Person("li.wei", "manager", password)
	return h.SignInAs("li.wei", password), id, password
}

// remove removes somebody who presses all the time, and looks at everything of his.
func remove(t *testing.T, r removal) {
	t.Helper()
	h := open(t, Options{})
	site := h.Site("East")
	zone := h.Zone(site, "Garage")
	doors := h.doors(t, zone, prove.Size(10, 100))
	waits := h.deaf(t, zone)
	by, who, password := h.manager()
	feed, unused := h.console(t, by), by.ticket()
	schedule := by.made("/schedules", Body{"device": doors[0].ID, "name": "Morning", "cron": "30 7 1 1 *", "action": "open"})
	var p presses
	stop := p.press(t, by, doors)
	prove.Eventually(t, "he opens doors", func() bool { return p.count(202) > 20 })
	pending := h.leavePending(t, by, waits)

	// He is removed while an order to many is under way, of which a part waits.
	var batch struct{ ID string }
	by.Must("POST", "/batches", Body{"site": site, "action": "open", "reason": "fair", "ttlMs": 30_000}, 202, &batch, "Idempotency-Key", "the-fair-of-today")
	asked := time.Now()
	h.Must("PATCH", "/people/"+who, r.change, 200, nil)
	removed := time.Now()
	prove.Eventually(t, "he presses in vain", func() bool { return time.Since(removed) > 1500*time.Millisecond && p.count(r.status) > 50 })
	stop()
	waits.wake(t)

	told := h.truthOf(t, doors, waits, append(append(p.ids(), pending...), h.members(batch.ID)...))
	after := p.after(t, removed, r.status) + h.actedAfter(doors, waits, removed.Add(time.Second))
	if after > 0 {
		t.Errorf("%d orders were taken or acted on after he was removed", after)
	}
	cut := r.connections(t, h, feed, unused, password, doors[0])
	h.staysOfTheSite(t, schedule, who)
	h.Healthy()
	measured := fmt.Sprintf("%d; his commands before: %v; %d requests refused", after, told, p.count(r.status))
	if r.shut {
		took := cut.Sub(asked)
		measured += fmt.Sprintf("; his feed was cut after %s", took.Round(time.Millisecond))
		if prove.Full() && took > time.Second {
			t.Errorf("his feed was cut after %s", took)
		}
	}
	prove.Record(t, "somebody who "+r.name+", with orders pending and one to many under way: orders taken later, or acted on later than 1 s after",
		"0; each command before ends as what it was; his feed is cut within 1 s if he is shut out", measured)
}

func (p *presses) ids() (ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.all {
		if h.id != "" {
			ids = append(ids, h.id)
		}
	}
	return ids
}

// after counts the presses that were begun after a moment and not refused as they
// must be.
func (p *presses) after(t *testing.T, removed time.Time, status int) (taken int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.all {
		if h.began.After(removed) && h.status != status {
			t.Errorf("a press %s after he was removed was answered %d", h.began.Sub(removed), h.status)
			taken++
		}
	}
	return taken
}

// actedAfter counts what gates were sent after a moment.
func (h *House) actedAfter(doors []*door, waits *deaf, moment time.Time) (n int) {
	for _, d := range doors {
		d.mu.Lock()
		for _, at := range d.acted {
			if at.After(moment) {
				n++
			}
		}
		d.mu.Unlock()
	}
	waits.mu.Lock()
	defer waits.mu.Unlock()
	for _, at := range waits.at {
		if at.After(moment) {
			n++
		}
	}
	return n
}

// members are the commands of an order to many.
func (h *House) members(batch string) (ids []string) {
	h.t.Helper()
	var b struct {
		Members []struct{ Command *struct{ ID string } }
	}
	h.Get("/batches/"+batch, &b)
	for _, m := range b.Members {
		if m.Command != nil {
			ids = append(ids, m.Command.ID)
		}
	}
	return ids
}

// truthOf compares how commands ended with what the gates did, and counts the ends.
func (h *House) truthOf(t *testing.T, doors []*door, waits *deaf, ids []string) (ends map[string]int) {
	t.Helper()
	acted := map[string]bool{}
	for _, id := range waits.heard() {
		acted[id] = true
	}
	for _, d := range doors {
		d.mu.Lock()
		for id := range d.acted {
			acted[id] = true
		}
		d.mu.Unlock()
	}
	all, entries := h.recorded(t, ids)
	ends = map[string]int{}
	for _, o := range all {
		ends[o.Step]++
		if want := map[bool]string{true: "confirmed", false: "cancelled"}[acted[o.ID]]; o.Step != want || entries[o.ID] != 1 {
			t.Errorf("a gate acted: %v; the command is shown %s, with %d audit entries: %+v", acted[o.ID], o.Step, entries[o.ID], o.Rungs)
		}
	}
	return ends
}

// connections looks at what is left of his: nothing of somebody who is shut out, and
// the feed of somebody who may still see.
func (r removal) connections(t *testing.T, h *House, feed *watcher, unused ticket, password string, d *door) (ended time.Time) {
	t.Helper()
	if !r.shut {
		o, _, err := h.press(d, "close", "by-the-administrator")
		if err != nil {
			t.Fatal(err)
		}
		prove.Eventually(t, "he still sees", func() bool { return !feed.confirmedAt(o.ID).IsZero() })
		return time.Time{}
	}
	ended = feed.endedAt()
	if c, err := unused.connect(h.MQTT()); err == nil {
		c.Cut()
		t.Error("a ticket of before let him in")
	}
	status, answer, err := newStaff(t, h.api).Ask("POST", "/session", Body{"name": "li.wei", "password": password})
	if err != nil || status != 401 {
		t.Errorf("he signs in: %d %s %v", status, answer, err)
	}
	return ended
}

// staysOfTheSite looks for a schedule and who made it.
func (h *House) staysOfTheSite(t *testing.T, schedule, who string) {
	t.Helper()
	var list struct{ Schedules []struct{ ID string } }
	h.Get("/schedules", &list)
	if len(list.Schedules) != 1 || list.Schedules[0].ID != schedule {
		t.Errorf("the schedules are %+v", list.Schedules)
	}
	made := false
	h.audit(func(e seenEntry) {
		made = made || e.Verb == "schedule.create" && e.Object == "schedule:"+schedule && e.Actor.ID == who
	})
	if !made {
		t.Error("the audit trail does not say who made the schedule")
	}
}
