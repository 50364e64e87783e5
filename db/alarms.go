package db

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
)

// alarmStore is alarms.Store.
type alarmStore struct{ db *DB }

// alarmRow is one row of alarms.
type alarmRow struct {
	ID             alarms.ID `gorm:"primaryKey"`
	Site           devices.SiteID
	Zone           devices.ZoneID
	Device         devices.DeviceID
	Type           alarms.Type
	Severity       alarms.Severity
	Raised         stamp
	LastSeen       stamp
	Count          int64
	Detail         string
	CauseKind      alarms.CauseKind
	CauseID        string
	Over           stamp
	Acknowledged   stamp
	AcknowledgedBy document[alarms.Who]
	Assignee       document[alarms.Who]
	Escalated      stamp
	Muted          bool
	Resolved       stamp
	ResolvedBy     document[alarms.Who]
	Revision       devices.Revision
}

// TableName implements gorm's Tabler.
func (alarmRow) TableName() string { return "alarms" }

func newAlarmRow(a alarms.Alarm) alarmRow {
	return alarmRow{
		ID: a.ID, Site: a.Site, Zone: a.Zone, Device: a.Device, Type: a.Type, Severity: a.Severity,
		Raised: stamp(a.Raised), LastSeen: stamp(a.LastSeen), Count: a.Count, Detail: a.Detail,
		CauseKind: a.Cause.Kind, CauseID: a.Cause.ID, Over: stamp(a.Over),
		Acknowledged: stamp(a.Acknowledged), AcknowledgedBy: document[alarms.Who]{a.AcknowledgedBy}, Assignee: document[alarms.Who]{a.Assignee},
		Escalated: stamp(a.Escalated), Muted: a.Muted, Resolved: stamp(a.Resolved), ResolvedBy: document[alarms.Who]{a.ResolvedBy},
		Revision: a.Revision,
	}
}

func (r alarmRow) alarm() alarms.Alarm {
	return alarms.Alarm{
		ID: r.ID, Site: r.Site, Zone: r.Zone, Device: r.Device, Type: r.Type, Severity: r.Severity,
		Raised: r.Raised.time(), LastSeen: r.LastSeen.time(), Count: r.Count, Detail: r.Detail,
		Cause: alarms.Cause{Kind: r.CauseKind, ID: r.CauseID}, Over: r.Over.time(),
		Acknowledged: r.Acknowledged.time(), AcknowledgedBy: r.AcknowledgedBy.v, Assignee: r.Assignee.v,
		Escalated: r.Escalated.time(), Muted: r.Muted, Resolved: r.Resolved.time(), ResolvedBy: r.ResolvedBy.v,
		Revision: r.Revision,
	}
}

// alarmEntryRow is one row of alarm_entries.
type alarmEntryRow struct {
	N         int64 `gorm:"primaryKey"`
	Alarm     alarms.ID
	At        stamp
	What      alarms.What
	ByKind    devices.ActorKind
	ByID      string
	ByName    string
	Text      string
	CauseKind alarms.CauseKind
	CauseID   string
}

// TableName implements gorm's Tabler.
func (alarmEntryRow) TableName() string { return "alarm_entries" }

func (r alarmEntryRow) entry() alarms.Entry {
	return alarms.Entry{
		Alarm: r.Alarm, N: r.N, At: r.At.time(), What: r.What, By: alarms.Who{Kind: r.ByKind, ID: r.ByID, Name: r.ByName},
		Text: r.Text, Cause: alarms.Cause{Kind: r.CauseKind, ID: r.CauseID},
	}
}

// muteRow is one row of alarm_mutes.
type muteRow struct {
	Device devices.DeviceID `gorm:"primaryKey"`
	Type   alarms.Type      `gorm:"primaryKey"`
	Site   devices.SiteID
	Since  stamp
	Until  stamp
	ByKind devices.ActorKind
	ByID   string
	ByName string
	Reason string
}

// TableName implements gorm's Tabler.
func (muteRow) TableName() string { return "alarm_mutes" }

// Apply implements alarms.Store. Acts of people and causes of alarms wait behind
// commands, as everything does.
func (s alarmStore) Apply(ctx context.Context, c alarms.Change) (r devices.Revision, err error) {
	err = s.db.write(ctx, "alarms.apply", normal, func(tx *gorm.DB) error {
		r = 0
		if len(c.Alarms) > 0 {
			if r, err = raise(tx, c.Site); err != nil {
				return err
			}
		}
		if err := putAlarms(tx, c, r); err != nil {
			return err
		}
		if err := putMutes(tx, c); err != nil {
			return err
		}
		if c.Cursor > 0 {
			err := tx.Exec("INSERT INTO alarm_cursors (site, revision) VALUES (?, ?) ON CONFLICT (site) DO UPDATE SET revision = max(revision, excluded.revision)",
				c.Site, c.Cursor).Error
			if err != nil {
				return err
			}
		}
		for _, a := range c.Audit {
			if err := audit(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return r, nil
}

// putAlarms writes those that are resolved first: a new one may take the place.
func putAlarms(tx *gorm.DB, c alarms.Change, r devices.Revision) error {
	for _, open := range []bool{false, true} {
		for _, a := range c.Alarms {
			if a.Resolved.IsZero() != open {
				continue
			}
			row := newAlarmRow(a)
			row.Revision = r
			// On the id alone: a second open alarm of a device and type is an error.
			if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&row).Error; err != nil {
				return err
			}
		}
	}
	for _, e := range c.Entries {
		row := alarmEntryRow{
			Alarm: e.Alarm, At: stamp(e.At), What: e.What, ByKind: e.By.Kind, ByID: e.By.ID, ByName: e.By.Name,
			Text: e.Text, CauseKind: e.Cause.Kind, CauseID: e.Cause.ID,
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

func putMutes(tx *gorm.DB, c alarms.Change) error {
	for _, m := range c.Unmutes {
		if err := tx.Where("device = ? AND type = ?", m.Device, m.Type).Delete(&muteRow{}).Error; err != nil {
			return err
		}
	}
	for _, m := range c.Mutes {
		row := muteRow{
			Device: m.Device, Type: m.Type, Site: m.Site, Since: stamp(m.Since), Until: stamp(m.Until),
			ByKind: m.By.Kind, ByID: m.By.ID, ByName: m.By.Name, Reason: m.Reason,
		}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}
