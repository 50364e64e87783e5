package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

func lockdown(scope arbiter.Scope) devices.Layer {
	return devices.Layer{Set: true, Zone: "z1", Setting: arbiter.Setting{
		Layer: arbiter.Lockdown, Scope: scope, Mode: devices.LockedDown,
		By: arbiter.Who{Kind: "operator", ID: "op-1", Name: "王芳"}, Reason: "走失儿童", Since: t0,
	}}
}

func layersComeBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	save := func(l devices.Layer) devices.Layer {
		l.Revision = must[devices.Revision](t)(s.SaveLayer(ctx, l, audit("layer.lock_down", "layer:"+l.ID())))
		return l
	}
	zone := save(lockdown(arbiter.Scope{Kind: arbiter.OfZone, Site: "s1", ID: "z1"}))
	hold := lockdown(arbiter.Scope{Kind: arbiter.OfDevice, Site: "s1", ID: "t1", Direction: "in"})
	hold.Layer, hold.Mode, hold.Until = arbiter.Hold, devices.HeldOpen, t0.Add(time.Hour)
	hold = save(hold)
	if hold.Revision <= zone.Revision {
		t.Errorf("revision %d after %d", hold.Revision, zone.Revision)
	}
	byKey := func() map[arbiter.Key]devices.Layer {
		found := map[arbiter.Key]devices.Layer{}
		for _, l := range must[[]devices.Layer](t)(s.Layers(ctx)) {
			found[l.Key()] = l
		}
		return found
	}
	equal(t, "layers", byKey(), map[arbiter.Key]devices.Layer{zone.Key(): zone, hold.Key(): hold})

	zone.Set = false
	released := save(zone)
	if released.Revision <= hold.Revision {
		t.Errorf("revision %d after %d", released.Revision, hold.Revision)
	}
	hold.Mode, hold.Until = devices.HeldClosed, time.Time{}
	hold = save(hold)
	equal(t, "layers", byKey(), map[arbiter.Key]devices.Layer{hold.Key(): hold})
	zone.Set = true
	zone = save(zone)
	equal(t, "layers", byKey(), map[arbiter.Key]devices.Layer{zone.Key(): zone, hold.Key(): hold})
}

func layersAreAudited(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	l := lockdown(arbiter.Scope{Kind: arbiter.OfSite, Site: "s1"})
	before := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	must[devices.Revision](t)(s.SaveLayer(ctx, l, audit("layer.lock_down", "layer:"+l.ID())))
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before+1)
	l.Scope.Site = "none"
	_, err := s.SaveLayer(ctx, l, audit("layer.lock_down", "layer:"+l.ID()))
	wantCode(t, err, devices.NotFound)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before+1)
}
