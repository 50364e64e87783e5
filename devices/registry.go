package devices

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

const maxName = 80

// AddSite creates a site. name has 1 to 80 characters, timeZone is an IANA name.
func (c *Control) AddSite(ctx context.Context, a Actor, name, timeZone string) (Site, error) {
	const op = "site.create"
	name, err := checkName(op, name)
	if err != nil {
		return Site{}, err
	}
	if _, err := time.LoadLocation(timeZone); err != nil || timeZone == "" || timeZone == "Local" {
		return Site{}, invalid(op, "timeZone", "must be an IANA time zone, for example Asia/Shanghai")
	}
	id, err := newID(op)
	if err != nil {
		return Site{}, err
	}
	s := Site{ID: SiteID(id), Name: name, TimeZone: timeZone}
	entry := c.audit(a, op, s.ID, "site:"+id, map[string]any{"name": name, "timeZone": timeZone})
	if err := c.d.Store.AddSite(ctx, s, entry); err != nil {
		return Site{}, fmt.Errorf("%s: %w", op, err)
	}
	if err := c.places.addSite(s); err != nil {
		return Site{}, err
	}
	c.TodayChanged(s.ID)
	c.d.PlacesChanged()
	return s, nil
}

// AddZone creates a zone of a site.
func (c *Control) AddZone(ctx context.Context, a Actor, site SiteID, name string) (Zone, error) {
	const op = "zone.create"
	if _, ok := c.places.site(site); !ok {
		return Zone{}, notFound(op, "site "+string(site))
	}
	name, err := checkName(op, name)
	if err != nil {
		return Zone{}, err
	}
	id, err := newID(op)
	if err != nil {
		return Zone{}, err
	}
	z := Zone{ID: ZoneID(id), Site: site, Name: name}
	entry := c.audit(a, op, site, "zone:"+id, map[string]any{"name": name})
	if err := c.d.Store.AddZone(ctx, z, entry); err != nil {
		return Zone{}, fmt.Errorf("%s: %w", op, err)
	}
	c.places.addZone(z)
	c.d.PlacesChanged()
	return z, nil
}

// AddDevice registers a device in a zone. It has never been seen.
func (c *Control) AddDevice(ctx context.Context, a Actor, zone ZoneID, kind KindName, name string) (Live, error) {
	const op = "device.create"
	z, ok := c.places.zone(zone)
	if !ok {
		return Live{}, invalid(op, "zone", "must be the id of a zone that exists")
	}
	if _, ok := KindOf(kind); !ok {
		return Live{}, invalid(op, "kind", "must be one of "+list(Kinds()))
	}
	name, err := checkName(op, name)
	if err != nil {
		return Live{}, err
	}
	id, err := newID(op)
	if err != nil {
		return Live{}, err
	}
	d := Device{ID: DeviceID(id), Site: z.Site, Zone: zone, Kind: kind, Name: name, Created: c.now()}
	entry := c.audit(a, op, z.Site, "device:"+id, map[string]any{"name": name, "kind": kind, "zone": zone})
	r, err := c.d.Store.AddDevice(ctx, d, entry)
	if err != nil {
		return Live{}, fmt.Errorf("%s: %w", op, err)
	}
	return c.takeIn(neverSeen(d, r))
}

func checkName(op, name string) (string, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > maxName || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, unicode.IsControl) {
		return "", invalid(op, "name", fmt.Sprintf("must have 1 to %d characters, none of them a control character", maxName))
	}
	return name, nil
}

func newID(op string) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", &Error{Op: op, Code: Internal, Message: "no random numbers", Err: err}
	}
	return id.String(), nil
}

// audit makes the entry of a write that is about to be committed.
func (c *Control) audit(a Actor, verb string, s SiteID, object string, detail map[string]any) AuditEntry {
	return Audited(c.now(), a, verb, s, object, detail)
}
