package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// auditRow is one row of audit.
type auditRow struct {
	ID           int64 `gorm:"primaryKey"`
	At           stamp
	ActorKind    devices.ActorKind
	ActorID      string
	ActorName    string
	ActorAddress string
	Verb         string
	Site         devices.SiteID
	Object       string
	Detail       string
	Outcome      string
}

// TableName implements gorm's Tabler.
func (auditRow) TableName() string { return "audit" }

// audit adds a row to the trail, in the transaction of the write that it tells of.
func audit(tx *gorm.DB, a devices.AuditEntry) error {
	return tx.Create(&auditRow{
		At: stamp(a.At), ActorKind: a.Actor.Kind, ActorID: a.Actor.ID, ActorName: a.Actor.Name,
		ActorAddress: a.Actor.Address, Verb: a.Verb, Site: a.Site, Object: a.Object,
		Detail: a.Detail, Outcome: a.Outcome,
	}).Error
}

// AddAudit implements devices.Store.
func (s deviceStore) AddAudit(ctx context.Context, a devices.AuditEntry) error {
	return s.db.write(ctx, "store.add_audit", normal, func(tx *gorm.DB) error { return audit(tx, a) })
}

// Audit implements devices.Store.
func (s deviceStore) Audit(ctx context.Context, before int64, limit int) ([]devices.AuditRow, error) {
	var rows []auditRow
	err := s.db.read(ctx, "store.audit", func(tx *gorm.DB) error {
		if before > 0 {
			tx = tx.Where("id < ?", before)
		}
		return tx.Order("id DESC").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, func(r auditRow) devices.AuditRow {
		return devices.AuditRow{ID: r.ID, AuditEntry: devices.AuditEntry{
			At:    r.At.time(),
			Actor: devices.Actor{Kind: r.ActorKind, ID: r.ActorID, Name: r.ActorName, Address: r.ActorAddress},
			Verb:  r.Verb, Site: r.Site, Object: r.Object, Detail: r.Detail, Outcome: r.Outcome,
		}}
	}), err
}
