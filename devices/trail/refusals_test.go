package trail_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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
	if last := rows[0]; last.Detail != `{"code":"forbidden","leftOut":{"forbidden":999},"right":"devices.command"}` || last.Outcome != devices.OutcomeRefused || last.Actor != guard {
		t.Errorf("%+v", last)
	}
	if all := h.rows(trail.Query{Verb: "right.refused", Limit: 30_000}); len(all) > 300 {
		t.Errorf("%d rows of many people", len(all))
	}
}

func TestRefusalsOfStrangersAreCountedAndFewRows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, stop := context.WithCancel(context.Background())
	at := func(address int, object string, code devices.Code) {
		a := devices.Audited(h.clock(), devices.Actor{Kind: devices.ActorUnknown}, "session.create", "", object, nil)
		h.service.RefusedStranger(a, fmt.Sprint(address), code)
	}
	const codes, addresses = 5, 5000
	for minute := range 3 {
		for i := range codes + 95 {
			code := devices.Code("bad_credentials")
			if i >= codes {
				code = "throttled"
			}
			at(-1, "operator:o1", code)
		}
		for i := range addresses {
			at(minute*addresses+i, "operator:unknown", "throttled")
		}
		h.pass(time.Minute)
	}
	stop()
	h.must(h.service.Run(ctx))
	rows := h.rows(trail.Query{Verb: "session.create", Limit: 1000})
	counted := map[devices.Code]int64{}
	for _, r := range rows {
		var d struct {
			Code    devices.Code
			LeftOut map[devices.Code]int64
		}
		h.must(json.Unmarshal([]byte(r.Detail), &d))
		counted[d.Code]++
		for code, n := range d.LeftOut {
			counted[code] += n
		}
	}
	want := map[devices.Code]int64{"bad_credentials": 3 * codes, "throttled": 3*95 + 3*addresses}
	if !maps.Equal(counted, want) {
		t.Errorf("rows tell of %v, want %v", counted, want)
	}
	if len(rows) > 3*62+2 {
		t.Errorf("%d rows in three minutes", len(rows))
	}
}
