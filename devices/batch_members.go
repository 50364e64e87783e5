package devices

import (
	"errors"
	"fmt"
	"slices"
)

// batchUnits are the devices that a request is for, and their site.
func (c *Control) batchUnits(op string, r BatchRequest) ([]*unit, SiteID, error) {
	if err := checkOrder(op, r.Request, NeedsReason("batch")); err != nil {
		return nil, "", err
	}
	named := 0
	for _, is := range []bool{len(r.Devices) > 0, r.Zone != "", r.Site != ""} {
		if is {
			named++
		}
	}
	if named != 1 {
		return nil, "", invalid(op, "devices", "name one of devices, zone and site")
	}
	if len(r.Devices) > 0 {
		return c.listedUnits(op, r)
	}
	site := r.Site
	if r.Zone != "" {
		z, ok := c.places.zone(r.Zone)
		if !ok {
			return nil, "", notFound(op, "zone "+string(r.Zone))
		}
		site = z.Site
	} else if _, ok := c.places.site(site); !ok {
		return nil, "", notFound(op, "site "+string(site))
	}
	units, err := c.ableUnits(op, r, site)
	return units, site, err
}

// listedUnits are the devices that were named; each must know the action.
func (c *Control) listedUnits(op string, r BatchRequest) (units []*unit, site SiteID, err error) {
	if len(r.Devices) > mostMembers {
		return nil, "", invalid(op, "devices", fmt.Sprintf("name at most %d", mostMembers))
	}
	for i, id := range r.Devices {
		u, ok := c.places.unit(id)
		switch {
		case !ok:
			return nil, "", notFound(op, "device "+string(id))
		case slices.Contains(r.Devices[:i], id):
			return nil, "", invalid(op, "devices", fmt.Sprintf("%s is named twice", id))
		case i > 0 && u.device.Site != site:
			return nil, "", invalid(op, "devices", "must be of one site")
		}
		site = u.device.Site
		if err := CheckAction(u.device.Kind, r.Action, r.Args); err != nil {
			return nil, "", err
		}
		units = append(units, u)
	}
	return units, site, nil
}

// ableUnits are the devices of a zone or site that can do it, as far as is known.
func (c *Control) ableUnits(op string, r BatchRequest, site SiteID) ([]*unit, error) {
	var units []*unit
	var wrong error
	for _, u := range c.places.allUnits() {
		d := u.registered()
		if d.Site != site || (r.Zone != "" && d.Zone != r.Zone) {
			continue
		}
		if !slices.Contains(u.kind.Actions(), r.Action) {
			continue
		}
		if err := CheckAction(d.Kind, r.Action, r.Args); err != nil {
			wrong = err
			continue
		}
		if able := u.snapshot().State.Capabilities; len(able) == 0 || slices.Contains(able, r.Action) {
			units = append(units, u)
		}
	}
	switch {
	case wrong != nil:
		return nil, wrong
	case len(units) == 0:
		return nil, invalid(op, "action", "no device there can "+string(r.Action))
	case len(units) > mostMembers:
		return nil, invalid(op, "site", fmt.Sprintf("has %d such devices; at most %d are ordered about at once: name a zone", len(units), mostMembers))
	}
	return units, nil
}

// messageOf is what an error says to people.
func messageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return "not known to be recorded"
}
