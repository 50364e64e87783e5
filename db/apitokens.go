package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// apiTokenStore is operators.APITokenStore.
type apiTokenStore struct{ db *DB }

// apiTokenRow is one row of api_tokens.
type apiTokenRow struct {
	ID          operators.APITokenID `gorm:"primaryKey"`
	Name        string
	Maker       operators.ID
	Verbs       document[[]devices.Verb]
	Part        scopeColumn // whole sites
	Hash        []byte
	Created     stamp
	Ends        stamp
	LastUsed    stamp
	LastAddress string
}

// TableName implements gorm's Tabler.
func (apiTokenRow) TableName() string { return "api_tokens" }

func (r apiTokenRow) token() operators.APIToken {
	return operators.APIToken{
		ID: r.ID, Name: r.Name, Maker: r.Maker, Verbs: r.Verbs.v, Sites: sitesOf(r.Part.v), Hash: digest(r.Hash), Created: r.Created.time(),
		Ends: r.Ends.time(), LastUsed: r.LastUsed.time(), LastAddress: r.LastAddress,
	}
}

// sitesOf are those that operators.PartOf made a scope of.
func sitesOf(s devices.Scope) (sites []devices.SiteID) {
	for _, p := range s.Places {
		sites = append(sites, p.Site)
	}
	return sites
}

// APITokens implements operators.APITokenStore.
func (s apiTokenStore) APITokens(ctx context.Context) ([]operators.APIToken, error) {
	var rows []apiTokenRow
	err := s.db.read(ctx, "tokens.all", func(tx *gorm.DB) error { return tx.Order("created, id").Find(&rows).Error })
	return mapped(rows, apiTokenRow.token), err
}

// AddAPIToken implements operators.APITokenStore.
func (s apiTokenStore) AddAPIToken(ctx context.Context, t operators.APIToken, a devices.AuditEntry) error {
	row := apiTokenRow{
		ID: t.ID, Name: t.Name, Maker: t.Maker, Verbs: document[[]devices.Verb]{t.Verbs}, Part: scopeColumnOf(operators.PartOf(t.Sites)), Hash: t.Hash[:], Created: stamp(t.Created),
		Ends: stamp(t.Ends), LastUsed: stamp(t.LastUsed), LastAddress: t.LastAddress,
	}
	return s.db.write(ctx, "tokens.add", normal, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// TouchAPIToken implements operators.APITokenStore.
func (s apiTokenStore) TouchAPIToken(ctx context.Context, id operators.APITokenID, at time.Time, address string) error {
	return s.db.write(ctx, "tokens.touch", normal, func(tx *gorm.DB) error {
		res := tx.Model(&apiTokenRow{}).Where("id = ?", id).Updates(map[string]any{"last_used": stamp(at), "last_address": address})
		return changed(res, "token", string(id))
	})
}

// DeleteAPIToken implements operators.APITokenStore.
func (s apiTokenStore) DeleteAPIToken(ctx context.Context, id operators.APITokenID, a devices.AuditEntry) error {
	return s.db.write(ctx, "tokens.delete", normal, func(tx *gorm.DB) error {
		if err := changed(tx.Where("id = ?", id).Delete(&apiTokenRow{}), "token", string(id)); err != nil {
			return err
		}
		return audit(tx, a)
	})
}
