package db

import (
	"context"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/shift"
)

// shiftStore is shift.Store.
type shiftStore struct{ db *DB }

// shiftRow is one row of shifts.
type shiftRow struct {
	ID         shift.ID `gorm:"primaryKey"`
	Site       devices.SiteID
	Booth      string
	Person     string
	Name       string
	Took       *shift.ID
	Began      stamp
	CountsFrom stamp
	LedgerFrom int64
	Ended      stamp
	LedgerTo   int64
	How        shift.How
	EndedBy    document[shift.Person]
	ToPerson   document[shift.Person]
	Remark     string
	Counted    document[[]shift.Money]
	Counts     document[shift.Counts]
}

// TableName implements gorm's Tabler.
func (shiftRow) TableName() string { return "shifts" }

// shiftDeviceRow is one row of shift_devices.
type shiftDeviceRow struct {
	Shift       shift.ID `gorm:"primaryKey"`
	Position    int      `gorm:"primaryKey"`
	Device      devices.DeviceID
	Site        devices.SiteID
	Zone        devices.ZoneID
	CommandFrom int64
	Open        bool
}

// TableName implements gorm's Tabler.
func (shiftDeviceRow) TableName() string { return "shift_devices" }

// shiftNoteRow is one row of shift_notes.
type shiftNoteRow struct {
	ID     int64 `gorm:"primaryKey"`
	Shift  shift.ID
	At     stamp
	Person document[shift.Person]
	Device devices.DeviceID
	Text   string
}

// TableName implements gorm's Tabler.
func (shiftNoteRow) TableName() string { return "shift_notes" }

func (r shiftNoteRow) note() shift.Note {
	return shift.Note{ID: r.ID, Shift: r.Shift, At: r.At.time(), By: r.Person.v, Device: r.Device, Text: r.Text}
}

func (r shiftRow) shift() shift.Shift {
	s := shift.Shift{
		ID: r.ID, Site: r.Site, Booth: r.Booth, Person: shift.Person{ID: r.Person, Name: r.Name}, Began: r.Began.time(),
		Ended: r.Ended.time(), How: r.How, By: r.EndedBy.v, To: r.ToPerson.v, Remark: r.Remark, Counted: r.Counted.v, Counts: r.Counts.v,
	}
	if r.Took != nil {
		s.Took = *r.Took
	}
	return s
}

// Begin implements shift.Store.
func (s shiftStore) Begin(ctx context.Context, x shift.Shift, a devices.AuditEntry) error {
	return s.db.write(ctx, "shift.begin", normal, func(tx *gorm.DB) error {
		if err := free(tx, x); err != nil {
			return err
		}
		row := shiftRow{ID: x.ID, Site: x.Site, Booth: x.Booth, Person: x.Person.ID, Name: x.Person.Name, Began: stamp(x.Began), CountsFrom: stamp(x.Began)}
		if err := startOf(tx, x, &row); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		for i, d := range x.Devices {
			err := tx.Exec(`INSERT INTO shift_devices (shift, position, device, site, zone, command_from, open)
				SELECT ?, ?, id, site, zone, command_seq, 1 FROM devices WHERE id = ?`, x.ID, i, d).Error
			if err != nil {
				return err
			}
		}
		return audit(tx, a)
	})
}

// free is nil if the person has no open shift, and no device is in one.
func free(tx *gorm.DB, x shift.Shift) error {
	var own int64
	if err := tx.Model(&shiftRow{}).Where("person = ? AND ended IS NULL", x.Person.ID).Count(&own).Error; err != nil {
		return err
	}
	if own > 0 {
		return &devices.Error{Code: shift.AlreadyOn, Message: "you have an open shift: hand it over first"}
	}
	var held []struct{ Device, Name string }
	err := tx.Raw(`SELECT e.name AS device, s.name FROM shift_devices d JOIN shifts s ON s.id = d.shift JOIN devices e ON e.id = d.device
		WHERE d.open = 1 AND d.device IN ? LIMIT 1`, x.Devices).Scan(&held).Error
	if err == nil && len(held) > 0 {
		return &devices.Error{Code: shift.LaneTaken, Field: "devices", Message: held[0].Device + " is in the open shift of " + held[0].Name}
	}
	return err
}

