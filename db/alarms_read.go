package db

import (
	"context"
	"database/sql"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
)

// Cursors implements alarms.Store.
func (s alarmStore) Cursors(ctx context.Context) (map[devices.SiteID]devices.Revision, error) {
	var rows []struct {
		Site     devices.SiteID
		Revision devices.Revision
	}
	err := s.db.read(ctx, "alarms.cursors", func(tx *gorm.DB) error {
		return tx.Raw("SELECT s.id AS site, coalesce(c.revision, 0) AS revision FROM sites s LEFT JOIN alarm_cursors c ON c.site = s.id").Scan(&rows).Error
	})
	all := make(map[devices.SiteID]devices.Revision, len(rows))
	for _, r := range rows {
		all[r.Site] = r.Revision
	}
	return all, err
}

// followed is the condition of the index events_followed, word by word, and what
// else no alarm comes of.
const followed = "site = ? AND revision > ? AND type NOT IN ('passage', 'snapshot', 'plate')"

// Committed implements alarms.Store. The site's revision is read first, and nothing
// above it is looked at: revisions are given in the order of commits, so what is up
// to it is complete.
func (s alarmStore) Committed(ctx context.Context, site devices.SiteID, after devices.Revision, limit int) (f alarms.Found, err error) {
	var (
		events   []eventRow
		commands []commandRow
		kept     []quarantineRow
		zones    = map[devices.DeviceID]devices.ZoneID{}
	)
	err = s.db.read(ctx, "alarms.committed", func(tx *gorm.DB) error {
		row, err := one[siteRow](tx.Where("id = ?", site), "site", string(site))
		if f.UpTo = row.Revision; err != nil || f.UpTo <= after {
			return err
		}
		some := func() *gorm.DB { return tx.Where("revision <= ?", f.UpTo).Order("revision").Limit(limit) }
		if err := some().Where(followed, site, after).Find(&events).Error; err != nil {
			return err
		}
		if err := some().Where("site = ? AND revision > ? AND ended = 1", site, after).Find(&commands).Error; err != nil {
			return err
		}
		if err := some().Omit("payload").Where("site = ? AND revision > ?", site, after).Find(&kept).Error; err != nil {
			return err
		}
		return zonesOf(tx, kept, zones)
	})
	if err != nil {
		return alarms.Found{}, err
	}
	f.Events = upTo(&f, mapped(events, eventRow.event), limit, func(e devices.Event) devices.Revision { return e.Revision })
	f.Commands = upTo(&f, mapped(commands, commandRow.command), limit, func(c devices.Command) devices.Revision { return c.Revision })
	f.Quarantined = upTo(&f, mapped(kept, func(r quarantineRow) alarms.Quarantined {
		return alarms.Quarantined{Quarantined: r.quarantined(), Zone: zones[r.Device]}
	}), limit, func(q alarms.Quarantined) devices.Revision { return q.Revision })
	return trimmed(f), nil
}

// zonesOf reads where the devices of messages stand; those that are not registered
// stand nowhere.
func zonesOf(tx *gorm.DB, kept []quarantineRow, into map[devices.DeviceID]devices.ZoneID) error {
	if len(kept) == 0 {
		return nil
	}
	names := make([]devices.DeviceID, 0, len(kept))
	for _, q := range kept {
		names = append(names, q.Device)
	}
	var rows []struct {
		ID   devices.DeviceID
		Zone devices.ZoneID
	}
	err := tx.Raw("SELECT id, zone FROM devices WHERE id IN ?", names).Scan(&rows).Error
	for _, r := range rows {
		into[r.ID] = r.Zone
	}
	return err
}

// upTo ends what was found at the last row of a kind of which there may be more.
func upTo[T any](f *alarms.Found, rows []T, limit int, revision func(T) devices.Revision) []T {
	if n := len(rows); n >= limit {
		f.UpTo, f.More = min(f.UpTo, revision(rows[n-1])), true
	}
	return rows
}

// trimmed leaves out what is above UpTo: it is read the next time.
func trimmed(f alarms.Found) alarms.Found {
	for n := len(f.Events); n > 0 && f.Events[n-1].Revision > f.UpTo; n-- {
		f.Events = f.Events[:n-1]
	}
	for n := len(f.Commands); n > 0 && f.Commands[n-1].Revision > f.UpTo; n-- {
		f.Commands = f.Commands[:n-1]
	}
	for n := len(f.Quarantined); n > 0 && f.Quarantined[n-1].Revision > f.UpTo; n-- {
		f.Quarantined = f.Quarantined[:n-1]
	}
	return f
}

