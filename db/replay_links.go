package db

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/replay"
)

// replayLinks are the beginnings and the ends of connections.
func replayLinks(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	var lines []replay.Line
	for _, edge := range []struct {
		column string
		line   func(connectionRow) replay.Line
	}{{"up_at", cameOnline}, {"down_at", wentOffline}} {
		var rows []connectionRow
		chosen := tx.Session(&gorm.Session{})
		if edge.column == "up_at" { // by the key
			where, names := windowDevices(w)
			chosen = chosen.Where("device IN ("+where+")", names...)
		} else {
			chosen = ofWindow(chosen, "device", w)
		}
		if err := within(chosen, edge.column, w.From, w.To).Order(edge.column + ", device").Limit(w.Limit).Find(&rows).Error; err != nil {
			return replay.Part{}, err
		}
		for _, r := range rows {
			lines = append(lines, edge.line(r))
		}
	}
	slices.SortFunc(lines, replay.Line.Compare)
	return replay.NewPart(lines[:min(len(lines), w.Limit)], w.Limit, func(l replay.Line) (replay.Line, bool) { return l, true },
		func(l replay.Line) time.Time { return l.At }), nil
}

func cameOnline(r connectionRow) replay.Line {
	up := r.UpAt.time()
	return replay.Line{
		At: up, Kind: replay.Link, Device: r.Device, N: up.UnixMicro(), Key: string(r.Device) + "/online",
		Link: &replay.LinkChange{Online: true, Remote: r.Remote, Since: up, Missed: r.Missed},
	}
}

// wentOffline comes before what of the device comes online at the same moment.
func wentOffline(r connectionRow) replay.Line {
	return replay.Line{
		At: r.DownAt.time(), Kind: replay.Link, Device: r.Device, N: r.UpAt.time().UnixMicro(), Key: string(r.Device) + "/offline",
		Link: &replay.LinkChange{Cause: r.Cause, Remote: r.Remote, Since: r.UpAt.time()},
	}
}

// Before implements replay.Source.
func (s replaySource) Before(ctx context.Context, of []devices.DeviceID, at time.Time) (map[devices.DeviceID]replay.Before, error) {
	ids, err := json.Marshal(of)
	if err != nil {
		return nil, err
	}
	all := make(map[devices.DeviceID]replay.Before, len(of))
	err = s.db.read(ctx, "replay.before", func(tx *gorm.DB) error {
		if err := linksBefore(tx, string(ids), at, all); err != nil {
			return err
		}
		return valuesBefore(tx, string(ids), at, all)
	})
	return all, err
}

// linksBefore finds the last connection that began before a moment.
func linksBefore(tx *gorm.DB, ids string, at time.Time, all map[devices.DeviceID]replay.Before) error {
	var rows []connectionRow
	err := tx.Raw(`SELECT c.* FROM json_each(?) d CROSS JOIN connections c ON c.device = d.value
		AND c.up_at = (SELECT max(up_at) FROM connections WHERE device = d.value AND up_at < ?)`, ids, stamp(at)).Scan(&rows).Error
	for _, r := range rows {
		b := replay.Before{Connected: true, Online: true, Since: r.UpAt.time()}
		if down := r.DownAt.time(); !down.IsZero() && down.Before(at) {
			b.Online, b.Since, b.Cause = false, down, r.Cause
		}
		all[r.Device] = b
	}
	return err
}

// valuesBefore finds the last change of each field before a moment. Rows lie in the order
// of their arrival, so that the newest of that time bounds the search.
func valuesBefore(tx *gorm.DB, ids string, at time.Time, all map[devices.DeviceID]replay.Before) error {
	fields, err := json.Marshal(replay.Fields())
	if err != nil {
		return err
	}
	var last int64
	err = tx.Raw("SELECT coalesce((SELECT id FROM state_changes WHERE arrived_at < ? ORDER BY arrived_at DESC, id DESC LIMIT 1), 0)", stamp(at)).Scan(&last).Error
	if err != nil || last == 0 {
		return err
	}
	var rows []changeRow
	err = tx.Raw(`SELECT c.* FROM json_each(?) d CROSS JOIN json_each(?) f CROSS JOIN state_changes c ON c.id =
		(SELECT x.id FROM state_changes x WHERE x.device = d.value AND x.field = f.value AND x.id <= ? AND x.arrived_at < ? ORDER BY x.id DESC LIMIT 1)`,
		ids, string(fields), last, stamp(at)).Scan(&rows).Error
	for _, r := range rows {
		b := all[r.Device]
		if b.Values == nil {
			b.Values = map[string]string{}
		}
		b.Values[r.Field] = r.Now
		all[r.Device] = b
	}
	return err
}
