package db

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestAPITokensAreKeptUsedAndTakenAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	s := d.APITokens()
	ok(t, d.Operators().AddFirstOperator(ctx, wang, entry("setup", "operator")))
	token := func(id operators.APITokenID, n byte) operators.APIToken {
		return operators.APIToken{
			ID: id, Name: "Meter", Maker: wang.ID, Verbs: []devices.Verb{devices.SeeDevices, devices.SeeLedger}, Hash: [32]byte{n},
			Created: start.Add(time.Duration(n) * time.Second), Ends: start.Add(time.Hour),
		}
	}
	one, two := token("t1", 1), token("t2", 2)
	two.Sites = []devices.SiteID{"site-1", "site-2"}
	ok(t, s.AddAPIToken(ctx, two, entry("token.issue", "token:t2")))
	ok(t, s.AddAPIToken(ctx, one, entry("token.issue", "token:t1")))
	wantCode(t, s.AddAPIToken(ctx, token("t3", 1), entry("token.issue", "token:t3")), devices.Conflict)
	nobodys := token("t4", 4)
	nobodys.Maker = "nobody"
	wantCode(t, s.AddAPIToken(ctx, nobodys, entry("token.issue", "token:t4")), devices.NotFound)

	ok(t, s.TouchAPIToken(ctx, one.ID, start.Add(time.Minute), "192.0.2.7"))
	one.LastUsed, one.LastAddress = start.Add(time.Minute), "192.0.2.7"
	all, err := s.APITokens(ctx)
	ok(t, err)
	if d := cmp.Diff([]operators.APIToken{one, two}, all); d != "" {
		t.Error(d)
	}
	for _, text := range []string{"", "null", "[]", `{"places":[]}`, `{"sites":["site-1"]}`} {
		ok(t, d.writer.do(ctx, normal, func(tx *gorm.DB) error {
			return tx.Exec("UPDATE api_tokens SET part = ? WHERE id = 't2'", text).Error
		}))
		if all, err := s.APITokens(ctx); err == nil {
			t.Errorf("damaged to %q it is limited to %v", text, all[1].Sites)
		}
	}
	ok(t, d.writer.do(ctx, normal, func(tx *gorm.DB) error { return tx.Exec("UPDATE api_tokens SET part = '{}'").Error }))
	ok(t, s.DeleteAPIToken(ctx, one.ID, entry("token.revoke", "token:t1")))
	wantCode(t, s.DeleteAPIToken(ctx, one.ID, entry("token.revoke", "token:t1")), devices.NotFound)
	wantCode(t, s.TouchAPIToken(ctx, one.ID, start, ""), devices.NotFound)
	all, err = s.APITokens(ctx)
	ok(t, err)
	if len(all) != 1 || all[0].ID != two.ID {
		t.Errorf("left are %+v", all)
	}
}
