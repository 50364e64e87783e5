// Package storetest has the tests that every bans.Store passes, and one in memory.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/bans"
)

var start = time.UnixMilli(1_800_000_000_000).UTC()

// RunStoreTests tests the stores that open makes, each of them without bans.
func RunStoreTests(t *testing.T, open func(t *testing.T) bans.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, bans.Store){
		"a ban is given back as it was kept":            kept,
		"a ban is lifted once, and keeps what it was":   lifted,
		"counts are kept, of what is there":             counted,
		"what is over before a time is forgotten alone": dropped,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func entry(verb string) devices.AuditEntry {
	return devices.AuditEntry{Verb: verb, Object: "client:c", Detail: "{}", Outcome: devices.OutcomeOK, At: start}
}

func ban(id bans.ID, until time.Time) bans.Ban {
	return bans.Ban{
		ID: id, Kind: bans.ByClient, Value: "闸 " + string(id), Reason: "猜测密码", By: arbiter.Who{Kind: "operator", ID: "o1", Name: "王"}, Since: start, Until: until,
	}
}

func add(t *testing.T, s bans.Store, b bans.Ban) bans.Ban {
	t.Helper()
	ok(t, s.AddBan(context.Background(), b, entry("broker.ban")))
	return b
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func code(t *testing.T, err error, want devices.Code) {
	t.Helper()
	if devices.CodeOf(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func are(t *testing.T, s bans.Store, want ...bans.Ban) {
	t.Helper()
	got, err := s.Bans(context.Background())
	ok(t, err)
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("bans (-want +got):\n%s", d)
	}
}

func kept(t *testing.T, s bans.Store) {
	are(t, s)
	b := add(t, s, ban("b", time.Time{}))
	a := add(t, s, ban("a", start.Add(time.Hour)))
	are(t, s, a, b)
	code(t, s.AddBan(context.Background(), a, entry("broker.ban")), devices.Conflict)
	are(t, s, a, b)
}

func lifted(t *testing.T, s bans.Store) {
	b, other := add(t, s, ban("b", start.Add(time.Hour))), add(t, s, ban("c", time.Time{}))
	b.Lifted, b.LiftedBy, b.LiftReason = start.Add(time.Minute), arbiter.Who{Kind: "token", ID: "t", Name: "App"}, "repaired"
	changed := b
	changed.Reason, changed.Value, changed.Refused = "another", "another", 9
	ok(t, s.LiftBan(context.Background(), changed, entry("broker.unban")))
	are(t, s, b, other)
	code(t, s.LiftBan(context.Background(), b, entry("broker.unban")), devices.NotFound)
	code(t, s.LiftBan(context.Background(), ban("z", time.Time{}), entry("broker.unban")), devices.NotFound)
	are(t, s, b, other)
}

func counted(t *testing.T, s bans.Store) {
	b, other := add(t, s, ban("b", time.Time{})), add(t, s, ban("c", time.Time{}))
	b.Refused, b.LastRefused = 5_000_000_000, start.Add(time.Second)
	changed := b
	changed.Reason = "another"
	ok(t, s.CountBans(context.Background(), []bans.Ban{changed, ban("z", time.Time{})}))
	are(t, s, b, other)
	ok(t, s.CountBans(context.Background(), nil))
	are(t, s, b, other)
}

func dropped(t *testing.T, s bans.Store) {
	end := start.Add(time.Hour)
	add(t, s, ban("ended", end.Add(-time.Millisecond)))
	at := add(t, s, ban("ends then", end))
	forever := add(t, s, ban("forever", time.Time{}))
	soon := ban("lifted before its end", end.Add(time.Hour))
	soon = add(t, s, soon)
	soon.Lifted = start.Add(time.Minute)
	ok(t, s.LiftBan(context.Background(), soon, entry("broker.unban")))
	late := add(t, s, ban("lifted later", time.Time{}))
	late.Lifted = end
	ok(t, s.LiftBan(context.Background(), late, entry("broker.unban")))
	ok(t, s.DropBans(context.Background(), end))
	are(t, s, at, forever, late)
}
