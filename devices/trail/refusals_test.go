package trail_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

func TestRefusalsHaveRowsAndCannotFloodTheTrail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, stop := context.WithCancel(context.Background())
	refuse := func(n int, object string) {
		for range n {
			h.service.Refused(guard, "right.refused", "site-1", object, devices.Forbidden, map[string]any{"right": "devices.command"})
		}
	}
	refuse(1000, "route:POST /a")
	refuse(1, "route:POST /b")
	h.pass(time.Minute)
	refuse(2, "route:POST /a")
	for i := range 20_000 { // a thousand places, and then some
		h.service.Refused(devices.Actor{Kind: devices.ActorOperator, ID: fmt.Sprint(i)}, "right.refused", "", "route:POST /c", devices.Forbidden, nil)
	}
	stop() // what waits is written at the end
	h.must(h.service.Run(ctx))
	rows := h.rows(trail.Query{Actor: guard.ID, Verb: "right.refused"})
	if len(rows) != 3 {
		t.Fatalf("%d rows: %+v", len(rows), rows)
	}
	if last := rows[0]; last.Detail != `{"code":"forbidden","leftOut":999,"right":"devices.command"}` || last.Outcome != devices.OutcomeRefused || last.Actor != guard {
		t.Errorf("%+v", last)
	}
	if all := h.rows(trail.Query{Verb: "right.refused", Limit: 30_000}); len(all) > 300 {
		t.Errorf("%d rows of many people", len(all))
	}
}
