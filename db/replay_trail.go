package db

import (
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/replay"
	"gatehouse/devices/trail"
)

// layerRows select what people and the platform did to layers; what timetables did has
// its runs.
const layerRows = `outcome = 'ok' AND (object >= 'layer:' AND object < 'layer;' AND verb >= 'layer.' AND verb < 'layer/' OR verb IN ('fire.release', 'fire.end'))`

func (s replaySource) layers(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	return s.rows(tx, w, layerRows, func(r devices.AuditRow) (replay.Line, bool) {
		l, is := replay.LayerOf(r)
		return replay.Line{At: r.At, Kind: replay.Layer, N: r.ID, Layer: &l}, is
	})
}

// acts leaves out what other lines tell: it is most of the trail.
func (s replaySource) acts(tx *gorm.DB, w replay.Window) (replay.Part, error) {
	return s.rows(tx, w, `NOT (outcome = 'ok' AND (verb IN ('device.command', 'fire.release', 'fire.end') OR verb >= 'alarm.' AND verb < 'alarm/' OR verb >= 'layer.' AND verb < 'layer/'))`,
		func(r devices.AuditRow) (replay.Line, bool) {
			return replay.Line{At: r.At, Kind: replay.Act, N: r.ID, Act: &r}, true
		})
}

// rows reads rows of the trail of a site.
func (s replaySource) rows(tx *gorm.DB, w replay.Window, which string, line func(devices.AuditRow) (replay.Line, bool)) (replay.Part, error) {
	var found []trail.Row
	found, err := rowsOf(tx, 0, "WHERE at >= ? AND at < ? AND +site = ? AND "+which+" ORDER BY at, id LIMIT ?", stamp(w.From), stamp(w.To), w.Site, w.Limit)
	if err != nil {
		return replay.Part{}, err
	}
	rows, err := s.db.people.opened(tx, found)
	return replay.NewPart(rows, w.Limit, line, func(r devices.AuditRow) time.Time { return r.At }), err
}
