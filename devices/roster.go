package devices

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// RosterRow is one device of a list that is to be registered.
type RosterRow struct {
	Row        int    // as a spreadsheet counts: 1 is the line of column names
	Site, Zone string // names; a zone that the site has not yet is created
	Kind       KindName
	Name       string
	Settings   map[string]string // by name; empty texts are not set
}

// RosterError says what is wrong in one field of a list.
type RosterError struct {
	Row     int    // 0: of the whole list
	Column  string // site, zone, kind, name or the name of a setting; empty: of the whole row
	Message string // what would be right
}

// RosterResult is what a list makes, or would make.
type RosterResult struct {
	Errors  []RosterError // if there is one, nothing was registered
	Zones   []Zone        // new ones
	Devices []Device
}

// Import registers every device of a list, or none: if one row is wrong nothing is
// registered, and each wrong field is named. With dry nothing is registered in any
// case; the ids in the result are none then. A device whose name its zone has
// already is an error, so that the same list cannot be taken twice.
func (c *Control) Import(ctx context.Context, a Actor, rows []RosterRow, dry bool) (RosterResult, error) {
	const op = "roster.import"
	if err := c.edit.takeFor(ctx, op, "another change of sites and zones"); err != nil {
		return RosterResult{}, err
	}
	defer c.edit.give()
	plan := c.planRoster(op, rows)
	if len(plan.Errors) > 0 {
		return RosterResult{Errors: plan.Errors}, nil
	}
	if dry || len(plan.Devices) == 0 {
		return plan.RosterResult, nil
	}
	entries, err := c.numberRoster(op, a, &plan)
	if err != nil {
		return RosterResult{}, err
	}
	configs := plan.configs(a)
	revisions, err := c.d.Store.AddRoster(ctx, plan.Zones, plan.Devices, configs, entries)
	if err != nil {
		c.doubtRegistry(func() {})
		return RosterResult{}, fmt.Errorf("%s: %w", op, err)
	}
	for _, z := range plan.Zones {
		c.places.addZone(z)
	}
	for i, d := range plan.Devices {
		l := neverSeen(d, revisions[i])
		l.Config = configs[d.ID]
		if _, err := c.takeIn(l); err != nil {
			return RosterResult{}, err
		}
	}
	return plan.RosterResult, nil
}

// rosterPlan is what a list would make; new zones have no id yet, and devices in
// them have the index of theirs in inNew.
type rosterPlan struct {
	RosterResult
	inNew    map[int]int      // device to zone
	settings map[int]Settings // of the devices that are configured
}

// configs are what its devices begin with, once they have their ids.
func (p *rosterPlan) configs(a Actor) map[DeviceID]Configuration {
	all := make(map[DeviceID]Configuration, len(p.settings))
	for i, s := range p.settings {
		d := p.Devices[i]
		all[d.ID] = Configuration{Revision: 1, Settings: s, At: d.Created, By: who(a)}
	}
	return all
}

func (c *Control) planRoster(op string, rows []RosterRow) rosterPlan {
	p := rosterPlan{inNew: map[int]int{}, settings: map[int]Settings{}}
	sites, twins := map[string][]SiteID{}, map[string]bool{}
	for _, s := range c.places.allSites() {
		sites[s.Name] = append(sites[s.Name], s.ID)
	}
	zones := map[string]ZoneID{}
	for _, z := range c.places.allZones() {
		zones[string(z.Site)+"/"+z.Name] = z.ID
	}
	for _, u := range c.places.allUnits() {
		d := u.registered()
		twins[string(d.Zone)+"/"+d.Name] = true
	}
	created := map[string]int{}
	now := c.now()
	for _, r := range rows {
		errs, site, set := p.check(op, r, sites)
		if len(errs) > 0 {
			p.Errors = append(p.Errors, errs...)
			continue
		}
		key := string(site) + "/" + r.Zone
		zone, old := zones[key]
		n, planned := created[key]
		place := string(zone)
		if !old {
			place = key
		}
		if place += "/" + r.Name; twins[place] {
			p.Errors = append(p.Errors, RosterError{r.Row, "name", fmt.Sprintf("zone %q has a device %q already: give it another name, or leave the row out", r.Zone, r.Name)})
			continue
		}
		twins[place] = true
		if !old && !planned {
			n = len(p.Zones)
			created[key] = n
			p.Zones = append(p.Zones, Zone{Site: site, Name: r.Zone})
		}
		if !old {
			p.inNew[len(p.Devices)] = n
		}
		if set != (Settings{}) {
			p.settings[len(p.Devices)] = set
		}
		p.Devices = append(p.Devices, Device{Site: site, Zone: zone, Kind: r.Kind, Name: r.Name, Created: now})
	}
	return p
}

// check says what is wrong in one row by itself.
func (p *rosterPlan) check(op string, r RosterRow, sites map[string][]SiteID) (errs []RosterError, site SiteID, set Settings) {
	switch of := sites[r.Site]; len(of) {
	case 1:
		site = of[0]
	case 0:
		errs = append(errs, RosterError{r.Row, "site", fmt.Sprintf("there is no site %q: create it first; there are %s", r.Site, list(slices.Sorted(maps.Keys(sites))))})
	default:
		errs = append(errs, RosterError{r.Row, "site", fmt.Sprintf("%d sites are called %q: rename one", len(of), r.Site)})
	}
	for column, name := range map[string]string{"zone": r.Zone, "name": r.Name} {
		if fit, err := checkName(op, name); err != nil || fit != name {
			errs = append(errs, RosterError{r.Row, column, fmt.Sprintf("must have 1 to %d characters, none of them a control character", maxName)})
		}
	}
	if _, ok := KindOf(r.Kind); !ok {
		errs = append(errs, RosterError{r.Row, "kind", "must be one of " + list(Kinds())})
	} else {
		var wrong []SettingError
		set, wrong = ReadSettings(r.Kind, r.Settings)
		for _, w := range wrong {
			errs = append(errs, RosterError{r.Row, w.Setting, w.Message})
		}
	}
	columns := RosterColumns()
	slices.SortStableFunc(errs, func(a, b RosterError) int {
		return slices.Index(columns, a.Column) - slices.Index(columns, b.Column)
	})
	return errs, site, set
}

// RosterColumns are what a list says of each device, in this order: the first four
// it must, the settings it may.
func RosterColumns() []string {
	return append([]string{"site", "zone", "kind", "name"}, SettingNames()...)
}

// numberRoster gives everything its id, and writes the audit entries.
func (c *Control) numberRoster(op string, a Actor, p *rosterPlan) ([]AuditEntry, error) {
	var entries []AuditEntry
	for i := range p.Zones {
		id, err := newID(op)
		if err != nil {
			return nil, err
		}
		z := &p.Zones[i]
		z.ID = ZoneID(id)
		entries = append(entries, c.audit(a, "zone.create", z.Site, "zone:"+id, map[string]any{"name": z.Name, "import": true}))
	}
	for i := range p.Devices {
		id, err := newID(op)
		if err != nil {
			return nil, err
		}
		d := &p.Devices[i]
		d.ID = DeviceID(id)
		if n, ok := p.inNew[i]; ok {
			d.Zone = p.Zones[n].ID
		}
		detail := map[string]any{"name": d.Name, "kind": d.Kind, "zone": d.Zone, "import": true}
		if set, configured := p.settings[i]; configured {
			detail["settings"] = set.Texts()
		}
		entries = append(entries, c.audit(a, "device.create", d.Site, "device:"+id, detail))
	}
	return entries, nil
}