// startOf says from where a new shift counts: from now, or from the end of the one that it takes over.
func startOf(tx *gorm.DB, x shift.Shift, row *shiftRow) error {
	if x.Took == "" {
		return tx.Raw("SELECT coalesce(max(id), 0) FROM ledger").Scan(&row.LedgerFrom).Error
	}
	before, err := one[shiftRow](tx.Where("id = ?", x.Took), "shift", string(x.Took))
	if err != nil {
		return err
	}
	var taken int64
	if err := tx.Model(&shiftRow{}).Where("took = ?", x.Took).Count(&taken).Error; err != nil {
		return err
	}
	if taken > 0 || before.How != shift.HandedOver {
		return &devices.Error{Code: shift.TakenAlready, Message: "it was taken over already, or was not handed over"}
	}
	row.Took, row.CountsFrom, row.LedgerFrom = &x.Took, before.Ended, before.LedgerTo
	return nil
}

// AddNote implements shift.Store.
func (s shiftStore) AddNote(ctx context.Context, n shift.Note, a devices.AuditEntry) (shift.Note, error) {
	row := shiftNoteRow{Shift: n.Shift, At: stamp(n.At), Person: document[shift.Person]{n.By}, Device: n.Device, Text: n.Text}
	err := s.db.write(ctx, "shift.note", normal, func(tx *gorm.DB) error {
		if _, err := openShift(tx, n.Shift); err != nil {
			return err
		}
		row.ID = 0 // a group that is written again gives it anew
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	n.ID = row.ID
	return n, err
}

// openShift is a shift that has not ended.
func openShift(tx *gorm.DB, id shift.ID) (shiftRow, error) {
	row, err := one[shiftRow](tx.Where("id = ?", id), "shift", string(id))
	if err == nil && row.How != shift.Open {
		err = &devices.Error{Code: shift.Over, Message: "the shift has ended"}
	}
	return row, err
}

// Finish implements shift.Store.
func (s shiftStore) Finish(ctx context.Context, e shift.End, entry func(shift.Shift) devices.AuditEntry) (done shift.Shift, err error) {
	err = s.db.write(ctx, "shift.finish", normal, func(tx *gorm.DB) error {
		row, err := openShift(tx, e.Shift)
		if err != nil {
			return err
		}
		if err := tx.Raw("SELECT coalesce(max(id), 0) FROM ledger").Scan(&row.LedgerTo).Error; err != nil {
			return err
		}
		row.Ended, row.How, row.EndedBy, row.ToPerson = stamp(e.At), e.How, document[shift.Person]{e.By}, document[shift.Person]{e.To}
		row.Remark, row.Counted = e.Remark, document[[]shift.Money]{e.Counted}
		members, err := membersOf(tx, row.ID)
		if err != nil {
			return err
		}
		if row.Counts.v, err = counts(tx, row, members[row.ID]); err != nil {
			return err
		}
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		if err := tx.Exec("UPDATE shift_devices SET open = 0 WHERE shift = ?", row.ID).Error; err != nil {
			return err
		}
		done = row.shift()
		done.Devices = deviceIDs(members[row.ID])
		return audit(tx, entry(done))
	})
	return done, err
}

// Shift implements shift.Store.
func (s shiftStore) Shift(ctx context.Context, id shift.ID) (shift.Shift, error) {
	all, err := s.found(ctx, "shift.get", func(tx *gorm.DB) *gorm.DB { return tx.Where("id = ?", id) })
	if err == nil && len(all) == 0 {
		err = domainError("shift.get", notFound("shift", string(id)))
	}
	if err != nil {
		return shift.Shift{}, err
	}
	return all[0], nil
}

// Shifts implements shift.Store.
func (s shiftStore) Shifts(ctx context.Context, q shift.Query) ([]shift.Shift, error) {
	return s.found(ctx, "shift.list", func(tx *gorm.DB) *gorm.DB {
		tx = equal(tx, "site", q.Site)
		tx = equal(tx, "person", q.Person)
		tx = within(tx, "began", q.From, q.To)
		if q.Name != "" {
			tx = tx.Where("instr(lower(name), lower(?)) > 0", q.Name)
		}
		if q.Device != "" {
			tx = tx.Where("id IN (SELECT shift FROM shift_devices WHERE device = ?)", q.Device)
		}
		switch q.State {
		case shift.IsOpen:
			tx = tx.Where("ended IS NULL")
		case shift.IsEnded:
			tx = tx.Where("ended IS NOT NULL")
		case shift.IsOffered:
			tx = tx.Where("how = ? AND NOT EXISTS (SELECT 1 FROM shifts t WHERE t.took = shifts.id)", shift.HandedOver)
		}
		if !q.Since.IsZero() {
			tx = tx.Where("(ended IS NULL OR ended >= ?)", stamp(q.Since))
		}
		if q.Before != "" {
			tx = tx.Where("id < ?", q.Before)
		}
		if q.Within != nil && !q.Within.Everything() {
			where, names := reachClause(*q.Within)
			tx = tx.Where("NOT EXISTS (SELECT 1 FROM shift_devices WHERE shift = shifts.id AND NOT ("+where+"))", names...)
		}
		return tx.Order("id DESC").Limit(limited(q.Limit))
	})
}

// found reads shifts with their devices, and by whom they were taken over, as of one moment.
func (s shiftStore) found(ctx context.Context, op string, which func(*gorm.DB) *gorm.DB) (all []shift.Shift, err error) {
	err = s.db.read(ctx, op, func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error {
			var rows []shiftRow
			if err := which(tx).Find(&rows).Error; err != nil {
				return err
			}
			ids := mapped(rows, func(r shiftRow) shift.ID { return r.ID })
			members, err := membersOf(tx, ids...)
			if err != nil {
				return err
			}
			taken, err := takenOf(tx, ids)
			all = mapped(rows, func(r shiftRow) shift.Shift {
				x := r.shift()
				x.Devices, x.Taken = deviceIDs(members[r.ID]), taken[r.ID]
				return x
			})
			return err
		})
	})
	return all, err
}

