package main

import (
	"net/http"
	"testing"

	"gatehouse/prove/mqtt"
)

func TestAnOrderToASiteReachesItsGateAndIsKept(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	w := s.wire(p, mqtt.V311)
	w.connect(10)
	var b struct {
		ID      string
		Members []struct {
			Device  string
			Command *seenCommand
		}
	}
	body := map[string]any{"action": "open", "site": w.device.Site, "reason": "fair"}
	s.must(http.MethodPost, "/batches", body, http.StatusAccepted, &b, "Idempotency-Key", "the-fair-of-today")
	if len(b.Members) != 1 || b.Members[0].Command == nil {
		t.Fatalf("members %+v", b.Members)
	}
	c := *b.Members[0].Command
	w.acknowledge(w.take(c.ID))
	w.owned(w.answer(c.ID, "done"))
	w.report("open", c.ID)
	w.end(c)
	s.get("/batches/"+b.ID, &b)
	if got := b.Members[0].Command; got == nil || got.Step != "confirmed" {
		t.Errorf("the batch shows %+v", got)
	}
}
