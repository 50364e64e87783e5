package db

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestOwnRolesAreKeptWithWhatNeedsASecondFactor(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := opened(t).Operators()
	porter := operators.OwnRole{ID: "own-1", Name: "Porter", Verbs: []devices.Verb{devices.SeeDevices, devices.CommandDevices}, Created: start}
	ok(t, s.PutRole(ctx, porter, []operators.Role{"own-1"}, entry("role.create", "role:own-1")))
	porter.Verbs = porter.Verbs[:1]
	ok(t, s.PutRole(ctx, porter, nil, entry("role.change", "role:own-1")))
	got, err := s.OwnRoles(ctx)
	ok(t, err)
	if d := cmp.Diff([]operators.OwnRole{porter}, got); d != "" {
		t.Error(d)
	}
	needing, said, err := s.FactorRoles(ctx)
	ok(t, err)
	if d := cmp.Diff([]operators.Role{"own-1"}, needing); d != "" || !said {
		t.Errorf("said %v: %s", said, d)
	}
	twin := porter
	twin.ID, twin.Name = "own-2", "PORTER"
	wantCode(t, s.PutRole(ctx, twin, nil, entry("role.create", "role:own-2")), devices.Conflict)
}

func TestNobodyHasARoleThatDoesNotExist(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := opened(t).Operators()
	ok(t, s.AddFirstOperator(ctx, wang, entry("setup", "operator")))
	an := operators.Operator{ID: "op-2", Name: "An", Role: "own-1", Created: start}
	wantCode(t, s.AddOperator(ctx, an, entry("operator.create", "operator:op-2")), devices.Conflict)
	ok(t, s.PutRole(ctx, operators.OwnRole{ID: "own-1", Name: "Porter", Verbs: []devices.Verb{devices.SeeDevices}, Created: start}, nil, entry("role.create", "role:own-1")))
	ok(t, s.AddOperator(ctx, an, entry("operator.create", "operator:op-2")))
	wantCode(t, s.RemoveRole(ctx, "own-1", entry("role.remove", "role:own-1")), devices.Conflict)
	give := func(r operators.Role) error {
		_, err := s.EditOperator(ctx, an.ID, func(o *operators.Operator) *devices.AuditEntry { o.Role = r; return nil })
		return err
	}
	ok(t, give(operators.Guard))
	ok(t, s.RemoveRole(ctx, "own-1", entry("role.remove", "role:own-1")))
	wantCode(t, give("own-1"), devices.Conflict)
	wantCode(t, s.RemoveRole(ctx, "own-1", entry("role.remove", "role:own-1")), devices.NotFound)
}