// membersOf are the devices of shifts, in their order.
func membersOf(tx *gorm.DB, ids ...shift.ID) (map[shift.ID][]shiftDeviceRow, error) {
	var rows []shiftDeviceRow
	err := tx.Where("shift IN ?", ids).Order("shift, position").Find(&rows).Error
	of := make(map[shift.ID][]shiftDeviceRow, len(ids))
	for _, r := range rows {
		of[r.Shift] = append(of[r.Shift], r)
	}
	return of, err
}

func deviceIDs(rows []shiftDeviceRow) []devices.DeviceID {
	return mapped(rows, func(r shiftDeviceRow) devices.DeviceID { return r.Device })
}

// takenOf says of each of some shifts by which other it was taken over.
func takenOf(tx *gorm.DB, ids []shift.ID) (map[shift.ID]*shift.Taken, error) {
	var rows []shiftRow
	err := tx.Where("took IN ?", ids).Find(&rows).Error
	of := make(map[shift.ID]*shift.Taken, len(rows))
	for _, r := range rows {
		of[*r.Took] = &shift.Taken{By: r.ID, Who: shift.Person{ID: r.Person, Name: r.Name}, Began: r.Began.time()}
	}
	return of, err
}

// Notes implements shift.Store.
func (s shiftStore) Notes(ctx context.Context, id shift.ID) ([]shift.Note, error) {
	var rows []shiftNoteRow
	err := s.db.read(ctx, "shift.notes", func(tx *gorm.DB) error {
		return tx.Where("shift = ?", id).Order("id").Find(&rows).Error
	})
	return mapped(rows, shiftNoteRow.note), err
}

// Count implements shift.Store.
func (s shiftStore) Count(ctx context.Context, id shift.ID) (c shift.Counts, err error) {
	err = s.db.read(ctx, "shift.count", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error {
			row, err := one[shiftRow](tx.Where("id = ?", id), "shift", string(id))
			if err != nil {
				return err
			}
			members, err := membersOf(tx, id)
			if err != nil {
				return err
			}
			c, err = counts(tx, row, members[id])
			return err
		})
	})
	return c, err
}
