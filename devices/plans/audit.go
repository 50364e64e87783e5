package plans

import (
	"encoding/hex"

	"gatehouse/devices"
)

func (s *Service) audit(by devices.Actor, verb string, p Plan, detail map[string]any) devices.AuditEntry {
	return devices.Audited(s.now(), by, verb, p.Site, "plan:"+string(p.ID), detail)
}

// told is what an entry says of a plan.
func told(p Plan) map[string]any {
	return map[string]any{"name": p.Name, "devices": len(p.Pins)}
}

func toldPicture(p Picture) map[string]any {
	return map[string]any{"format": p.Format, "bytes": p.Size, "width": p.Width, "height": p.Height, "sha256": hex.EncodeToString(p.Hash[:])}
}

// moves are the devices that a change placed, moved and took away; what there is none of is
// left out.
func moves(was, is []Pin) map[string][]devices.DeviceID {
	before := map[devices.DeviceID]Pin{}
	for _, p := range was {
		before[p.Device] = p
	}
	all := map[string][]devices.DeviceID{}
	add := func(what string, d devices.DeviceID) { all[what] = append(all[what], d) }
	for _, p := range is {
		old, there := before[p.Device]
		switch {
		case !there:
			add("placed", p.Device)
		case old != p:
			add("moved", p.Device)
		}
		delete(before, p.Device)
	}
	for _, p := range was {
		if _, left := before[p.Device]; left {
			add("taken", p.Device)
		}
	}
	return all
}
