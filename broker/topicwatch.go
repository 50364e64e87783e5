package broker

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// How much a watch keeps, whatever is published: topics, and bytes of their names.
// Of what is retained when it begins half as many topics: the others are for what is
// published.
const (
	maxWatchedTopics = 10_000
	maxWatchedBytes  = 4 << 20
)

// ErrWatched is the error of WatchTopics while a watch runs.
var ErrWatched = errors.New("broker: the topics are watched already")

// TopicWatch notes which topics messages come on, until it is stopped. While there
// is none a message costs nothing for it.
type TopicWatch struct {
	b     *Broker
	began time.Time

	mu       sync.Mutex // a leaf
	place    map[string]int
	seen     []TopicSeen
	bytes    int    // of the names in seen
	others   uint64 // messages on topics that are not kept
	unlisted bool   // some retained messages are of topics that are not kept
}

// TopicsSeen is what a watch knows.
type TopicsSeen struct {
	Topics []TopicSeen   // that fit, in no order
	Passed time.Duration // since the watch began
	Known  int           // topics, whether they fit or not
	Others uint64        // messages on topics that are not kept: there were too many
	// Unlisted is true if messages were retained on topics that are not kept.
	Unlisted bool
}

// TopicSeen is what a watch knows of a topic.
type TopicSeen struct {
	Topic string
	// Messages that were taken in since the watch began. One that was refused is none.
	Messages uint64
	Last     time.Time  // when the last of them came; zero: there was none
	Size     int        // bytes of its payload; without one, of what is retained
	QoS      packet.QoS // of its publisher
	From     ClientID   // who published it; empty: the program
	Retained bool       // the broker keeps a message of the topic
}

// WatchTopics begins to note topics, with those of the retained messages.
func (b *Broker) WatchTopics(ctx context.Context) (*TopicWatch, error) {
	w, err := b.watch()
	if err != nil {
		return nil, err
	}
	for _, filter := range []string{"#", "$SYS/#"} {
		for cursor, more := b.retained.names.Find(filter), true; more && w.hasHalf(); runtime.Gosched() {
			if err := ctx.Err(); err != nil {
				w.Stop()
				return nil, err
			}
			if more = w.glean(cursor); more && !w.hasHalf() {
				w.leaveOut()
			}
		}
	}
	return w, nil
}

func (b *Broker) watch() (*TopicWatch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watched != nil {
		return nil, ErrWatched
	}
	b.watched = &TopicWatch{b: b, began: b.now(), place: make(map[string]int)}
	b.observe()
	return b.watched, nil
}

// Stop ends the watch, and forgets what it saw.
func (w *TopicWatch) Stop() {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	if w.b.watched == w {
		w.b.watched = nil
		w.b.observe()
	}
}

// Began is when the watch began to count.
func (w *TopicWatch) Began() time.Time { return w.began }

// observe notes whether anybody wants to know what happens to messages. The lock is
// held.
func (b *Broker) observe() { b.observed = len(b.traces) > 0 || b.watched != nil }

// glean adds some of the retained messages.
func (w *TopicWatch) glean(c *topic.Cursor[*message]) (more bool) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	return c.Next(retainedStep, func(_ string, m *message) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if s := w.of(m.topic); s != nil && s.Messages == 0 {
			s.Size, s.QoS, s.From = len(m.payload), m.qos, m.from.name()
		}
	})
}

func (w *TopicWatch) hasHalf() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen) < maxWatchedTopics/2 && w.bytes < maxWatchedBytes/2
}

func (w *TopicWatch) leaveOut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlisted = true
}

// note counts a message that was taken in.
func (w *TopicWatch) note(m *message, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.of(m.topic)
	if s == nil {
		w.others++
		return
	}
	s.Messages++
	s.Last, s.Size, s.QoS, s.From = at, len(m.payload), m.qos, m.from.name()
}

// of is what is known of a topic; nil if it is one too many. The lock is held.
func (w *TopicWatch) of(name string) *TopicSeen {
	if i, known := w.place[name]; known {
		return &w.seen[i]
	}
	if len(w.seen) >= maxWatchedTopics || w.bytes+len(name) > maxWatchedBytes {
		return nil
	}
	name = strings.Clone(name) // it may be a part of something large
	w.place[name] = len(w.seen)
	w.seen = append(w.seen, TopicSeen{Topic: name})
	w.bytes += len(name)
	return &w.seen[len(w.seen)-1]
}

// Topics gives what is known of the topics that fit. A topic on which nothing came,
// and nothing is retained any more, is left out. The broker works on meanwhile.
func (w *TopicWatch) Topics(ctx context.Context, fits func(topic string) bool) (TopicsSeen, error) {
	view, list := w.copied(fits)
	const step = 500 // a quarter of a millisecond
	for begin := 0; begin < len(list); begin += step {
		if err := ctx.Err(); err != nil {
			return TopicsSeen{}, err
		}
		w.lookUp(list[begin:min(begin+step, len(list))])
		runtime.Gosched()
	}
	view.Topics = slices.DeleteFunc(list, func(s TopicSeen) bool { return !s.Retained && s.Messages == 0 })
	return view, nil
}

func (w *TopicWatch) copied(fits func(topic string) bool) (view TopicsSeen, list []TopicSeen) {
	w.mu.Lock()
	list = slices.Clone(w.seen)
	view = TopicsSeen{Passed: w.b.now().Sub(w.began), Known: len(list), Others: w.others, Unlisted: w.unlisted}
	w.mu.Unlock()
	return view, slices.DeleteFunc(list, func(s TopicSeen) bool { return !fits(s.Topic) })
}

// lookUp says of topics whether something is retained there.
func (w *TopicWatch) lookUp(list []TopicSeen) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	for i := range list {
		m, ok := w.b.retained.names.Get(list[i].Topic)
		list[i].Retained = ok && !m.expired(w.b.now)
	}
}

// Subscriptions is how many subscriptions match a topic, those of absent clients and
// those that the program attached too. Each member of a group that shares one counts, and so does
// the handler of the topic.
func (b *Broker) Subscriptions(name string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := func(*session, *subscription) { n++ }
	b.routes.Match(name, one)
	b.local.Match(name, one)
	b.attached.Match(name, func(*session, packet.QoS) { n++ })
	b.shared.Match(name, func(g *group, _ struct{}) { n += len(g.members) })
	if b.handlerFor(name) != nil {
		n++
	}
	return n
}
