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
		if c.Seq, err = nextSeq(tx, c); err != nil {
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

// nextSeq gives a device's next command sequence number.
func nextSeq(tx *gorm.DB, c devices.Command) (seq int64, err error) {
	res := tx.Raw("UPDATE devices SET command_seq = max(command_seq + 1, ?) WHERE id = ? RETURNING command_seq",
		c.Issued.UnixMilli(), c.Device).Scan(&seq)
	return seq, changed(res, "device", string(c.Device))
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
func (s deviceStore) Commands(ctx context.Context, d devices.DeviceID, limit int) ([]devices.Command, error) {
	return s.commands(ctx, "store.commands", func(tx *gorm.DB) *gorm.DB {
		return tx.Where("device = ?", d).Order("seq DESC").Limit(limited(limit))
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
