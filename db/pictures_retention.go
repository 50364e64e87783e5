package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices/pictures"
)

// pictureCauses are what an alarm may name of a row of pictures: its event, and the
// event of another device that names the picture.
const pictureCauses = `SELECT pictures.device || '/' || pictures.event UNION ALL
	SELECT g.device || '/' || g.id FROM events g WHERE g.camera = pictures.device AND g.id = pictures.event AND g.camera <> ''`

// pictureAlarms are the alarms that came of a row of pictures.
const pictureAlarms = `FROM alarm_entries n JOIN alarms a ON a.id = n.alarm
	WHERE n.cause_kind <> '' AND n.cause_kind = 'event' AND n.cause_id IN (` + pictureCauses + `)`

// keptPicture holds for a row of pictures that retention leaves alone: an alarm that is
// not resolved came of its event, or a correction of the ledger is about it, or about a
// row that is. Whatever else shall keep a picture is added here.
const keptPicture = `(EXISTS (SELECT 1 ` + pictureAlarms + ` AND a.resolved IS NULL)
	OR EXISTS (SELECT 1 FROM ledger c WHERE c.corrects <> '' AND c.site = pictures.site AND (c.passage = pictures.event
	OR EXISTS (SELECT 1 FROM ledger o WHERE o.device = c.device AND o.event_id = c.corrects AND o.passage = pictures.event))))`

// Usage implements pictures.Store.
func (s pictureStore) Usage(ctx context.Context) (u pictures.Usage, err error) {
	var sums struct {
		Pictures, Bytes int64
		Oldest          stamp
	}
	err = s.db.read(ctx, "pictures.usage", func(tx *gorm.DB) error {
		return tx.Raw(`SELECT (SELECT count(*) FROM pictures WHERE removed_at IS NULL) AS pictures,
			(SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT hash, size FROM pictures WHERE removed_at IS NULL)) AS bytes,
			(SELECT min(arrived_at) FROM pictures WHERE removed_at IS NULL) AS oldest`).Scan(&sums).Error
	})
	return pictures.Usage{Pictures: sums.Pictures, Bytes: sums.Bytes, Oldest: sums.Oldest.time()}, err
}

// Records implements pictures.Store.
func (s pictureStore) Records(ctx context.Context, after pictures.Key, limit int) ([]pictures.Record, error) {
	var rows []pictureRow
	err := s.db.read(ctx, "pictures.records", func(tx *gorm.DB) error {
		return tx.Where("removed_at IS NULL AND (device, event) > (?, ?)", after.Device, after.Event).
			Order("device, event").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, pictureRow.record), err
}

// Due implements pictures.Store.
func (s pictureStore) Due(ctx context.Context, before time.Time, limit int) ([]pictures.Record, error) {
	var rows []pictureRow
	err := s.db.read(ctx, "pictures.due", func(tx *gorm.DB) error {
		return tx.Where("removed_at IS NULL AND arrived_at < ? AND NOT "+keptPicture, stamp(before)).
			Order("arrived_at, device, event").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, pictureRow.record), err
}

// Remove implements pictures.Store.
func (s pictureStore) Remove(ctx context.Context, keys []pictures.Key, at time.Time) (free [][32]byte, err error) {
	err = s.db.write(ctx, "pictures.remove", normal, func(tx *gorm.DB) error {
		free = free[:0]
		for _, k := range keys {
			row, err := one[pictureRow](tx.Where("device = ? AND event = ?", k.Device, k.Event), "picture", string(k.Event))
			if err != nil {
				return err
			}
			if !row.RemovedAt.time().IsZero() {
				continue
			}
			if err := tx.Model(&pictureRow{}).Where("device = ? AND event = ?", k.Device, k.Event).
				Update("removed_at", stamp(at)).Error; err != nil {
				return err
			}
			var others int64
			if err := tx.Raw("SELECT count(*) FROM pictures WHERE hash = ? AND removed_at IS NULL", row.Hash).Scan(&others).Error; err != nil {
				return err
			}
			if others == 0 {
				free = append(free, row.record().Hash)
			}
		}
		return nil
	})
	return free, err
}

// Present implements pictures.Store.
func (s pictureStore) Present(ctx context.Context, hashes [][32]byte) (map[[32]byte]bool, error) {
	there := make(map[[32]byte]bool, len(hashes))
	err := s.db.read(ctx, "pictures.present", func(tx *gorm.DB) error {
		for _, h := range hashes {
			var n int64
			if err := tx.Raw("SELECT count(*) FROM (SELECT 1 FROM pictures WHERE hash = ? AND removed_at IS NULL LIMIT 1)", h[:]).Scan(&n).Error; err != nil {
				return err
			}
			if n > 0 {
				there[h] = true
			}
		}
		return nil
	})
	return there, err
}
