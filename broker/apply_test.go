package broker

import (
	"fmt"
	"testing"

	"gatehouse/broker/packet"
)

// Whoever publishes to a crowd would otherwise keep everybody else waiting for as
// many copies as 256 messages have receivers.
func TestOnePublisherToManyKeepsTheTurnForSoManyCopies(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	const receivers, messages = 100, 400
	for k := range receivers {
		id := fmt.Sprint("r", k)
		h.over(packet.V311, id)
		if err := h.b.Attach(t.Context(), ClientID(id), "crowd", 0); err != nil {
			t.Fatal(err)
		}
	}
	h.over(packet.V311, "p")
	c := h.connOf("p")
	ops := make([]op, messages)
	for i := range ops {
		ops[i] = op{kind: packet.PUBLISH, m: &message{topic: "crowd"}, judged: h.b.rechecks.Load()}
	}
	for done, turns := 0, 0; done < messages; turns++ {
		n, next := c.applySome(ops[done:])
		if n > maxGiven/receivers+1 || n == 0 || done+n < messages && next != goOn {
			t.Fatalf("%d messages to %d receivers in turn %d, then %v", n, receivers, turns, next)
		}
		done += n
	}
}
