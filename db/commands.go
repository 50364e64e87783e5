package db

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/command"
)

// commandRow is one row of commands.
type commandRow struct {
	ID           devices.CommandID `gorm:"primaryKey"`
	Device       devices.DeviceID
	Site         devices.SiteID
	Zone         devices.ZoneID
	Seq          int64
	Key          *string
	Action       devices.Action
	Args         document[map[string]string]
	Reason       string
	ActorKind    devices.ActorKind
	ActorID      string
	ActorName    string
	ActorAddress string
	Issued       stamp
	TTL          int64
	Ladder       document[command.Ladder]
	Ended        bool
	Revision     devices.Revision
}

// TableName implements gorm's Tabler.
func (commandRow) TableName() string { return "commands" }

func newCommandRow(c devices.Command) commandRow {
	r := commandRow{
		ID: c.ID, Device: c.Device, Site: c.Site, Zone: c.Zone, Seq: c.Seq,
		Action: c.Action, Args: document[map[string]string]{c.Args}, Reason: c.Reason,
		ActorKind: c.Actor.Kind, ActorID: c.Actor.ID, ActorName: c.Actor.Name, ActorAddress: c.Actor.Address,
		Issued: stamp(c.Issued), TTL: c.TTL.Microseconds(),
		Ladder: document[command.Ladder]{c.Ladder}, Ended: command.Ended(c.Ladder), Revision: c.Revision,
	}
	if c.Key != "" {
		r.Key = &c.Key
	}
	return r
}

func (r commandRow) command() devices.Command {
	c := devices.Command{
		ID: r.ID, Device: r.Device, Site: r.Site, Zone: r.Zone, Seq: r.Seq,
		Action: r.Action, Args: r.Args.v, Reason: r.Reason,
		Actor:  devices.Actor{Kind: r.ActorKind, ID: r.ActorID, Name: r.ActorName, Address: r.ActorAddress},
		Issued: r.Issued.time(), TTL: time.Duration(r.TTL) * time.Microsecond,
		Ladder: r.Ladder.v, Revision: r.Revision,
	}
	if r.Key != nil {
		c.Key = *r.Key
	}
	return c
}

// AddCommand implements devices.Store.
func (s deviceStore) AddCommand(ctx context.Context, c devices.Command, a devices.AuditEntry) (stored devices.Command, existed bool, err error) {
	err = s.db.write(ctx, "store.add_command", urgent, func(tx *gorm.DB) error {
		if stored, existed, err = byKey(tx, c); existed || err != nil {
			return err
		}
		if err := noteSeq(tx, c); err != nil {
			return err
		}
		if c.Revision, err = raise(tx, c.Site); err != nil {
			return err
		}
		row := newCommandRow(c)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		stored = row.command()
		if err := noteEnd(tx, stored); err != nil {
			return err
		}
		return audit(tx, a)
	})
	if err != nil {
		return devices.Command{}, false, err
	}
	return stored, existed, nil
}

// byKey finds the command that was made with the key of c.
func byKey(tx *gorm.DB, c devices.Command) (found devices.Command, ok bool, err error) {
	if c.Key == "" {
		return devices.Command{}, false, nil
	}
	var row commandRow
	err = tx.Where("device = ? AND key = ?", c.Device, c.Key).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return devices.Command{}, false, nil
	}
	return row.command(), err == nil, err
}

// noteSeq keeps the greatest number that a device's commands had. They may be stored
// in another order than they were made in.
func noteSeq(tx *gorm.DB, c devices.Command) error {
	res := tx.Exec("UPDATE devices SET command_seq = max(command_seq, ?) WHERE id = ?", c.Seq, c.Device)
	return changed(res, "device", string(c.Device))
}

// CommandByKey implements devices.Store.
func (s deviceStore) CommandByKey(ctx context.Context, d devices.DeviceID, key string) (c devices.Command, err error) {
	err = s.db.read(ctx, "store.command_by_key", func(tx *gorm.DB) error {
		row, err := one[commandRow](tx.Where("device = ? AND key = ?", d, key), "command with the key", key)
		c = row.command()
		return err
	})
	return c, err
}

