package db

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
)

// pictureStore is pictures.Store.
type pictureStore struct{ db *DB }

// pictureRow is one row of pictures.
type pictureRow struct {
	Device    devices.DeviceID `gorm:"primaryKey"`
	Event     devices.EventID  `gorm:"primaryKey"`
	Site      devices.SiteID
	Hash      []byte
	Size      int64
	Width     int
	Height    int
	ArrivedAt stamp
	RemovedAt stamp
}

// TableName implements gorm's Tabler.
func (pictureRow) TableName() string { return "pictures" }

func (r pictureRow) record() pictures.Record {
	out := pictures.Record{
		Device: r.Device, Event: r.Event, Site: r.Site, Size: r.Size, Width: r.Width, Height: r.Height,
		ArrivedAt: r.ArrivedAt.time(), Removed: r.RemovedAt.time(),
	}
	copy(out.Hash[:], r.Hash)
	return out
}

// AddPicture implements pictures.Store. Another picture under the same event is
// the error Conflict.
func (s pictureStore) AddPicture(ctx context.Context, v pictures.Record) (r devices.Revision, err error) {
	row := pictureRow{
		Device: v.Device, Event: v.Event, Site: v.Site, Hash: v.Hash[:], Size: v.Size,
		Width: v.Width, Height: v.Height, ArrivedAt: stamp(v.ArrivedAt),
	}
	err = s.db.write(ctx, "pictures.add", normal, func(tx *gorm.DB) error {
		var old pictureRow
		err := tx.Where("device = ? AND event = ?", v.Device, v.Event).Take(&old).Error
		fresh := errors.Is(err, gorm.ErrRecordNotFound)
		switch {
		case fresh:
			err = tx.Create(&row).Error
		case err == nil && old.record().Hash != v.Hash:
			err = conflict("event", "the device sent another picture for this event")
		}
		if err != nil {
			return err
		}
		r, err = markPicture(tx, v.Device, v.Event, fresh)
		return err
	})
	if err != nil {
		return 0, err
	}
	return r, nil
}

// markPicture says on an event that it has a picture, and gives the event's
// revision: a new one if the picture is fresh; 0 if there is no such event.
func markPicture(tx *gorm.DB, d devices.DeviceID, id devices.EventID, fresh bool) (devices.Revision, error) {
	e, err := findEvent(tx, d, id)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	case !fresh:
		return e.Revision, nil
	}
	r, err := raiseDevice(tx, d)
	if err != nil {
		return 0, err
	}
	return r, tx.Model(&eventRow{}).Where(`"row" = ?`, e.Row).Updates(map[string]any{"picture": true, "revision": r}).Error
}

// Picture implements pictures.Store.
func (s pictureStore) Picture(ctx context.Context, d devices.DeviceID, e devices.EventID) (out pictures.Record, err error) {
	err = s.db.read(ctx, "pictures.picture", func(tx *gorm.DB) error {
		row, err := one[pictureRow](tx.Where("device = ? AND event = ?", d, e), "picture", string(e))
		out = row.record()
		return err
	})
	return out, err
}
