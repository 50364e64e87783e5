package db

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// spoil changes rows as a failing disk or somebody with the file does.
func spoil(t *testing.T, d *DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		ok(t, d.writer.do(context.Background(), normal, func(tx *gorm.DB) error { return tx.Exec(s).Error }))
	}
}

func TestADamagedHashLetsNobodyInAndEndsNoProgram(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	people := d.Operators()
	owner := wang
	owner.Factor = operators.Factor{Secret: []byte("sealed"), Recovery: [][32]byte{{1}, {2}}}
	ok(t, people.AddFirstOperator(ctx, owner, entry("setup", "operator")))
	ok(t, d.APITokens().AddAPIToken(ctx, operators.APIToken{
		ID: "t1", Name: "Meter", Maker: owner.ID, Verbs: []devices.Verb{devices.SeeDevices}, Hash: sha256.Sum256([]byte("token")), Created: start, Ends: start.Add(time.Hour),
	}, entry("token.issue", "token:t1")))
	key, token := sha256.Sum256([]byte("first")), sha256.Sum256([]byte("second"))
	ok(t, people.AddSession(ctx, operators.Session{Key: key, Token: token, Operator: owner.ID, Created: start, LastSeen: start, Expires: start.Add(time.Hour)}, entry("session.create", "operator")))
	for _, hash := range []string{"x''", "x'00'", "zeroblob(31)", "zeroblob(33)", "zeroblob(64)"} {
		spoil(t, d, "UPDATE api_tokens SET hash = "+hash, "UPDATE operator_sessions SET session = "+hash, `UPDATE operators SET recovery = '["","AA==",null]'`)
		all, err := d.APITokens().APITokens(ctx)
		ok(t, err)
		if len(all) != 1 || all[0].Hash != [32]byte{} {
			t.Errorf("%s: the token is %+v", hash, all)
		}
		_, err = people.Session(ctx, token)
		wantCode(t, err, devices.NotFound)
		if list, err := people.SessionsOf(ctx, owner.ID); err != nil || len(list) != 0 {
			t.Errorf("%s: sessions %v, %v", hash, list, err)
		}
		o, err := people.Operator(ctx, owner.ID)
		ok(t, err)
		for _, r := range o.Factor.Recovery {
			if r != [32]byte{} {
				t.Errorf("a damaged code that stands in is %x", r)
			}
		}
	}
	ended, err := people.DeleteExpired(ctx, start.Add(2*time.Hour), time.Hour)
	if err != nil || len(ended) != 0 {
		t.Errorf("ended %v, %v", ended, err)
	}
}