// Known implements alarms.Store.
func (s alarmStore) Known(ctx context.Context, causes []alarms.Cause) ([]alarms.Cause, error) {
	byKind := map[alarms.CauseKind][]string{}
	for _, c := range causes {
		if c.Kind != "" {
			byKind[c.Kind] = append(byKind[c.Kind], c.ID)
		}
	}
	var known []alarms.Cause
	err := s.db.read(ctx, "alarms.known", func(tx *gorm.DB) error {
		for kind, ids := range byKind {
			var found []string
			if err := tx.Raw("SELECT cause_id FROM alarm_entries WHERE cause_kind <> '' AND cause_kind = ? AND cause_id IN ?", kind, ids).Scan(&found).Error; err != nil {
				return err
			}
			for _, id := range found {
				known = append(known, alarms.Cause{Kind: kind, ID: id})
			}
		}
		return nil
	})
	return known, err
}

// Open implements alarms.Store.
func (s alarmStore) Open(ctx context.Context) ([]alarms.Alarm, error) {
	return s.alarms(ctx, "alarms.open", func(tx *gorm.DB) *gorm.DB { return tx.Where("resolved IS NULL").Order("id DESC") })
}

// Alarms implements alarms.Store.
func (s alarmStore) Alarms(ctx context.Context, q alarms.Query) ([]alarms.Alarm, error) {
	return s.alarms(ctx, "alarms.list", func(tx *gorm.DB) *gorm.DB {
		tx = equal(tx, "site", q.Site)
		tx = equal(tx, "zone", q.Zone)
		tx = equal(tx, "device", q.Device)
		tx = equal(tx, "type", q.Type)
		tx = equal(tx, "severity", q.Severity)
		tx = reaching(tx, q.Within)
		if q.Assignee != "" {
			tx = tx.Where("json_extract(assignee, '$.ID') = ?", q.Assignee)
		}
		if q.Text != "" {
			tx = tx.Where("instr(lower(detail), lower(@text)) > 0 OR EXISTS (SELECT 1 FROM devices d WHERE d.id = alarms.device AND instr(lower(d.name), lower(@text)) > 0)",
				sql.Named("text", q.Text))
		}
		if q.Before != "" {
			tx = tx.Where("id < ?", q.Before)
		}
		if q.Open {
			tx = tx.Where("resolved IS NULL")
		}
		switch q.State {
		case alarms.Raised:
			tx = tx.Where("resolved IS NULL AND acknowledged IS NULL AND over IS NULL")
		case alarms.Over:
			tx = tx.Where("resolved IS NULL AND acknowledged IS NULL AND over IS NOT NULL")
		case alarms.Acknowledged:
			tx = tx.Where("resolved IS NULL AND acknowledged IS NOT NULL")
		case alarms.Resolved:
			tx = tx.Where("resolved IS NOT NULL")
		}
		return tx.Order("id DESC").Limit(limited(q.Limit))
	})
}

func (s alarmStore) alarms(ctx context.Context, op string, choose func(*gorm.DB) *gorm.DB) ([]alarms.Alarm, error) {
	var rows []alarmRow
	err := s.db.read(ctx, op, func(tx *gorm.DB) error { return choose(tx).Find(&rows).Error })
	return mapped(rows, alarmRow.alarm), err
}

// Alarm implements alarms.Store.
func (s alarmStore) Alarm(ctx context.Context, id alarms.ID) (a alarms.Alarm, err error) {
	err = s.db.read(ctx, "alarms.alarm", func(tx *gorm.DB) error {
		row, err := one[alarmRow](tx.Where("id = ?", id), "alarm", string(id))
		a = row.alarm()
		return err
	})
	return a, err
}

// History implements alarms.Store.
func (s alarmStore) History(ctx context.Context, id alarms.ID, limit int) ([]alarms.Entry, error) {
	var rows []alarmEntryRow
	err := s.db.read(ctx, "alarms.history", func(tx *gorm.DB) error {
		return tx.Where("alarm = ?", id).Order("n DESC").Limit(limited(limit)).Find(&rows).Error
	})
	return mapped(rows, alarmEntryRow.entry), err
}

// Mutes implements alarms.Store.
func (s alarmStore) Mutes(ctx context.Context) ([]alarms.Mute, error) {
	var rows []muteRow
	err := s.db.read(ctx, "alarms.mutes", func(tx *gorm.DB) error { return tx.Find(&rows).Error })
	return mapped(rows, func(r muteRow) alarms.Mute {
		return alarms.Mute{
			Site: r.Site, Device: r.Device, Type: r.Type, Since: r.Since.time(), Until: r.Until.time(),
			By: alarms.Who{Kind: r.ByKind, ID: r.ByID, Name: r.ByName}, Reason: r.Reason,
		}
	}), err
}
