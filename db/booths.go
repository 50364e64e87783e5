package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// boothStore is operators.BoothStore.
type boothStore struct{ db *DB }

// boothRow is one row of booths.
type boothRow struct {
	ID      operators.BoothID `gorm:"primaryKey"`
	Name    string
	Token   []byte
	Lock    int64 // ms
	Created stamp
	Ends    stamp
}

// TableName implements gorm's Tabler.
func (boothRow) TableName() string { return "booths" }

func (r boothRow) booth() operators.Booth {
	return operators.Booth{
		ID: r.ID, Name: r.Name, Token: digest(r.Token), Lock: time.Duration(r.Lock) * time.Millisecond,
		Created: r.Created.time(), Ends: r.Ends.time(),
	}
}

// Booths implements operators.BoothStore.
func (s boothStore) Booths(ctx context.Context) ([]operators.Booth, error) {
	var rows []boothRow
	err := s.db.read(ctx, "booths.all", func(tx *gorm.DB) error { return tx.Order("name").Find(&rows).Error })
	return mapped(rows, boothRow.booth), err
}

// AddBooth implements operators.BoothStore.
func (s boothStore) AddBooth(ctx context.Context, b operators.Booth, a devices.AuditEntry) error {
	row := boothRow{ID: b.ID, Name: b.Name, Token: b.Token[:], Lock: b.Lock.Milliseconds(), Created: stamp(b.Created), Ends: stamp(b.Ends)}
	return s.db.write(ctx, "booths.add", normal, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
}

// DeleteBooth implements operators.BoothStore.
func (s boothStore) DeleteBooth(ctx context.Context, id operators.BoothID, a devices.AuditEntry) ([]operators.SessionKey, error) {
	var ended [][]byte
	err := s.db.write(ctx, "booths.delete", normal, func(tx *gorm.DB) error {
		if err := tx.Raw("DELETE FROM operator_sessions WHERE booth = ? RETURNING session", id).Scan(&ended).Error; err != nil {
			return err
		}
		if err := changed(tx.Where("id = ?", id).Delete(&boothRow{}), "booth", string(id)); err != nil {
			return err
		}
		return audit(tx, a)
	})
	return sessionKeys(ended), err
}
