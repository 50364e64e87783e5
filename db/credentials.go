package db

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// credentialStore is credentials.Store.
type credentialStore struct{ db *DB }

// credentialRow is one row of credentials.
type credentialRow struct {
	Username   string `gorm:"primaryKey"`
	Holder     credentials.Holder
	SecretHash []byte
	CommandKey []byte
	Name       string
	Sites      document[[]devices.SiteID]
	Device     *devices.DeviceID
	Site       *devices.SiteID
	Created    stamp
	LastUsed   stamp

	Certificate bool
	Shown       string
	ShownUntil  stamp

	Feeds onlyColumn
	Ends  stamp
}

// TableName implements gorm's Tabler.
func (credentialRow) TableName() string { return "credentials" }

func newCredentialRow(c credentials.Credential) credentialRow {
	r := credentialRow{
		Username: c.Username, Holder: c.Holder, SecretHash: c.SecretHash[:], CommandKey: c.CommandKey,
		Name: c.Name, Sites: document[[]devices.SiteID]{c.Sites}, Created: stamp(c.Created), LastUsed: stamp(c.LastUsed),
		Certificate: c.Certificate, Shown: c.Shown.Fingerprint, ShownUntil: stamp(c.Shown.Until),
		Feeds: onlyColumnOf(c.Feeds), Ends: stamp(c.Ends),
	}
	if c.Device != "" {
		r.Device = &c.Device
	}
	if c.Site != "" {
		r.Site = &c.Site
	}
	return r
}

func (r credentialRow) credential() credentials.Credential {
	c := credentials.Credential{
		Username: r.Username, Holder: r.Holder, SecretHash: digest(r.SecretHash), CommandKey: r.CommandKey, Name: r.Name, Sites: r.Sites.v,
		Created: r.Created.time(), LastUsed: r.LastUsed.time(),
		Certificate: r.Certificate, Shown: credentials.Shown{Fingerprint: r.Shown, Until: r.ShownUntil.time()},
		Feeds: r.Feeds.v.Only, Ends: r.Ends.time(),
	}
	if r.Device != nil {
		c.Device = *r.Device
	}
	if r.Site != nil {
		c.Site = *r.Site
	}
	return c
}

// Credential implements credentials.Store.
func (s credentialStore) Credential(ctx context.Context, username string) (c credentials.Credential, err error) {
	err = s.db.read(ctx, "credentials.credential", func(tx *gorm.DB) error {
		row, err := one[credentialRow](tx.Where("username = ?", username), "credential", username)
		if err == nil {
			c = row.credential()
		}
		return err
	})
	return c, err
}

// Credentials implements credentials.Store.
func (s credentialStore) Credentials(ctx context.Context, h credentials.Holder) ([]credentials.Credential, error) {
	var rows []credentialRow
	err := s.db.read(ctx, "credentials.credentials", func(tx *gorm.DB) error {
		return tx.Where("holder = ?", h).Order("username").Find(&rows).Error
	})
	return mapped(rows, credentialRow.credential), err
}

// PutCredential implements credentials.Store.
func (s credentialStore) PutCredential(ctx context.Context, c credentials.Credential, a devices.AuditEntry) error {
	return s.PutCredentials(ctx, []credentials.Credential{c}, []devices.AuditEntry{a})
}

// PutCredentials implements credentials.Store.
func (s credentialStore) PutCredentials(ctx context.Context, list []credentials.Credential, a []devices.AuditEntry) error {
	return s.db.write(ctx, "credentials.put", normal, func(tx *gorm.DB) error {
		for _, c := range list {
			row := newCredentialRow(c)
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
				return err
			}
		}
		for _, e := range a {
			if err := audit(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteCredential implements credentials.Store.
func (s credentialStore) DeleteCredential(ctx context.Context, username string, a devices.AuditEntry) error {
	return s.db.write(ctx, "credentials.delete", normal, func(tx *gorm.DB) error {
		res := tx.Where("username = ?", username).Delete(&credentialRow{})
		if err := changed(res, "credential", username); err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// TouchCredentials implements credentials.Store.
func (s credentialStore) TouchCredentials(ctx context.Context, uses map[string]credentials.Use) error {
	return s.db.write(ctx, "credentials.touch", normal, func(tx *gorm.DB) error {
		for username, u := range uses {
			changes := map[string]any{}
			if !u.At.IsZero() {
				changes["last_used"] = stamp(u.At)
			}
			if u.Shown != (credentials.Shown{}) {
				changes["shown"], changes["shown_until"] = u.Shown.Fingerprint, stamp(u.Shown.Until)
			}
			if err := tx.Model(&credentialRow{}).Where("username = ?", username).Updates(changes).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
