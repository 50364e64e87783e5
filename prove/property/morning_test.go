package property

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// layerReader is a foreign program that reads the layers of a site from the feed.
type layerReader struct {
	line *mqtt.Conn
	over sync.WaitGroup

	mu   sync.Mutex
	last map[string]toldLayer // by device
	sets map[string]int       // how often one was told as set that was not
}

type toldLayer struct {
	Layer, Mode string
	Set         bool
	By          struct{ Name string }
	Scope       struct{ ID string }
	at          time.Time
}

func (h *House) readLayers(t *testing.T, r reader, site string) *layerReader {
	t.Helper()
	c, err := mqtt.Dial(h.MQTT(), mqtt.Options{Timeout: served.Patience, ReadBuffer: 1 << 16, Connect: mqtt.Connect{
		Version: mqtt.V5, ClientID: "layers", User: r.Username, Password: r.Password,
	}})
	if err != nil {
		t.Fatal(err)
	}
	c.Subscribe(1, 1, "gatehouse/v1/feed/"+site+"/+/layer/#")
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	l := &layerReader{line: c, last: map[string]toldLayer{}, sets: map[string]int{}}
	l.over.Go(l.read)
	t.Cleanup(func() { l.line.Cut(); l.over.Wait() })
	return l
}

func (l *layerReader) read() {
	for {
		p, err := l.line.Read()
		if err != nil {
			return
		}
		if p.Type != mqtt.PUBLISH {
			continue
		}
		var m toldLayer
		if json.Unmarshal(p.Publish.Payload, &m) == nil { // what is cleared is empty
			m.at = time.Now()
			l.mu.Lock()
			if m.Set && !l.last[m.Scope.ID].Set {
				l.sets[m.Scope.ID]++
			}
			l.last[m.Scope.ID] = m
			l.mu.Unlock()
		}
		if p.Publish.QoS == 1 {
			l.line.Ack(mqtt.PUBACK, p.ID)
		}
		if !l.line.Buffered() {
			_ = l.line.Flush() // Read says if it has ended
		}
	}
}

// are counts the devices of which a schedule layer was told last as set, or as released.
func (l *layerReader) are(set bool) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.last {
		if m.Layer == "schedule" && m.Set == set {
			n++
		}
	}
	return n
}

// Thousands of openings follow one timetable: all are told in time, each has a result that says
// that it took the mode, and a foreign program reads beginning and end from the feed.
func TestManyOpeningsAreSwitchedInTimeAndTheFeedTellsBeginningAndEnd(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	n := prove.Size(20, 2000)
	h, clock := openForMorning(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server said: %s", tail(h.Server().Stderr.String()))
		}
	})
	site := h.Site("East")
	h.Zone(site, "Garage")
	r, all := h.reader(site), h.enrol(t, "East", "Garage", n)
	h.Simulate(all, h.MQTT, 20)
	w, layers := h.watch(t, r, site), h.readLayers(t, r, site)
	prove.Eventually(t, "all devices are online", func() bool { return w.online() == n })
	due := clock.now().Add(10 * time.Second).Truncate(time.Minute).Add(time.Minute)
	id := h.morning(site, due)
	clock.until(due)
	prove.Eventually(t, "the feed tells that all are held", func() bool { return layers.are(true) == n })
	clock.until(due.Add(time.Minute))
	results := h.checkedResults(t, id, due)
	for _, x := range results {
		if x.Effect != "set" || x.Check != "reached" {
			t.Errorf("%s is %s, %s %s", x.Device, x.Effect, x.Check, x.Found)
		}
	}
	if len(results) != n {
		t.Errorf("%d openings have %d results", n, len(results))
	}
	measured := h.howLate(t, results, due)
	clock.until(due.Add(2 * time.Minute))
	prove.Eventually(t, "the feed tells that all are released", func() bool { return layers.are(false) == n })
	layers.mu.Lock()
	defer layers.mu.Unlock()
	for d, sets := range layers.sets {
		if sets != 1 {
			t.Errorf("%s was held %d times", d, sets)
		}
	}
	h.Healthy()
	prove.Record(t, "2,000 openings are switched together: mode commands sent after the due time, results, and what the feed tells",
		"within 5 s, all", fmt.Sprintf("%d openings: %s, %d results, all reached; each told once as held and once as released", n, measured, len(results)))
}

// openForMorning is the release binary; everyday's test does not wait for whole minutes.
func openForMorning(t *testing.T) (*House, fastClock) {
	t.Helper()
	now := time.Now()
	if prove.Full() {
		return open(t, Options{}), fastClock{since: now, shown: now, multiple: 1}
	}
	c := fastClock{since: now, shown: now.Truncate(24 * time.Hour).Add(24 * time.Hour), multiple: 5}
	return openFast(t, c), c
}

// until waits for the clock.
func (c fastClock) until(at time.Time) {
	<-time.After(at.Sub(c.now()) / time.Duration(c.multiple)) // what is due comes by itself
}

// morning makes a timetable that holds a whole site open for two minutes, every day, and looks
// afterwards whether it is.
func (h *House) morning(site string, due time.Time) string {
	h.t.Helper()
	at := due.In(time.FixedZone("Shanghai", 8*60*60))
	periods, week := []Body{{"from": at.Format("15:04"), "to": at.Add(2 * time.Minute).Format("15:04"), "mode": "held_open"}}, Body{}
	for _, column := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "make_up", "rest", "holiday"} {
		week[column] = periods
	}
	return h.made("/timetables", Body{"name": "Morning", "targets": []Body{{"site": site}}, "week": week, "checkMinutes": 1})
}

type seenResult struct{ Device, Effect, Check, Found, Command string }

// checkedResults are those of a run, once its openings were looked at.
func (h *House) checkedResults(t *testing.T, id string, due time.Time) []seenResult {
	t.Helper()
	prove.Eventually(t, "the openings were looked at", func() bool {
		var list struct {
			Runs []struct {
				Due     time.Time
				Checked *time.Time
			}
		}
		h.Get("/timetables/runs?limit=5&timetable="+id, &list)
		for _, run := range list.Runs {
			if run.Due.Equal(due) && run.Checked != nil {
				return true
			}
		}
		return false
	})
	var list struct{ Results []seenResult }
	h.Get("/timetables/"+id+"/results?due="+due.UTC().Format(time.RFC3339), &list)
	return list.Results
}

// howLate is how long after a due time the mode commands of results were sent. With a fast clock
// they are not known: orders go by the machine's.
func (h *House) howLate(t *testing.T, results []seenResult, due time.Time) string {
	t.Helper()
	if !prove.Full() {
		return "not measured at this size"
	}
	last := time.Duration(0)
	for _, x := range results {
		if x.Command == "" {
			t.Errorf("%s has no command", x.Device)
			continue
		}
		for _, rung := range h.command(x.Command).Rungs {
			if rung.Step == "sent" {
				last = max(last, rung.At.Sub(due))
			}
		}
	}
	if last > 5*time.Second || last <= 0 {
		t.Errorf("the last one was sent %s after its time", last)
	}
	return "the last one sent after " + last.Round(time.Millisecond).String()
}
