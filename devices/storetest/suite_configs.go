package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

var (
	wang    = arbiter.Who{Kind: "operator", ID: "op-1", Name: "王芳"}
	barrier = devices.Configuration{
		Revision: 1, At: t0, By: wang,
		Settings: devices.Settings{
			Form: devices.Barrier, Pulse: 500 * time.Millisecond, OpenTime: 30 * time.Second, Fail: devices.FailSafe, Heartbeat: 20 * time.Second,
		},
	}
	lanes = devices.Configuration{
		Revision: 1, At: t0, By: wang, Settings: devices.Settings{PulseIn: 300 * time.Millisecond, PulseOut: 30 * time.Second, Fail: devices.FailSecure},
	}
)

func configsComeBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	equal(t, "without one", live(t, s, "g1").Config, devices.Configuration{})
	r1 := must[devices.Revision](t)(s.SaveConfig(ctx, "g1", barrier, audit("device.configure", "device:g1")))
	second := barrier
	second.Revision, second.Settings.Pulse, second.At = 2, time.Second, t0.Add(time.Hour)
	r2 := must[devices.Revision](t)(s.SaveConfig(ctx, "g1", second, audit("device.configure", "device:g1")))
	if r2 <= r1 {
		t.Errorf("revision %d after %d", r2, r1)
	}
	must[devices.Revision](t)(s.SaveConfig(ctx, "t1", lanes, audit("device.configure", "device:t1")))
	l := live(t, s, "g1")
	equal(t, "configuration", l.Config, second)
	equal(t, "revision", l.Revision, r2)
	equal(t, "that of the turnstile", live(t, s, "t1").Config, lanes)
	equal(t, "revisions", must[[]devices.Configuration](t)(s.Configs(ctx, "g1", 0)), []devices.Configuration{second, barrier})
	equal(t, "newest", must[[]devices.Configuration](t)(s.Configs(ctx, "g1", 1)), []devices.Configuration{second})

	before := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	_, err := s.SaveConfig(ctx, "g1", second, audit("device.configure", "device:g1"))
	wantCode(t, err, devices.Conflict)
	_, err = s.SaveConfig(ctx, "none", barrier, audit("device.configure", "device:none"))
	wantCode(t, err, devices.NotFound)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before)
	equal(t, "revision after a refusal", live(t, s, "g1").Revision, r2)
}

func configsInherited(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	third := barrier
	third.Revision = 3
	must[devices.Revision](t)(s.SaveConfig(ctx, "g1", barrier, audit("device.configure", "device:g1")))
	must[devices.Revision](t)(s.SaveConfig(ctx, "g1", third, audit("device.configure", "device:g1")))
	there := devices.Device{ID: "g2", Site: "s2", Zone: "z3", Kind: devices.Gate, Name: "Moved", Created: t0}
	_, _, err := s.Retire(ctx, devices.Retirement{Device: "g1", At: t0, Successor: &there}, audit("device.transfer", "device:g1"))
	ok(t, err)
	equal(t, "configuration of the successor", live(t, s, "g2").Config, third)
	equal(t, "its revisions", must[[]devices.Configuration](t)(s.Configs(ctx, "g2", 0)), []devices.Configuration{third})
	_, err = s.SaveConfig(ctx, "g1", lanes, audit("device.configure", "device:g1"))
	wantCode(t, err, devices.Conflict)
}
