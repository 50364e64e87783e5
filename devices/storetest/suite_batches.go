package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
)

func batchComesBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	want := devices.Batch{
		ID: "b-1", Key: "operator:op-1:key-00001", Site: "s1", Zone: "z1", Action: devices.ActionOpen, Reason: "搬家",
		Actor: guard, Issued: t0, TTL: 5 * time.Second,
		Members: []devices.Member{{Device: "g1", Command: "c-1"}, {Device: "t1", Command: "c-2"}},
	}
	stored, existed, err := s.AddBatch(ctx, want, audit("batch.send", "batch:b-1"))
	ok(t, err)
	equal(t, "existed", existed, false)
	equal(t, "stored", stored, want)
	rows := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	again := want
	again.ID, again.Reason = "b-2", "another"
	stored, existed, err = s.AddBatch(ctx, again, audit("batch.send", "batch:b-2"))
	ok(t, err)
	equal(t, "existed", existed, true)
	equal(t, "first", stored, want)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), rows)

	want.Members[1].Code, want.Members[1].Problem = devices.Refused, "locked down"
	ok(t, s.SaveBatch(ctx, want))
	equal(t, "batch", must[devices.Batch](t)(s.Batch(ctx, "b-1")), want)
	later := want
	later.ID, later.Key, later.Issued = "b-3", "operator:op-1:key-00003", t0.Add(time.Second)
	_, _, err = s.AddBatch(ctx, later, audit("batch.send", "batch:b-3"))
	ok(t, err)
	for name, c := range map[string]struct {
		query devices.BatchQuery
		want  []devices.Batch
	}{
		"all":                   {devices.BatchQuery{}, []devices.Batch{later, want}},
		"the newest":            {devices.BatchQuery{Limit: 1}, []devices.Batch{later}},
		"of the site":           {devices.BatchQuery{Site: "s1"}, []devices.Batch{later, want}},
		"of another site":       {devices.BatchQuery{Site: "s2"}, nil},
		"older than the newest": {devices.BatchQuery{Site: "s1", Before: "b-3"}, []devices.Batch{want}},
		"older than the oldest": {devices.BatchQuery{Before: "b-1"}, nil},
		"older than nobody's":   {devices.BatchQuery{Before: "b-9"}, nil},
	} {
		if got := must[[]devices.Batch](t)(s.Batches(ctx, c.query)); len(got) != 0 || len(c.want) != 0 {
			equal(t, "batches: "+name, got, c.want)
		}
	}
	_, err = s.Batch(ctx, "b-9")
	wantCode(t, err, devices.NotFound)
	wantCode(t, s.SaveBatch(ctx, devices.Batch{ID: "b-9"}), devices.NotFound)
}
