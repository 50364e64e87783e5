package db

import (
	"context"
	"testing"

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
