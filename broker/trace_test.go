package broker

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gatehouse/broker/packet"
)

// traced gives the events of a trace, without the numbers.
func traced(r *Trace) (list []string) {
	events, _ := r.Events()
	for _, e := range events {
		_, rest, _ := strings.Cut(e.String(), " ")
		list = append(list, rest)
	}
	return list
}

func (h *house) trace(q TraceQuery) *Trace {
	h.t.Helper()
	r, err := h.b.Trace(q)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func TestATraceShowsWhatBecameOfAMessage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		h.rules.of("sender").noPublish = []string{"t/no"}
		c, sender := h.over(v, "c"), h.over(v, "sender")
		c.subscribe(2, "t/#")
		r := h.trace(TraceQuery{Filter: "t/#"})
		sender.send(pub("t/a", "m", 1, 1), pub("t/b", "m", 2, 2), pub("t/no", "m", 1, 3), pub("other", "m", 1, 4))
		c.send(ackOf(packet.PUBACK, c.message("t/a", "m").ID))
		c.finish(c.message("t/b", "m"))
		for range 4 {
			expect[*packet.Ack](sender)
		}
		want := []string{"received", "matched", "queued c", "sent c", "acknowledged c"}
		got := map[string][]string{}
		events, missed := r.Events()
		for _, e := range events {
			if e.From != "sender" || e.Size != 1 || e.Step == TraceMatched && e.Receivers != 1 {
				t.Errorf("%+v", e)
			}
			_, what, _ := strings.Cut(e.String(), " ")
			got[e.Topic] = append(got[e.Topic], what)
			if events[0].Message == e.Message != (e.Topic == "t/a") {
				t.Errorf("message %d on %s", e.Message, e.Topic)
			}
		}
		if missed != 0 || !slices.Equal(got["t/a"], want) || !slices.Equal(got["t/b"], want) || !slices.Equal(got["t/no"], []string{"received", "refused (not authorized)"}) || len(got) != 3 {
			t.Fatalf("%v, missed %d", got, missed)
		}
	})
}

// finish answers a QoS 2 message to its end.
func (c *client) finish(m *packet.Publish) {
	c.t.Helper()
	c.send(ackOf(packet.PUBREC, m.ID))
	c.ack(packet.PUBREL, m.ID)
	c.send(ackOf(packet.PUBCOMP, m.ID))
	c.silent()
}

func TestATraceOfAClientShowsWhatItPublishesAndWhatItReceives(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxQueued = 1; o.Limits.MaxInFlight = 1 })
	c, other := h.over(packet.V5, "c"), h.over(packet.V5, "other")
	c.subscribe(1, "in")
	other.subscribe(0, "out", "in")
	r := h.trace(TraceQuery{Client: "c"})
	c.send(pub("out", "m", 0, 0))
	other.message("out", "m")
	for range 3 {
		h.say("in", "m", 1)
		other.message("in", "m")
	}
	if err := h.b.Send(t.Context(), "c", Message{Topic: "letter"}, func(Delivery) {}); err != nil {
		t.Fatal(err)
	}
	c.message("in", "m")
	c.message("letter", "")
	want := []string{"received", "matched", "sent other", "queued c", "sent c", "queued c", "dropped c (queue full)", "sent c"}
	if got := traced(r); !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
}

func TestATraceKeepsTheNewestAndEndsWhenItIsStopped(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := h.trace(TraceQuery{Filter: "t", Limit: 3})
	for n := range 4 {
		h.say("t", fmt.Sprint(n), 0)
	}
	events, missed := r.Events()
	if len(events) != 3 || missed != 5 || events[2].Step != TraceMatched || events[0].Message+1 != events[2].Message {
		t.Fatalf("%v, missed %d", events, missed)
	}
	r.Stop()
	h.say("t", "m", 0)
	if _, again := r.Events(); again != missed {
		t.Fatal("it goes on")
	}
}

func TestATraceIsRefusedThatCannotBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, q := range []TraceQuery{{}, {Filter: "a#"}, {Filter: "a", Limit: -1}, {Filter: "a", Limit: 10_001}} {
		if _, err := h.b.Trace(q); err == nil {
			t.Errorf("%+v was begun", q)
		}
	}
	for range maxTraces {
		h.trace(TraceQuery{Client: "c"})
	}
	if _, err := h.b.Trace(TraceQuery{Client: "c"}); !errors.Is(err, ErrTraces) {
		t.Errorf("one more: %v", err)
	}
}
