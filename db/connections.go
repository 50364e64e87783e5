package db

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// forgotten is how many rows are removed at once: nobody waits long for it.
const forgotten = 2000

// connectionRow is one row of connections.
type connectionRow struct {
	Device devices.DeviceID
	UpAt   stamp
	DownAt stamp
	Cause  string
	Remote string
	Missed int
}

// TableName implements gorm's Tabler.
func (connectionRow) TableName() string { return "connections" }

func (r connectionRow) span() presence.Span {
	return presence.Span{Up: r.UpAt.time(), Down: r.DownAt.time(), Cause: r.Cause, Remote: r.Remote, Missed: r.Missed}
}

// SaveLinks implements devices.Store.
func (s deviceStore) SaveLinks(ctx context.Context, all []devices.LinkChange) (out []devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_links", normal, func(tx *gorm.DB) error {
		out = make([]devices.Revision, len(all))
		for i, c := range all {
			if out[i], err = saveLink(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// saveLink stores a link with what is new in its history.
func saveLink(tx *gorm.DB, c devices.LinkChange) (devices.Revision, error) {
	r, err := raiseDevice(tx, c.Device)
	if err != nil {
		return 0, err
	}
	l := c.Link
	if err := tx.Exec(`UPDATE devices SET link_status = ?, link_since = ?, link_cause = ?, link_epoch = ?, link_remote = ? WHERE id = ?`,
		l.Status, stamp(l.Since), l.Cause, int64(l.Epoch), l.Remote, c.Device).Error; err != nil {
		return 0, err
	}
	for _, h := range c.History {
		if err := tx.Exec(`INSERT INTO connections (device, up_at, down_at, cause, remote, missed) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (device, up_at) DO UPDATE SET down_at = excluded.down_at, cause = excluded.cause,
			missed = max(missed, excluded.missed)`,
			c.Device, stamp(h.Up), stamp(h.Down), h.Cause, h.Remote, h.Missed).Error; err != nil {
			return 0, err
		}
	}
	return r, nil
}

// endConnection ends what of a device stands.
func endConnection(tx *gorm.DB, d devices.DeviceID, at time.Time, cause string) error {
	return tx.Exec("UPDATE connections SET down_at = max(up_at, ?), cause = ? WHERE device = ? AND down_at IS NULL",
		stamp(at), cause, d).Error
}

// Spans implements devices.Store. Spans of a device do not overlap, so one at most
// reaches into the time from before.
func (s deviceStore) Spans(ctx context.Context, d devices.DeviceID, in presence.Period) ([]presence.Span, error) {
	var rows []connectionRow
	err := s.db.read(ctx, "store.spans", func(tx *gorm.DB) error {
		return tx.Raw(`SELECT * FROM connections WHERE device = @device AND up_at < @to
			AND up_at >= coalesce((SELECT max(up_at) FROM connections WHERE device = @device AND up_at <= @from), @from)
			AND (down_at IS NULL OR down_at > @from) ORDER BY up_at`,
			map[string]any{"device": d, "from": from(in), "to": stamp(in.To)}).Scan(&rows).Error
	})
	return mapped(rows, connectionRow.span), err
}

// SiteSpans implements devices.Store.
func (s deviceStore) SiteSpans(ctx context.Context, site devices.SiteID, in presence.Period) (map[devices.DeviceID][]presence.Span, error) {
	all := map[devices.DeviceID][]presence.Span{}
	err := s.db.read(ctx, "store.site_spans", func(tx *gorm.DB) error {
		rows, err := tx.Raw(`SELECT c.device, c.up_at, c.down_at, c.cause, c.remote, c.missed FROM devices d
			JOIN connections c ON c.device = d.id AND c.up_at < @to
				AND c.up_at >= coalesce((SELECT max(p.up_at) FROM connections p WHERE p.device = d.id AND p.up_at <= @from), @from)
			WHERE d.site = @site AND (c.down_at IS NULL OR c.down_at > @from) ORDER BY c.device, c.up_at`,
			map[string]any{"site": site, "from": from(in), "to": stamp(in.To)}).Rows()
		if err != nil {
			return err
		}
		return scanned(rows, func() error {
			var r connectionRow
			err := rows.Scan(&r.Device, &r.UpAt, &r.DownAt, &r.Cause, &r.Remote, &r.Missed)
			all[r.Device] = append(all[r.Device], r.span())
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// FirstConnected implements devices.Store.
func (s deviceStore) FirstConnected(ctx context.Context, of []devices.DeviceID) (map[devices.DeviceID]time.Time, error) {
	ids, err := json.Marshal(of)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Device devices.DeviceID
		UpAt   stamp
	}
	err = s.db.read(ctx, "store.first_connected", func(tx *gorm.DB) error {
		// The first row of each, not all of them.
		return tx.Raw(`SELECT value AS device, (SELECT min(up_at) FROM connections WHERE device = value) AS up_at FROM json_each(?)`,
			string(ids)).Scan(&rows).Error
	})
	first := make(map[devices.DeviceID]time.Time, len(rows))
	for _, r := range rows {
		if at := r.UpAt.time(); !at.IsZero() {
			first[r.Device] = at
		}
	}
	return first, err
}

// Ran implements devices.Store.
func (s deviceStore) Ran(ctx context.Context, start, seen time.Time) error {
	return s.db.write(ctx, "store.ran", normal, func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO server_runs (started, seen) VALUES (?, ?)
			ON CONFLICT (started) DO UPDATE SET seen = max(seen, excluded.seen)`, stamp(start), stamp(seen)).Error
	})
}

// Runs implements devices.Store.
func (s deviceStore) Runs(ctx context.Context, in presence.Period) ([]presence.Period, error) {
	var rows []struct{ Started, Seen stamp }
	err := s.db.read(ctx, "store.runs", func(tx *gorm.DB) error {
		return tx.Raw(`SELECT started, seen FROM server_runs WHERE seen >= ? AND started < ? ORDER BY started`,
			from(in), stamp(in.To)).Scan(&rows).Error
	})
	runs := make([]presence.Period, len(rows))
	for i, r := range rows {
		runs[i] = presence.Period{From: r.Started.time(), To: r.Seen.time()}
	}
	return runs, err
}

// from is the beginning of a part of time; the zero time is before everything.
func from(in presence.Period) int64 {
	if in.From.IsZero() {
		return 0
	}
	return in.From.UnixMicro()
}

// Forget implements devices.Store.
func (s deviceStore) Forget(ctx context.Context, before time.Time) (more bool, err error) {
	err = s.db.write(ctx, "store.forget", normal, func(tx *gorm.DB) error {
		res := tx.Exec(`DELETE FROM connections WHERE (device, up_at) IN
			(SELECT device, up_at FROM connections WHERE down_at < ? LIMIT ?)`, stamp(before), forgotten)
		if res.Error != nil {
			return res.Error
		}
		more = res.RowsAffected == forgotten
		return tx.Exec("DELETE FROM server_runs WHERE seen < ?", stamp(before)).Error
	})
	return more, err
}
