package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/replay"
)

// replaySource is replay.Source: it reads what the other stores keep.
type replaySource struct{ db *DB }

// Read implements replay.Source.
func (s replaySource) Read(ctx context.Context, k replay.Kind, w replay.Window) (p replay.Part, err error) {
	read := map[replay.Kind]func(*gorm.DB, replay.Window) (replay.Part, error){
		replay.Act: s.acts, replay.Layer: s.layers, replay.Switch: replaySwitches, replay.Command: replayCommands, replay.Link: replayLinks,
		replay.Change: replayChanges, replay.Event: replayEvents, replay.Picture: replayPictures, replay.Alarm: replayAlarms,
	}[k]
	err = s.db.read(ctx, "replay."+string(k), func(tx *gorm.DB) error {
		p, err = read(tx, w)
		return err
	})
	return p, err
}

// ofWindow selects rows by the place of their device. The plus keeps column out of the
// choice of an index: time chooses.
func ofWindow(tx *gorm.DB, column string, w replay.Window) *gorm.DB {
	where, names := windowDevices(w)
	return tx.Where("+"+column+" IN ("+where+")", names...)
}

// windowDevices are the devices of a window as a statement.
func windowDevices(w replay.Window) (statement string, names []any) {
	statement, names = "SELECT id FROM devices WHERE site = ?", []any{w.Site}
	if w.Zone != "" {
		statement, names = statement+" AND zone = ?", append(names, w.Zone)
	}
	if w.Devices != nil {
		statement, names = statement+" AND id IN ?", append(names, w.Devices)
	}
	if w.Within != nil && !w.Within.Everything() {
		where, places := reachClause(*w.Within)
		statement, names = statement+" AND "+where, append(names, places...)
	}
	return statement, names
}

func replayCommands(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	var rows []commandRow
	tx = reaching(within(ofWindow(tx.Where("site = ?", w.Site), "device", w), "issued", w.From, w.To), w.Within)
	if w.Openings {
		tx = tx.Where("(action IN ('open', 'pass') OR action = 'mode' AND json_extract(args, '$.mode') IN ('held_open', 'fire_release'))")
	}
	err := tx.Order("issued, device, seq").Limit(w.Limit).Find(&rows).Error
	return replay.NewPart(rows, w.Limit, func(r commandRow) (replay.Line, bool) {
		c := r.command()
		return replay.Line{At: c.Issued, Kind: replay.Command, Device: c.Device, N: c.Seq, Key: string(c.ID), Command: &c}, true
	}, func(r commandRow) time.Time { return r.Issued.time() }), err
}

func replayChanges(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	var rows []changeRow
	err := within(ofWindow(tx, "device", w), "arrived_at", w.From, w.To).Order("arrived_at, id").Limit(w.Limit).Find(&rows).Error
	return replay.NewPart(rows, w.Limit, func(r changeRow) (replay.Line, bool) {
		c := r.change()
		return replay.Line{At: c.ArrivedAt, Kind: replay.Change, Device: c.Device, N: c.ID, Change: &c}, true
	}, func(r changeRow) time.Time { return r.ArrivedAt.time() }), err
}

func replayEvents(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	var rows []eventRow
	if w.Devices != nil {
		where, names := windowDevices(w)
		tx = tx.Where("device IN ("+where+")", names...)
	} else {
		tx = ofWindow(tx.Where("site = ?", w.Site), "device", w)
	}
	tx = reaching(within(tx, "arrived_at", w.From, w.To), w.Within)
	if w.Openings {
		tx = tx.Where(`(type IN ('opened_without_command', 'forced_open', 'fire') OR type = 'passage' AND result = 'granted'
			OR type = 'movement' AND physical IN ('open', 'opening') AND command = '')`)
	}
	err := tx.Order(`arrived_at, "row"`).Limit(w.Limit).Find(&rows).Error
	return replay.NewPart(rows, w.Limit, func(r eventRow) (replay.Line, bool) {
		e := r.event()
		return replay.Line{At: e.ArrivedAt, Kind: replay.Event, Device: e.Device, N: r.Row, Key: string(e.ID), Event: &e}, true
	}, func(r eventRow) time.Time { return r.ArrivedAt.time() }), err
}

func replayPictures(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	var rows []pictureRow
	tx = within(ofWindow(tx.Where("site = ? AND removed_at IS NULL", w.Site), "device", w), "arrived_at", w.From, w.To)
	err := tx.Order("arrived_at, device, event").Limit(w.Limit).Find(&rows).Error
	return replay.NewPart(rows, w.Limit, func(r pictureRow) (replay.Line, bool) {
		return replay.Line{
			At: r.ArrivedAt.time(), Kind: replay.Picture, Device: r.Device, Key: string(r.Device) + "/" + string(r.Event),
			Picture: &replay.Taken{Event: r.Event, Width: r.Width, Height: r.Height},
		}, true
	}, func(r pictureRow) time.Time { return r.ArrivedAt.time() }), err
}

// replayAlarmRow is an entry with what stands in its alarm.
type replayAlarmRow struct {
	Entry    alarmEntryRow `gorm:"embedded"`
	Device   devices.DeviceID
	Type     alarms.Type
	Severity alarms.Severity
}

func replayAlarms(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	var rows []replayAlarmRow
	tx = tx.Table("alarm_entries").Select("alarm_entries.*, alarms.device, alarms.type, alarms.severity").
		Joins("CROSS JOIN alarms ON alarms.id = alarm_entries.alarm") // entries first: there are few in a window
	tx = reaching(within(ofWindow(tx, "alarms.device", w), "alarm_entries.at", w.From, w.To), w.Within)
	err := tx.Order("alarm_entries.at, alarm_entries.n").Limit(w.Limit).Scan(&rows).Error
	return replay.NewPart(rows, w.Limit, func(r replayAlarmRow) (replay.Line, bool) {
		e := r.Entry.entry()
		return replay.Line{
			At: e.At, Kind: replay.Alarm, Device: r.Device, N: e.N, Alarm: &replay.Alarmed{Entry: e, Type: r.Type, Severity: r.Severity},
		}, true
	}, func(r replayAlarmRow) time.Time { return r.Entry.At.time() }), err
}

// replaySwitches are those that were due before the end of the window and claimed within
// it: nothing is claimed before it is due.
func replaySwitches(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	var rows []switchRow
	tx = within(tx.Where("site = ? AND due < ?", w.Site, stamp(w.To)), "claimed", w.From, w.To)
	if w.Zone != "" || w.Devices != nil || w.Within != nil && !w.Within.Site(w.Site) {
		where, names := windowDevices(w)
		tx = tx.Where(`EXISTS (SELECT 1 FROM timetable_results x WHERE x.timetable = timetable_runs.timetable AND x.due = timetable_runs.due
			AND x.device IN (`+where+"))", names...)
	}
	if w.Openings {
		tx = tx.Where("mode IN ('held_open', 'fire_release')")
	}
	err := tx.Order("claimed, due, timetable").Limit(w.Limit).Find(&rows).Error
	return replay.NewPart(rows, w.Limit, func(r switchRow) (replay.Line, bool) {
		run := r.run()
		return replay.Line{At: run.Claimed, Kind: replay.Switch, N: run.Due.UnixMicro(), Key: string(run.Timetable), Switch: &run}, true
	}, func(r switchRow) time.Time { return r.Claimed.time() }), err
}
