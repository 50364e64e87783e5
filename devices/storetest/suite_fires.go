package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

func firesComeBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	f := devices.FireReport{
		ID: "f1", Site: "s1", Group: "北楼", By: arbiter.Who{Kind: "operator", ID: "op-1", Name: "王芳"}, Reason: "烟感",
		Trigger: devices.FireTrigger{Device: "g1", Event: "e1"}, Since: t0,
		Openings: []devices.FireProof{{Device: "t1", Name: "Lane 1", Direction: "in", Commanded: t0, Problem: "offline"}},
	}
	audits := func() int { return len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))) }
	before := audits()
	f.Revision = must[devices.Revision](t)(s.SaveFire(ctx, f, audit("fire.release", "fire:北楼")))
	equal(t, "reports", must[[]devices.FireReport](t)(s.Fires(ctx, 0)), []devices.FireReport{f})
	f.Openings[0].Confirmed, f.Openings[0].Holds, f.Openings[0].Problem = t0.Add(time.Second), true, ""
	f.Ended, f.EndedBy, f.EndReason = t0.Add(time.Hour), f.By, "试验"
	r := must[devices.Revision](t)(s.SaveFire(ctx, f))
	if r <= f.Revision {
		t.Errorf("revision %d after %d", r, f.Revision)
	}
	f.Revision = r
	later := devices.FireReport{ID: "f2", Site: "s2", Group: "B", Since: t0.Add(time.Minute)}
	later.Revision = must[devices.Revision](t)(s.SaveFire(ctx, later, audit("fire.release", "fire:B"), audit("fire.end", "fire:B")))
	equal(t, "reports", must[[]devices.FireReport](t)(s.Fires(ctx, 0)), []devices.FireReport{later, f})
	equal(t, "the newest report", must[[]devices.FireReport](t)(s.Fires(ctx, 1)), []devices.FireReport{later})
	equal(t, "audit rows", audits(), before+3)
	_, err := s.SaveFire(ctx, devices.FireReport{ID: "f3", Site: "none"}, audit("fire.release", "fire:C"))
	wantCode(t, err, devices.NotFound)
	equal(t, "audit rows", audits(), before+3)
}

func fireWiringComesBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	equal(t, "wiring", live(t, s, "g1").Fire, devices.FireWiring{})
	for _, w := range []devices.FireWiring{{Group: "北楼", Input: "B"}, {Group: "A"}, {}} {
		r := must[devices.Revision](t)(s.SaveFireWiring(ctx, "g1", w, audit("device.fire", "device:g1")))
		l := live(t, s, "g1")
		equal(t, "wiring", l.Fire, w)
		equal(t, "revision", l.Revision, r)
	}
	_, err := s.SaveFireWiring(ctx, "none", devices.FireWiring{Group: "A"}, audit("device.fire", "device:none"))
	wantCode(t, err, devices.NotFound)
}
