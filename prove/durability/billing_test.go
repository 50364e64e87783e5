package durability

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/property"
)

// billing sends billing events of a gate; each has an id of its own.
func billing(g property.Device) *flow.Sender {
	out := flow.NewSender(g.Topic("billing"), 2, 3)
	out.Words = func(n int) string {
		return fmt.Sprintf(`{"id":"b-%d","seq":%d,"at":1767225600000,"amount":%d,"currency":"CNY","for":"parking"}`, n+1, n+1, n+1)
	}
	return out
}

// The ledger owns an event before the broker stores that it took it: an end
// between the two gives the event to the ledger again.
func TestABillingEventIsOneRowWhenTheServerEndsBetweenLedgerAndBroker(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	path, err := binary(true)
	if err != nil {
		t.Fatal(err)
	}
	h := property.Open(t, property.Options{Binary: path})
	g := h.Device(h.Zone(h.Site("Site"), "Gatehouse"), "gate", "Gate")
	h.Kill()
	out, runs := billing(g), prove.Size(2, 50)
	for range runs {
		h.With(fmt.Sprintf("GATEHOUSE_FAILPOINT=before-commit:%d", 3+r.IntN(30))).Start()
		if c, err := g.Connect(h.MQTT(), mqtt.V5, true); err == nil {
			err = out.Run(c, func() bool { return true })
			t.Logf("the connection ended: %v", err)
			_ = c.Close()
		}
		if code := h.Server().Wait(t); code != exitCode {
			t.Fatalf("the server did not end where it was to end, but with code %d: %s", code, h.Server().Stderr)
		}
	}
	h.With().Start()
	c, err := g.Connect(h.MQTT(), mqtt.V5, true)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := out.Run(c, func() bool { return false }); err != nil {
		t.Fatal(err)
	}
	var ledger struct {
		Rows   int
		Totals []struct{ Amount int }
	}
	h.Get("/ledger?limit=1", &ledger)
	if sum := out.Begun * (out.Begun + 1) / 2; ledger.Rows != out.Begun || len(ledger.Totals) != 1 || ledger.Totals[0].Amount != sum {
		t.Errorf("%d events, %d rows, totals %v, want %d", out.Begun, ledger.Rows, ledger.Totals, sum)
	}
	prove.Record(t, "a billing event is one row when the server ends between ledger and broker", "rows = events, sums equal",
		fmt.Sprintf("%d ends: %d events, %d rows", runs, out.Begun, ledger.Rows))
}
