package db

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

func TestADamagedListOfFeedsLetsAnIntegratorReadNoMore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	s := d.Credentials()
	reader := credentials.Credential{
		Username: "int-1", Holder: credentials.ForIntegrator, SecretHash: [32]byte{9}, Name: "Screens",
		Sites: []devices.SiteID{"site-1"}, Created: start, Feeds: []string{"alarm"},
	}
	ok(t, s.PutCredential(ctx, reader, entry("credential.issue", reader.Username)))
	for _, text := range []string{"", "null", "[]", "{", `{"only":[]}`, `{"only":null}`, `{"feeds":["alarm"]}`, `{"only":["alarm"],"only":[]}`} {
		ok(t, d.writer.do(ctx, normal, func(tx *gorm.DB) error { return tx.Exec("UPDATE credentials SET feeds = ?", text).Error }))
		if c, err := s.Credential(ctx, reader.Username); err == nil {
			t.Errorf("%q is read as %v", text, c.Feeds)
		}
	}
}

// A file from before integrators had ends: none of its integrators lives for ever, and its devices have none.
func TestIntegratorsOfAnOlderFileEndInAYear(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	older := platformSchema
	older.steps = older.steps[:slices.Index(older.steps, "0024_integrator_ends")]
	f, err := openFile(ctx, fileOptions{path: path, schema: older, readers: 1, log: slog.Default()})
	ok(t, err)
	ok(t, f.close())
	alter(t, path, `INSERT INTO credentials (username, holder, secret_hash, name, sites, created)
		VALUES ('int-1', 'integrator', zeroblob(32), 'Screens', '["s1"]', 1000000), ('gate-1', 'device', zeroblob(32), '', 'null', 1000000)`)
	began := time.Now()
	s := reopened(t, dir).Credentials()
	reader, err := s.Credential(ctx, "int-1")
	ok(t, err)
	const year = 365 * 24 * time.Hour
	if reader.Ends.Before(began.Add(year-time.Second)) || reader.Ends.After(time.Now().Add(year)) || len(reader.Feeds) != 0 || reader.Over(time.Now()) {
		t.Errorf("the integrator is %+v", reader)
	}
	gate, err := s.Credential(ctx, "gate-1")
	ok(t, err)
	if !gate.Ends.IsZero() || gate.Over(time.Now()) {
		t.Errorf("the device is %+v", gate)
	}
}
