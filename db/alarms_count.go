package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices/alarms"
)

// Count implements alarms.Store.
func (s alarmStore) Count(ctx context.Context, q alarms.CountQuery) (list []alarms.Count, err error) {
	err = s.db.read(ctx, "alarms.count", func(tx *gorm.DB) error {
		tx = within(reaching(equal(tx.Model(&alarmRow{}), "site", q.Site), q.Within), "raised", q.From, q.To)
		return tx.Select(`severity, type, count(*) AS raised, sum(resolved IS NULL) AS "open"`).Group("severity, type").Scan(&list).Error
	})
	return list, err
}
