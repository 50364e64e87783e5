package property

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// told is one message of the feed about a device.
type told struct {
	At   time.Time // when it was here
	Link struct {
		Status, Cause string
		Flapping      bool
	}
	Revision int64
}

// watcher is a foreign program that reads the feed of a site.
type watcher struct {
	line *mqtt.Conn
	over sync.WaitGroup

	mu   sync.Mutex
	said map[string][]told // by device
	all  []time.Time       // when the first message of each device came
	back int               // revisions that were not newer than the one before

	confirmed map[string]time.Time // when it was here that a command is confirmed, by its id
	ended     time.Time            // when the line had ended
}

// reader is how a foreign program is let in.
type reader struct{ Username, Password string }

// Reader makes an account for programs that read the feed of a site.
func (h *House) reader(site string) (r reader) {
	h.t.Helper()
	h.Prove() // what came before may have taken long
	h.Must("POST", "/integrators", Body{"name": "watcher", "sites": []string{site}}, 201, &r)
	return r
}

// watch reads the feed until the test ends, or its line does.
func (h *House) watch(t *testing.T, r reader, site string) *watcher {
	t.Helper()
	c, err := mqtt.Dial(h.MQTT(), mqtt.Options{Timeout: served.Patience, ReadBuffer: 1 << 16, Connect: mqtt.Connect{
		Version: mqtt.V5, ClientID: fmt.Sprintf("watcher-%d", time.Now().UnixNano()), User: r.Username, Password: r.Password,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return watching(t, c, "gatehouse/v1/feed/"+site+"/#")
}

// watching is a watcher on a connection, which subscribes.
func watching(t *testing.T, c *mqtt.Conn, filters ...string) *watcher {
	t.Helper()
	c.Subscribe(1, 1, filters...)
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	w := &watcher{line: c, said: map[string][]told{}, confirmed: map[string]time.Time{}}
	w.over.Go(w.read)
	t.Cleanup(w.end)
	return w
}

func (w *watcher) end() {
	w.line.Cut()
	w.over.Wait()
}

func (w *watcher) read() {
	for {
		p, err := w.line.Read()
		if err != nil {
			w.mu.Lock()
			w.ended = time.Now()
			w.mu.Unlock()
			return
		}
		if p.Type != mqtt.PUBLISH {
			continue
		}
		if topic := strings.Split(string(p.Publish.Topic), "/"); len(topic) == 7 && topic[5] == "device" && len(p.Publish.Payload) > 0 {
			w.note(topic[6], p.Publish.Payload)
		} else if len(topic) == 7 && topic[5] == "command" && bytes.Contains(p.Publish.Payload, []byte(`"step":"confirmed"`)) {
			w.noteConfirmed(topic[6])
		}
		if p.Publish.QoS == 1 {
			w.line.Ack(mqtt.PUBACK, p.ID)
		}
		if !w.line.Buffered() { // also behind a message that is not acknowledged: the broker waits for those before it
			_ = w.line.Flush() // Read says if it has ended
		}
	}
}

func (w *watcher) note(id string, payload []byte) {
	m := told{At: time.Now()}
	_ = json.Unmarshal(payload, &m) // one that cannot be read has no status, and fails what waits for it
	w.mu.Lock()
	defer w.mu.Unlock()
	if had := w.said[id]; len(had) == 0 {
		w.all = append(w.all, m.At)
	} else if m.Revision <= had[len(had)-1].Revision {
		w.back++
	}
	w.said[id] = append(w.said[id], m)
}

// noteConfirmed notes that a command is shown as confirmed: only a rung and the
// command itself have a step.
func (w *watcher) noteConfirmed(id string) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, again := w.confirmed[id]; !again {
		w.confirmed[id] = now
	}
}

// confirmedAt is when it was here that a command is confirmed; zero: not yet.
func (w *watcher) confirmedAt(id string) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.confirmed[id]
}

// endedAt waits until the line has ended, and is when it had.
func (w *watcher) endedAt() time.Time {
	w.over.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
}

// last is what was said of a device last.
func (w *watcher) last(id string) told {
	w.mu.Lock()
	defer w.mu.Unlock()
	if had := w.said[id]; len(had) > 0 {
		return had[len(had)-1]
	}
	return told{}
}

// first is when a device had a status for the first time after a moment; zero: not yet.
func (w *watcher) first(id, status string, after time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.said[id] {
		if m.Link.Status == status && m.At.After(after) {
			return m.At
		}
	}
	return time.Time{}
}

// online is how many devices are online, by what was said of each last.
func (w *watcher) online() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, had := range w.said {
		if had[len(had)-1].Link.Status == "online" {
			n++
		}
	}
	return n
}

// devices is how many devices were told of, and when the last of them was, at first.
func (w *watcher) devices() (int, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.all) == 0 {
		return 0, time.Time{}
	}
	return len(w.all), w.all[len(w.all)-1]
}
