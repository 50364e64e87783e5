package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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

func saveLayer(t *testing.T, s devices.Store, l devices.Layer) devices.Revision {
	t.Helper()
	entries := []devices.AuditEntry{audit("layer.lock_down", "layer:"+l.ID())}
	return must[[]devices.Revision](t)(s.SaveLayers(context.Background(), []devices.Layer{l}, entries))[0]
}

func layersComeBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	save := func(l devices.Layer) devices.Layer {
		l.Revision = saveLayer(t, s, l)
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
	saveLayer(t, s, l)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before+1)
	l.Scope.Site = "none"
	_, err := s.SaveLayers(ctx, []devices.Layer{l}, []devices.AuditEntry{audit("layer.lock_down", "layer:"+l.ID())})
	wantCode(t, err, devices.NotFound)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before+1)
}

// layersTogether saves so many that a store may need several statements, and then
// once more with one that cannot be.
func layersTogether(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	const n = 450
	all := make([]devices.Layer, n)
	for i := range all {
		all[i] = lockdown(arbiter.Scope{Kind: arbiter.OfDevice, Site: "s1", ID: fmt.Sprintf("d%03d", i)})
		all[i].Layer, all[i].Mode, all[i].Until = arbiter.Schedule, devices.HeldOpen, t0.Add(time.Hour)
	}
	stored := func() []devices.Layer {
		got := must[[]devices.Layer](t)(s.Layers(ctx))
		slices.SortFunc(got, func(a, b devices.Layer) int { return cmp.Compare(a.Scope.ID, b.Scope.ID) })
		return got
	}
	rows := func() int { return len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))) }
	before := rows()
	first := saveLayer(t, s, lockdown(arbiter.Scope{Kind: arbiter.OfSite, Site: "s1"}))
	entries := []devices.AuditEntry{audit("layer.schedule", "timetable:a"), audit("layer.schedule", "timetable:b")}
	revisions := must[[]devices.Revision](t)(s.SaveLayers(ctx, all, entries))
	if len(revisions) != n {
		t.Fatalf("%d revisions of %d layers", len(revisions), n)
	}
	for i, r := range revisions {
		if r <= first {
			t.Fatalf("revision %d after %d", r, first)
		}
		all[i].Revision = r
	}
	equal(t, "layers", stored()[1:], all) // the first one is of the site
	equal(t, "audit rows", rows(), before+3)

	changed := slices.Clone(all)
	for i := range changed {
		changed[i].Set, changed[i].Mode = false, devices.Controlled
	}
	changed[n-1].Scope.Site = "none"
	_, err := s.SaveLayers(ctx, changed, entries)
	wantCode(t, err, devices.NotFound)
	equal(t, "layers after a refusal", stored()[1:], all)
	equal(t, "audit rows after a refusal", rows(), before+3)
	equal(t, "revisions of none", must[[]devices.Revision](t)(s.SaveLayers(ctx, nil, nil)), []devices.Revision{})
}