// CommandSeqs implements devices.Store.
func (s deviceStore) CommandSeqs(ctx context.Context) (map[devices.DeviceID]int64, error) {
	var rows []struct {
		ID         devices.DeviceID
		CommandSeq int64
	}
	err := s.db.read(ctx, "store.command_seqs", func(tx *gorm.DB) error {
		return tx.Table("devices").Select("id", "command_seq").Where("command_seq > 0").Find(&rows).Error
	})
	seqs := make(map[devices.DeviceID]int64, len(rows))
	for _, r := range rows {
		seqs[r.ID] = r.CommandSeq
	}
	return seqs, err
}

// CommandKeys implements devices.Store. SQLite numbers rows in the order in which
// they are stored, so that the newest are found without an index.
func (s deviceStore) CommandKeys(ctx context.Context, since time.Time, limit int) ([]devices.CommandKey, error) {
	var rows []commandRow
	err := s.db.read(ctx, "store.command_keys", func(tx *gorm.DB) error {
		return tx.Select("id", "device", "key").
			Where("rowid > (SELECT coalesce(max(rowid), 0) FROM commands) - ? AND issued >= ? AND key IS NOT NULL", limit, stamp(since)).
			Order("rowid DESC").Find(&rows).Error
	})
	return mapped(rows, func(r commandRow) devices.CommandKey {
		return devices.CommandKey{Device: r.Device, Key: *r.Key, ID: r.ID}
	}), err
}

// SaveLadder implements devices.Store.
func (s deviceStore) SaveLadder(ctx context.Context, c devices.Command) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_ladder", urgent, func(tx *gorm.DB) error {
		row, err := one[commandRow](tx.Where("id = ?", c.ID), "command", string(c.ID))
		if err != nil {
			return err
		}
		if r, err = raise(tx, row.Site); err != nil {
			return err
		}
		if !row.Ended {
			ended := row.command()
			ended.Ladder = c.Ladder
			if err := noteEnd(tx, ended); err != nil {
				return err
			}
		}
		return tx.Model(&commandRow{}).Where("id = ?", c.ID).Updates(map[string]any{
			"ladder": document[command.Ladder]{c.Ladder}, "ended": command.Ended(c.Ladder), "revision": r,
		}).Error
	})
	return r, err
}

// Command implements devices.Store.
func (s deviceStore) Command(ctx context.Context, id devices.CommandID) (c devices.Command, err error) {
	err = s.db.read(ctx, "store.command", func(tx *gorm.DB) error {
		row, err := one[commandRow](tx.Where("id = ?", id), "command", string(id))
		c = row.command()
		return err
	})
	return c, err
}

// Commands implements devices.Store.
func (s deviceStore) Commands(ctx context.Context, q devices.CommandQuery) ([]devices.Command, error) {
	return s.commands(ctx, "store.commands", func(tx *gorm.DB) *gorm.DB {
		tx = tx.Where("device = ?", q.Device)
		tx = equal(tx, "action", q.Action)
		tx = equal(tx, "actor_kind", q.By)
		tx = within(tx, "issued", q.From, q.Before)
		if q.Older != "" {
			tx = tx.Where("seq < (SELECT o.seq FROM commands o WHERE o.device = ? AND o.id = ?)", q.Device, q.Older)
		}
		return tx.Order("seq DESC").Limit(limited(q.Limit))
	})
}

// OpenCommands implements devices.Store.
func (s deviceStore) OpenCommands(ctx context.Context) ([]devices.Command, error) {
	return s.commands(ctx, "store.open_commands", func(tx *gorm.DB) *gorm.DB {
		return tx.Where("ended = 0").Order("device, seq")
	})
}

func (s deviceStore) commands(ctx context.Context, op string, choose func(*gorm.DB) *gorm.DB) ([]devices.Command, error) {
	var rows []commandRow
	err := s.db.read(ctx, op, func(tx *gorm.DB) error { return choose(tx).Find(&rows).Error })
	return mapped(rows, commandRow.command), err
}
