package durability

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// world is what a broker owes its clients: the model that survivors are compared
// with.
type world struct {
	sessions map[string]*memory
	retained map[string]string // payload by topic
}

// memory is what is owed to one persistent client.
type memory struct {
	sure    bool            // something was acknowledged since the session was made
	filters map[string]byte // subscription options
	queue   []letter
	took    []letter // QoS 1, since the last crash: it may bring them again
	repeats []letter // of the last crash
}

type letter struct {
	payload string
	qos     byte
	retain  bool
}

// String shortens the payload, which begins with its number.
func (l letter) String() string {
	name, _, _ := strings.Cut(l.payload, " ")
	return fmt.Sprintf("%s/%d/%v", name, l.qos, l.retain)
}

func newWorld() *world { return &world{map[string]*memory{}, map[string]string{}} }

func (w *world) clone() *world {
	c := &world{map[string]*memory{}, maps.Clone(w.retained)}
	for name, m := range w.sessions {
		c.sessions[name] = &memory{m.sure, maps.Clone(m.filters), slices.Clone(m.queue), slices.Clone(m.took), slices.Clone(m.repeats)}
	}
	return c
}

// session is that of the client; a connection makes it.
func (w *world) session(name string) *memory {
	if w.sessions[name] == nil {
		w.sessions[name] = &memory{filters: map[string]byte{}}
	}
	return w.sessions[name]
}

// settled says that something was stored after all that was done so far.
func (w *world) settled() {
	for _, m := range w.sessions {
		m.sure = true
	}
}

// The bits of subscription options.
const (
	noLocal           = 0x04
	retainAsPublished = 0x08
	sendNoRetained    = 0x20 // retain handling 2
)

// publish queues a message for everybody who is owed it.
func (w *world) publish(from, topic string, l letter) {
	if l.retain {
		w.retained[topic] = l.payload
		if l.payload == "" {
			delete(w.retained, topic)
		}
	}
	for name, m := range w.sessions {
		for filter, options := range m.filters {
			if !matches(filter, topic) || options&noLocal != 0 && from == name {
				continue
			}
			if qos := min(l.qos, options&3); qos > 0 { // QoS 0 does not wait
				m.queue = append(m.queue, letter{l.payload, qos, l.retain && options&retainAsPublished != 0})
			}
		}
	}
}

// matches knows only what the test uses: no filter, or + at the end.
func matches(filter, topic string) bool {
	prefix, plus := strings.CutSuffix(filter, "+")
	return filter == topic || plus && strings.HasPrefix(topic, prefix)
}

// take compares what came with what is owed, in order. A crash may repeat what
// was acknowledged at QoS 1 before it, once. All says that no more came.
func (m *memory) take(came []letter, all bool) error {
	for _, l := range came {
		i := slices.Index(m.repeats, l)
		switch {
		case len(m.queue) > 0 && m.queue[0] == l:
			m.queue = m.queue[1:]
		case i >= 0:
			m.repeats = slices.Delete(m.repeats, i, i+1)
		default:
			return fmt.Errorf("%v came, owed is %v", l, m.queue[:min(len(m.queue), 3)])
		}
		if l.qos == 1 {
			m.took = append(m.took, l)
		}
	}
	if all && len(m.queue) > 0 {
		return fmt.Errorf("%d messages did not come: %v", len(m.queue), m.queue)
	}
	return nil
}

// crash notes that the broker is gone.
func (w *world) crash() {
	for _, m := range w.sessions {
		m.repeats = append(m.repeats, m.took...)
		m.took = nil
	}
}
