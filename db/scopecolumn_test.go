package db

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
)

func TestADamagedScopeNeverWidensRights(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	people := d.Operators()
	limited := wang
	limited.Scope = devices.Scope{Places: []devices.Place{{Site: "s1"}, {Site: "s2", Zone: "<z>"}}, Hours: devices.Hours{{Days: []time.Weekday{time.Monday}, From: 60, To: 120}}}
	ok(t, people.AddFirstOperator(ctx, limited, entry("setup", "operator")))
	o, err := people.Operator(ctx, wang.ID)
	ok(t, err)
	if !o.Scope.Limited() || len(o.Scope.Hours) != 1 || o.Scope.Places[1] != limited.Scope.Places[1] {
		t.Errorf("read back: %+v", o.Scope)
	}
	for _, text := range []string{
		"", "null", "[]", "0", "{", `""`, `{"places":null}`, `{"places":[]}`, `{"place":[{"site":"s1"}]}`, `{"places":[{"site":"s1"}],"hours":null}`, `{ }`, `{"places":[{"site":"s1"}]}{}`,
		`{"places":[{"site":"s1"}],"places":[]}`,
	} {
		ok(t, d.writer.do(ctx, normal, func(tx *gorm.DB) error { return tx.Exec("UPDATE operators SET scope = ?", text).Error }))
		if o, err := people.Operator(ctx, wang.ID); err == nil {
			t.Errorf("%q is read as %+v", text, o.Scope)
		}
	}
}
