package property

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// worker is somebody with an account of their own, who watches the feed in a browser
// and opens doors all the time.
type worker struct {
	*Staff
	h           *House
	id, name    string
	word, first string // their password, and one that somebody gave them instead
}

// worker makes the account.
func (h *House) worker(name string) *worker {
	h.t.Helper()
	const word = "seven small boats upstream"
	return &worker{h: h, id: h.Person(name, "manager", word), name: name, word: word}
}

// taking is a way in which an administrator takes something from a worker.
type taking struct {
	name   string
	status int             // of what they ask for from then on
	give   func(w *worker) // has them have it, again and again
	take   func(w *worker)
}

func (w *worker) change(b Body) { w.h.t.Helper(); w.h.Must("PATCH", "/people/"+w.id, b, 200, nil) }

// takings are all of them; what is limited to a part of the property loses the site of the door.
func takings(h *House, west, role string) []taking {
	elsewhere, always := []string{west}, []Body{}
	later := []Body{{"days": []string{strings.ToLower(time.Now().AddDate(0, 0, 3).Weekday().String())}, "from": "11:00", "to": "12:00"}}
	scope := func(sites []string, hours []Body) func(*worker) {
		return func(w *worker) {
			w.change(Body{"scope": Body{"sites": sites, "zones": []string{}, "hours": hours}})
		}
	}
	everywhere := scope([]string{}, always)
	may := func(verbs ...string) func(*worker) {
		return func(w *worker) {
			h.Must("PUT", "/roles/"+role, Body{"name": "Door staff", "verbs": verbs}, 200, nil)
			w.change(Body{"role": role})
		}
	}
	shut := func(is bool) func(*worker) { return func(w *worker) { w.change(Body{"disabled": is}) } }
	return []taking{
		{"the site", 404, everywhere, scope(elsewhere, always)},
		{"the hours", 403, everywhere, scope([]string{}, later)},
		{"a right of their role", 403, may("devices.see", "devices.command"), may("ledger.see")},
		{"their role", 403, func(w *worker) { w.change(Body{"role": "manager"}) }, may("ledger.see")},
		{"their sessions", 401, func(*worker) {}, (*worker).endSessions},
		{"their password", 401, (*worker).ownAgain, (*worker).reset},
		{"the account", 401, shut(false), shut(true)},
	}
}

// reset gives them a first password instead of their own.
func (w *worker) reset() {
	w.h.t.Helper()
	var made struct{ Password string }
	w.h.Must("POST", "/people/"+w.id+"/password", nil, 200, &made)
	w.first = made.Password
}

// ownAgain replaces the first password, if they were given one, by another of their own.
func (w *worker) ownAgain() {
	w.h.t.Helper()
	if w.first != "" {
		w.word = fmt.Sprintf("seven small boats upstream, %d", time.Now().UnixNano())
		w.h.Own(w.name, w.first, w.word)
	}
}

// endSessions signs them out everywhere.
func (w *worker) endSessions() {
	w.h.t.Helper()
	var list struct{ Sessions []struct{ ID string } }
	w.h.Get("/people/"+w.id+"/sessions", &list)
	for _, s := range list.Sessions {
		w.h.Must("DELETE", "/people/"+w.id+"/sessions/"+s.ID, nil, 204, nil)
	}
}

// Whatever of their rights is taken from somebody ends their feed, over a WebSocket
// as consoles have it, and their orders, whether or not they ask for anything.
func TestWhatIsTakenFromSomebodyIsGoneAtOnceInTheirFeedAndOrders(t *testing.T) {
	t.Parallel()
	h := open(t, Options{})
	d := h.doors(t, h.Zone(h.Site("East"), "Garage"), 1)[0]
	west := h.Site("West")
	role := h.made("/roles", Body{"name": "Door staff", "verbs": []string{"ledger.see"}})
	rounds := prove.Size(1, 50)
	for i, x := range takings(h, west, role) {
		w, slowest, late := h.worker(fmt.Sprintf("worker.%d", i)), time.Duration(0), 0
		for range rounds {
			h.Prove()
			x.give(w)
			w.Staff = h.SignInAs(w.name, w.word)
			cut, after := x.round(t, w, d)
			slowest, late = max(slowest, cut), late+after
		}
		prove.Record(t, "what an administrator takes from somebody is gone in their feed (WebSocket) and their orders: "+x.name, "feed cut within 1 s, 0 orders taken after the answer",
			fmt.Sprintf("%d times: cut within %s, %d orders taken after", rounds, slowest.Round(100*time.Microsecond), late))
		if prove.Full() && slowest > time.Second {
			t.Errorf("%s: the feed was cut after %s, want 1 s", x.name, slowest)
		}
	}
	h.Healthy()
}

// round takes it once, while they press: how long their feed went on since the administrator asked,
// and how many of their orders were taken that they began after the answer.
func (x taking) round(t *testing.T, w *worker, d *door) (cut time.Duration, late int) {
	t.Helper()
	feed := w.h.browser(t, w.Staff)
	prove.Eventually(t, "they see the door", func() bool { return feed.last(d.ID).Link.Status == "online" })
	var p presses
	stop := p.pressBy(t, 1000, func(int) (int, []byte, error) {
		return w.Ask("POST", "/devices/"+d.ID+"/commands", Body{"action": "open"}, "Idempotency-Key", fmt.Sprint(w.id, time.Now().UnixNano()))
	})
	prove.Eventually(t, "they open", func() bool { return p.count(202) > 2 })
	asked := time.Now()
	x.take(w)
	returned := time.Now()
	ended := feed.endedAt()
	prove.Eventually(t, "they press in vain", func() bool { return p.count(x.status) > 5 })
	stop()
	return ended.Sub(asked), p.after(t, returned, x.status)
}

// A foreign program that is shut out reads nothing more, and does not come back.
func TestAProgramThatIsShutOutReadsNothingMore(t *testing.T) {
	t.Parallel()
	h := open(t, Options{})
	site := h.Site("East")
	d := h.doors(t, h.Zone(site, "Garage"), 1)[0]
	n, slowest, let := prove.Size(2, 100), time.Duration(0), 0
	for range n {
		r := h.reader(site)
		feed := h.watch(t, r, site)
		prove.Eventually(t, "it sees the door", func() bool { return feed.last(d.ID).Link.Status == "online" })
		asked := time.Now()
		h.Must("DELETE", "/integrators/"+r.Username, nil, 204, nil)
		if c, err := mqtt.Dial(h.MQTT(), mqtt.Options{Timeout: served.Patience, Connect: mqtt.Connect{Version: mqtt.V5, ClientID: "again", User: r.Username, Password: r.Password}}); err == nil {
			c.Cut()
			let++
			t.Error("it comes back")
		}
		slowest = max(slowest, feed.endedAt().Sub(asked))
	}
	prove.Record(t, "a foreign program whose access is ended: its feed over the broker", "cut within 1 s, 0 let in again", fmt.Sprintf("%d times: cut within %s, %d let in", n, slowest.Round(100*time.Microsecond), let))
	if prove.Full() && slowest > time.Second {
		t.Errorf("its feed was cut after %s, want 1 s", slowest)
	}
	h.Healthy()
}
