package replay

import (
	"context"
	"slices"
	"strings"

	"gatehouse/devices"
)

// scene is the part of the property that a replay is of, as far as its reader sees it.
type scene struct {
	site    devices.Site
	whole   bool               // it is of the whole site
	named   []devices.DeviceID // a device with those whose place it took; nil: it is of a place
	devices map[devices.DeviceID]devices.Device
	zones   map[devices.ZoneID]bool
}

func (s *Service) scene(ctx context.Context, q Query) (on scene, err error) {
	site, err := s.siteOf(ctx, q)
	if err != nil {
		return on, err
	}
	on = scene{whole: q.Site != "", devices: map[devices.DeviceID]devices.Device{}, zones: map[devices.ZoneID]bool{}}
	if on.site, err = s.places.Site(site); err != nil {
		return on, err
	}
	if q.Device != "" {
		on.named = s.places.Line(q.Device)
	}
	for _, l := range append(s.places.Devices(), s.places.Retired()...) {
		d := l.Device
		if d.Site != site || q.Zone != "" && d.Zone != q.Zone || !q.Within.Admits(d.Site, d.Zone) || on.named != nil && !slices.Contains(on.named, d.ID) {
			continue
		}
		on.devices[d.ID] = d
		on.zones[d.Zone] = true
	}
	return on, nil
}

// siteOf is the site of what a query names.
func (s *Service) siteOf(ctx context.Context, q Query) (devices.SiteID, error) {
	named := 0
	for _, id := range []string{string(q.Site), string(q.Zone), string(q.Device)} {
		if id != "" {
			named++
		}
	}
	switch {
	case named != 1:
		return "", invalid("device", "name one of device, zone and site")
	case q.Device != "":
		l, err := s.places.Device(ctx, q.Device)
		return l.Device.Site, err
	case q.Zone != "":
		for _, z := range s.places.Zones() {
			if z.ID == q.Zone {
				return z.Site, nil
			}
		}
		return "", &devices.Error{Op: "replay", Code: devices.NotFound, Message: "there is no zone " + string(q.Zone)}
	}
	return q.Site, nil
}

// lanes are the devices that lines are of, by name: with those to which nothing happened,
// if they are few. quiet is how many are left out.
func (on scene) lanes(asked devices.DeviceID, lines []Line) (lanes []Lane, quiet int) {
	told := map[devices.DeviceID]bool{asked: true}
	for _, l := range lines {
		told[l.Device] = true
	}
	few := len(on.devices) <= mostLanes
	for id, d := range on.devices {
		if told[id] || few && d.Retired.IsZero() {
			lanes = append(lanes, Lane{Device: d})
		}
	}
	slices.SortFunc(lanes, func(a, b Lane) int {
		if by := strings.Compare(a.Device.Name, b.Device.Name); by != 0 {
			return by
		}
		return strings.Compare(string(a.Device.ID), string(b.Device.ID))
	})
	return lanes, len(on.devices) - len(lanes)
}

// admitAct: a row of the trail belongs to the scene if its object does.
func (on scene) admitAct(l Line) (Line, bool) {
	if on.toldElsewhere(*l.Act) {
		return l, false
	}
	kind, id, _ := strings.Cut(l.Act.Object, ":")
	if layer, is := strings.CutPrefix(l.Act.Object, "layer:"); is {
		_, scope := scopeOf(layer, on.site.ID)
		kind, id = string(scope.Kind), scope.ID
	}
	switch kind {
	case "device":
		d, is := on.devices[devices.DeviceID(id)]
		l.Device, l.Zone = d.ID, d.Zone
		return l, is
	case "zone":
		l.Zone = devices.ZoneID(id)
		return l, on.zones[l.Zone]
	case "site", "fire":
		return l, true
	}
	return l, on.whole
}

// toldElsewhere is whether another line tells of what a row of the trail tells of.
func (on scene) toldElsewhere(r devices.AuditRow) bool {
	if r.Outcome != devices.OutcomeOK {
		return false
	}
	if _, is := LayerOf(r); is {
		return true
	}
	return r.Verb == "device.command" || strings.HasPrefix(r.Verb, "alarm.") || strings.HasPrefix(r.Verb, "layer.")
}
