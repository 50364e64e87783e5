package broker

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/broker/packet"
)

func (h *house) mustSendRecallable(m Message) (steps chan Delivery, recall func() bool) {
	h.t.Helper()
	steps = make(chan Delivery, 10)
	recall, err := h.b.SendRecallable(h.t.Context(), "c", m, func(d Delivery) { steps <- d })
	if err != nil {
		h.t.Fatal(err)
	}
	return steps, recall
}

func TestSentMessageThatIsTakenBackInTimeNeverLeaves(t *testing.T) {
	t.Parallel()
	h := newHouse(t, commands)
	c := h.over(packet.V5, "c", receiveMax(1), keepAlive(0))
	first, tooLate := h.mustSendRecallable(open(time.Time{}))
	got := c.message("cmd/c", "open")
	second, recall := h.mustSendRecallable(open(time.Now().Add(time.Hour))) // the window is full
	if !recall() || recall() {
		t.Fatal("taken back not at all, or twice")
	}
	if d := <-second; d.Step != Ended || d.Cause != CauseRecalled {
		t.Fatalf("got %+v", d)
	}
	if tooLate() {
		t.Fatal("what was written was taken back")
	}
	c.send(ackOf(packet.PUBACK, got.ID))
	c.silent()
	if (<-first).Step != Written || (<-first).Step != Acknowledged {
		t.Fatal("the first one was not delivered")
	}
	third, _ := h.mustSendRecallable(open(time.Time{}))
	c.message("cmd/c", "open")
	if d := <-third; d.Step != Written {
		t.Fatalf("the place in the window was not given back: %+v", d)
	}
}

func TestSentMessageIsEitherTakenBackOrArrives(t *testing.T) {
	t.Parallel()
	h := newHouse(t, commands)
	c := h.over(packet.V5, "c", keepAlive(0))
	back := map[string]bool{}
	recalled := 0
	for i := range 500 {
		m := open(time.Time{})
		m.Payload = fmt.Appendf(nil, "open %d", i)
		steps, recall := h.mustSendRecallable(m)
		if recall() {
			recalled++
			back[string(m.Payload)] = true
			if d := <-steps; d.Cause != CauseRecalled {
				t.Fatalf("got %+v", d)
			}
			continue
		}
		got := c.message("cmd/c", string(m.Payload)) // the next that arrives is this one
		c.send(ackOf(packet.PUBACK, got.ID))
		if (<-steps).Step != Written || (<-steps).Step != Acknowledged {
			t.Fatal("not delivered")
		}
	}
	c.silent()
	t.Logf("%d of 500 were taken back", recalled)
}
