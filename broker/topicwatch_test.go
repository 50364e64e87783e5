package broker

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gatehouse/broker/packet"
)

func (h *house) watchTopics() *TopicWatch {
	h.t.Helper()
	w, err := h.b.WatchTopics(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(w.Stop)
	return w
}

// topics gives what a watch knows, by topic.
func (h *house) topics(w *TopicWatch) (known map[string]TopicSeen, others uint64) {
	h.t.Helper()
	view, err := w.Topics(h.t.Context(), func(string) bool { return true })
	if err != nil {
		h.t.Fatal(err)
	}
	known = make(map[string]TopicSeen)
	for _, s := range view.Topics {
		known[s.Topic] = s
	}
	return known, view.Others
}

func TestAWatchShowsWhatIsPublishedAndWhatIsRetained(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.rules.of("c").noPublish = []string{"no"}
		c := h.over(v, "c")
		c.send(retainedPub("kept/before", "1234", 1, 1), retainedPub("kept/cleared", "1", 1, 2))
		expect[*packet.Ack](c)
		expect[*packet.Ack](c)
		w := h.watchTopics()
		c.send(pub("live", "12", 1, 3), pub("live", "123", 1, 4), pub("no", "1", 1, 5), retainedPub("kept/cleared", "", 1, 6))
		for range 4 {
			expect[*packet.Ack](c)
		}
		h.say("said", "", 0)
		known, others := h.topics(w)
		live := known["live"]
		if live.Messages != 2 || live.Size != 3 || live.QoS != 1 || live.From != "c" || live.Retained || live.Last.Before(w.Began()) {
			t.Errorf("%+v", live)
		}
		if before := known["kept/before"]; before.Messages != 0 || before.Size != 4 || before.QoS != 1 || before.From != "c" || !before.Retained || !before.Last.IsZero() {
			t.Errorf("%+v", before)
		}
		if cleared := known["kept/cleared"]; cleared.Messages != 1 || cleared.Retained {
			t.Errorf("%+v", cleared)
		}
		if said := known["said"]; said.Messages != 1 || said.From != "" {
			t.Errorf("%+v", said)
		}
		if len(known) != 4 || others != 0 {
			t.Errorf("%v, and %d others", known, others)
		}
	})
}

func TestAWatchShowsMessagesWithAReceiverOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	w := h.watchTopics()
	h.mustSend("c", Message{Topic: "letter", Payload: []byte("12")})
	c.message("letter", "12")
	if known, _ := h.topics(w); known["letter"].Messages != 1 || known["letter"].Size != 2 {
		t.Errorf("%v", known)
	}
}

func TestWhatIsRetainedNoMoreAndWasNotPublishedIsNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	c.retains("t")
	w := h.watchTopics()
	h.b.Forget("c")
	if known, _ := h.topics(w); len(known) != 0 {
		t.Errorf("%v", known)
	}
}

func TestOneWatchRunsAndTheNextBeginsAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	w := h.watchTopics()
	h.say("t", "m", 0)
	if _, err := h.b.WatchTopics(t.Context()); !errors.Is(err, ErrWatched) {
		t.Errorf("a second one: %v", err)
	}
	r := h.trace(TraceQuery{Filter: "t"})
	w.Stop()
	h.say("t", "m", 0)
	if known, _ := h.topics(w); known["t"].Messages != 1 {
		t.Errorf("it goes on: %v", known)
	}
	if events, _ := r.Events(); len(events) != 2 {
		t.Errorf("a trace beside it: %v", events)
	}
	r.Stop()
	w.Stop()
	if h.b.observed {
		t.Error("nobody looks, and messages are shown")
	}
	next := h.watchTopics()
	if known, _ := h.topics(next); len(known) != 0 {
		t.Errorf("the next one has %v", known)
	}
}

func TestAWatchKeepsSoManyTopicsAndCountsTheOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for n := range maxWatchedTopics/2 + retainedStep {
		if err := h.b.Publish(t.Context(), Message{Topic: fmt.Sprint("kept/", n), Payload: []byte("1"), Retain: true}); err != nil {
			t.Fatal(err)
		}
	}
	w := h.watchTopics()
	known, _ := h.topics(w)
	if len(known) < maxWatchedTopics/2 || len(known) > maxWatchedTopics/2+retainedStep {
		t.Errorf("of the retained ones it knows %d", len(known))
	}
	if view, _ := w.Topics(t.Context(), func(string) bool { return false }); !view.Unlisted || view.Known != len(known) || len(view.Topics) > 0 {
		t.Errorf("it does not say that some are not listed: %+v", view)
	}
	room := maxWatchedTopics - len(known)
	for n := range room + 7 {
		h.say(fmt.Sprint("live/", n), "m", 0)
	}
	if known, others := h.topics(w); len(known) != maxWatchedTopics || others != 7 {
		t.Errorf("it knows %d, and %d others", len(known), others)
	}
	h.say("live/0", "m", 0)
	if known, others := h.topics(w); known["live/0"].Messages != 2 || others != 7 {
		t.Errorf("one that it keeps: %+v, and %d others", known["live/0"], others)
	}
}

func TestAWatchKeepsFewLongTopics(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	w := h.watchTopics()
	long := strings.Repeat("x", 60_000)
	for n := range 100 {
		h.say(fmt.Sprint(n, long), "m", 0)
	}
	known, others := h.topics(w)
	if len(known)*len(long) > maxWatchedBytes || len(known)+int(others) != 100 {
		t.Errorf("it knows %d, and %d others", len(known), others)
	}
}

func TestSubscriptionsAreThoseThatMatch(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	if err := h.b.Handle("b/#", &taker{}); err != nil {
		t.Fatal(err)
	}
	c := h.over(packet.V5, "c")
	c.subscribe(1, "a/b", "a/+", "b", "$share/g/a/#", "$local/#")
	h.over(packet.V5, "d").subscribe(1, "$share/g/a/#")
	if err := h.b.Attach(t.Context(), "c", "a/b", 1); err != nil {
		t.Fatal(err)
	}
	for topic, want := range map[string]int{"b/c": 2, "a/b": 6, "a/c": 4, "b": 3, "c/d": 1} {
		if n := h.b.Subscriptions(topic); n != want {
			t.Errorf("%s: %d, want %d", topic, n, want)
		}
	}
}
