package db

import (
	"context"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/presence"
)

// deviceStore is devices.Store. Its parts are in the files of their tables.
type deviceStore struct{ db *DB }

// deviceRow is one row of devices.
type deviceRow struct {
	ID         devices.DeviceID `gorm:"primaryKey"`
	Site       devices.SiteID
	Zone       devices.ZoneID
	Kind       devices.KindName
	Name       string
	Created    stamp
	LinkStatus presence.Status
	LinkSince  stamp
	LinkCause  string
	LinkEpoch  int64
	LinkRemote string
	State      document[stateColumn]
	LastEvent  *int64
	CommandSeq int64
	Revision   devices.Revision
}

// TableName implements gorm's Tabler.
func (deviceRow) TableName() string { return "devices" }

// stateColumn is devices.State as devices.state keeps it.
type stateColumn struct {
	Mode         devices.Mode            `json:"mode,omitempty"`
	Modes        map[string]devices.Mode `json:"modes,omitempty"`
	Physical     devices.Physical        `json:"physical,omitempty"`
	Tamper       bool                    `json:"tamper,omitempty"`
	Fault        string                  `json:"fault,omitempty"`
	Counters     map[string]int64        `json:"counters,omitempty"`
	Capabilities []devices.Action        `json:"capabilities,omitempty"`
	Firmware     string                  `json:"firmware,omitempty"`
	Command      devices.CommandID       `json:"command,omitempty"`
	DeviceTime   time.Time               `json:"deviceTime,omitzero"`
	ReportedAt   time.Time               `json:"reportedAt,omitzero"`
	Alarm        devices.Alarm           `json:"alarm,omitempty"`
	Power        devices.Power           `json:"power,omitempty"`
	Signal       int                     `json:"signal,omitempty"`
	Heartbeat    time.Duration           `json:"heartbeat,omitempty"`
	Config       int64                   `json:"config,omitempty"`
	Settings     map[string]string       `json:"settings,omitempty"`
	Drift        devices.Drift           `json:"drift,omitzero"`
}

// live gives what the row says; last is its newest event, if any.
func (r deviceRow) live(last *devices.Event) devices.Live {
	return devices.Live{
		Device: devices.Device{ID: r.ID, Site: r.Site, Zone: r.Zone, Kind: r.Kind, Name: r.Name, Created: r.Created.time()},
		Link: presence.Link{
			Status: r.LinkStatus, Since: r.LinkSince.time(), Cause: r.LinkCause,
			Epoch: uint64(r.LinkEpoch), Remote: r.LinkRemote,
		},
		State: devices.State(r.State.v), Last: last, Revision: r.Revision,
	}
}

// Devices implements devices.Store.
func (s deviceStore) Devices(ctx context.Context) ([]devices.Live, error) {
	var rows []deviceRow
	var newest []eventRow
	var wiring map[devices.DeviceID]devices.FireWiring
	var retired []retirementRow
	var configs map[devices.DeviceID]devices.Configuration
	err := s.db.read(ctx, "store.devices", func(tx *gorm.DB) error {
		return tx.Transaction(func(tx *gorm.DB) error { // both reads see one state
			if err := tx.Order("id").Find(&rows).Error; err != nil {
				return err
			}
			if err := tx.Find(&retired).Error; err != nil {
				return err
			}
			var err error
			if wiring, err = fireWiring(tx); err != nil {
				return err
			}
			if configs, err = newestConfigs(tx); err != nil {
				return err
			}
			return tx.Where(`"row" IN (SELECT last_event FROM devices)`).Find(&newest).Error
		})
	})
	if err != nil {
		return nil, err
	}
	last := make(map[int64]*devices.Event, len(newest))
	for _, r := range newest {
		e := r.event()
		last[r.Row] = &e
	}
	lives := mapped(rows, func(r deviceRow) devices.Live {
		var event *devices.Event
		if r.LastEvent != nil {
			event = last[*r.LastEvent]
		}
		l := r.live(event)
		l.Fire, l.Config = wiring[r.ID], configs[r.ID]
		return l
	})
	withRetirements(lives, retired)
	return lives, nil
}

// AddDevice implements devices.Store.
func (s deviceStore) AddDevice(ctx context.Context, d devices.Device, a devices.AuditEntry) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.add_device", normal, func(tx *gorm.DB) error {
		if r, err = raise(tx, d.Site); err != nil {
			return err
		}
		if err := tx.Create(newDeviceRow(d, r)).Error; err != nil {
			return err
		}
		return audit(tx, a)
	})
	return r, err
}

// newDeviceRow is a device that was never seen.
func newDeviceRow(d devices.Device, r devices.Revision) *deviceRow {
	return &deviceRow{
		ID: d.ID, Site: d.Site, Zone: d.Zone, Kind: d.Kind, Name: d.Name, Created: stamp(d.Created),
		LinkStatus: presence.NeverSeen, State: document[stateColumn]{stateColumn{Physical: devices.Unknown}},
		Revision: r,
	}
}

// SaveLink implements devices.Store.
func (s deviceStore) SaveLink(ctx context.Context, d devices.DeviceID, l presence.Link, history ...presence.Span) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_link", normal, func(tx *gorm.DB) error {
		r, err = saveLink(tx, devices.LinkChange{Device: d, Link: l, History: history})
		return err
	})
	return r, err
}

// SaveState implements devices.Store.
func (s deviceStore) SaveState(ctx context.Context, d devices.DeviceID, state devices.State) (r devices.Revision, err error) {
	err = s.db.write(ctx, "store.save_state", normal, func(tx *gorm.DB) error {
		var was struct{ State document[stateColumn] }
		if err := tx.Model(&deviceRow{}).Select("state").Where("id = ?", d).Scan(&was).Error; err != nil {
			return err
		}
		if r, err = raiseDevice(tx, d); err != nil {
			return err
		}
		column := document[stateColumn]{stateColumn(state)}
		if err := tx.Model(&deviceRow{}).Where("id = ?", d).Update("state", column).Error; err != nil {
			return err
		}
		return addChanges(tx, devices.StateChanges(d, devices.State(was.State.v), state), r)
	})
	return r, err
}

// raiseDevice gives a device and its site their next revision.
func raiseDevice(tx *gorm.DB, d devices.DeviceID) (devices.Revision, error) {
	var site string
	res := tx.Raw("SELECT site FROM devices WHERE id = ?", d).Scan(&site)
	if err := changed(res, "device", string(d)); err != nil {
		return 0, err
	}
	r, err := raise(tx, devices.SiteID(site))
	if err != nil {
		return 0, err
	}
	return r, tx.Exec("UPDATE devices SET revision = ? WHERE id = ?", r, d).Error
}
