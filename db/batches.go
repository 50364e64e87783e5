package db

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// batchRow is one row of batches.
type batchRow struct {
	ID     devices.BatchID `gorm:"primaryKey"`
	Key    string
	Site   devices.SiteID
	Issued stamp
	Batch  document[devices.Batch]
}

// TableName implements gorm's Tabler.
func (batchRow) TableName() string { return "batches" }

func (r batchRow) batch() devices.Batch { return r.Batch.v }

// AddBatch implements devices.Store.
func (s deviceStore) AddBatch(ctx context.Context, b devices.Batch, a devices.AuditEntry) (stored devices.Batch, existed bool, err error) {
	err = s.db.write(ctx, "store.add_batch", urgent, func(tx *gorm.DB) error {
		stored, existed = b, false
		var row batchRow
		err := tx.Where("key = ?", b.Key).Take(&row).Error
		if err == nil {
			stored, existed = row.batch(), true
			return nil
		}
		if !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		row = batchRow{ID: b.ID, Key: b.Key, Site: b.Site, Issued: stamp(b.Issued), Batch: document[devices.Batch]{b}}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return stored, existed, err
}

// SaveBatch implements devices.Store.
func (s deviceStore) SaveBatch(ctx context.Context, b devices.Batch) error {
	return s.db.write(ctx, "store.save_batch", normal, func(tx *gorm.DB) error {
		row, err := one[batchRow](tx.Where("id = ?", b.ID), "batch", string(b.ID))
		if err != nil {
			return err
		}
		row.Batch.v.Members = b.Members
		return tx.Model(&batchRow{}).Where("id = ?", b.ID).Update("batch", row.Batch).Error
	})
}

// Batch implements devices.Store.
func (s deviceStore) Batch(ctx context.Context, id devices.BatchID) (b devices.Batch, err error) {
	err = s.db.read(ctx, "store.batch", func(tx *gorm.DB) error {
		row, err := one[batchRow](tx.Where("id = ?", id), "batch", string(id))
		b = row.batch()
		return err
	})
	return b, err
}

// Batches implements devices.Store.
func (s deviceStore) Batches(ctx context.Context, q devices.BatchQuery) ([]devices.Batch, error) {
	var rows []batchRow
	err := s.db.read(ctx, "store.batches", func(tx *gorm.DB) error {
		if q.Site != "" {
			tx = tx.Where("site = ?", q.Site)
		}
		if q.Before != "" {
			tx = tx.Where("(issued, id) < (SELECT issued, id FROM batches WHERE id = ?)", q.Before)
		}
		return tx.Order("issued DESC, id DESC").Limit(limited(q.Limit)).Find(&rows).Error
	})
	return mapped(rows, batchRow.batch), err
}
