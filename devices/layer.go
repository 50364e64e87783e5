package devices

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices/arbiter"
)

// Layer is one layer over one scope, as it is stored and told.
type Layer struct {
	arbiter.Setting
	Zone     ZoneID // whose feed tells of it; empty: that of the whole site
	Set      bool   // false: released
	Revision Revision
}

// ID names the layer within its site, for as long as its scope exists.
func (l Layer) ID() string {
	id := string(l.Layer) + "." + string(l.Scope.Kind)
	for _, part := range []string{l.Scope.ID, l.Scope.Direction} {
		if part != "" {
			id += "." + part
		}
	}
	return id
}

// LayerStore keeps layers. See Store for what all its methods promise.
type LayerStore interface {
	// Layers gives those that are set.
	Layers(ctx context.Context) ([]Layer, error)
	// SaveLayers replaces what is stored under the keys of the layers, set or released:
	// of all of them or, after an error, of none. Layers of one site may share a
	// revision. No key may be in it twice.
	SaveLayers(ctx context.Context, all []Layer, a []AuditEntry) ([]Revision, error)
}

// LayerAction sets or releases a layer.
type LayerAction string

// The actions on layers that people have; fire release has its own way.
const (
	HoldOpen        LayerAction = "hold_open"
	HoldClosed      LayerAction = "hold_closed"
	Release         LayerAction = "release" // of a hold
	LockDown        LayerAction = "lock_down"
	LockdownRelease LayerAction = "lockdown_release"
)

// layerActions says what each action does. Which needs a reason: see NeedsReason.
var layerActions = map[LayerAction]struct {
	layer arbiter.Layer
	mode  Mode
	set   bool
}{
	HoldOpen:        {arbiter.Hold, HeldOpen, true},
	HoldClosed:      {arbiter.Hold, HeldClosed, true},
	Release:         {arbiter.Hold, Controlled, false},
	LockDown:        {arbiter.Lockdown, LockedDown, true},
	LockdownRelease: {arbiter.Lockdown, Controlled, false},
}

// LayerRequest is what somebody wants: of exactly one of Device, Zone and Site.
type LayerRequest struct {
	Action    LayerAction
	Device    DeviceID
	Direction string // of a turnstile; empty: both
	Zone      ZoneID
	Site      SiteID
	Reason    string    // required if NeedsReason(Action)
	Until     time.Time // of a hold; zero: until it is released
}

// longestHold is how far ahead the end of a hold may be.
const longestHold = 366 * 24 * time.Hour

// SetLayer sets or releases a layer and gives what is stored then, one for each
// opening or place. Asking twice changes nothing. The openings are told their new
// mode by Run, those that are not connected when they are back. Errors: Invalid
// (Field is action, device, direction, zone, site, reason or until), NotFound,
// Unavailable (not committed: ask again).
func (c *Control) SetLayer(ctx context.Context, a Actor, r LayerRequest) ([]Layer, error) {
	const op = "layer.set"
	if !c.group.enter() {
		return nil, stopping(op)
	}
	defer c.group.leave()
	wanted, err := c.wantedLayers(op, a, r)
	if err != nil {
		return nil, err
	}
	if err := c.rulings.turn.takeFor(ctx, op, "an earlier layer"); err != nil {
		return nil, err
	}
	defer c.rulings.turn.give()
	for i, l := range wanted {
		if wanted[i], err = c.putLayer(ctx, a, "layer."+string(r.Action), l); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
	}
	return wanted, nil
}

// wantedLayers is what a request would store.
func (c *Control) wantedLayers(op string, a Actor, r LayerRequest) ([]Layer, error) {
	does, ok := layerActions[r.Action]
	if !ok {
		return nil, invalid(op, "action", "must be one of "+list([]LayerAction{HoldOpen, HoldClosed, Release, LockDown, LockdownRelease}))
	}
	if err := checkReason(op, r.Reason, NeedsReason(string(r.Action))); err != nil {
		return nil, err
	}
	now := c.now()
	if !r.Until.IsZero() && (does.layer != arbiter.Hold || !does.set) {
		return nil, invalid(op, "until", "only a hold may end by itself")
	}
	if !r.Until.IsZero() && (!now.Before(r.Until) || r.Until.Sub(now) > longestHold) {
		return nil, invalid(op, "until", "must be in the future, and at most a year ahead")
	}
	scopes, zone, err := c.scopesOf(op, does.layer, r)
	if err != nil {
		return nil, err
	}
	all := make([]Layer, len(scopes))
	for i, scope := range scopes {
		all[i] = Layer{Zone: zone, Set: does.set, Setting: arbiter.Setting{
			Layer: does.layer, Scope: scope, Mode: does.mode, By: who(a), Reason: r.Reason,
			Since: now, Until: r.Until.UTC().Truncate(time.Millisecond),
		}}
		if r.Until.IsZero() {
			all[i].Until = time.Time{}
		}
	}
	return all, nil
}

func who(a Actor) arbiter.Who { return arbiter.Who{Kind: string(a.Kind), ID: a.ID, Name: a.Name} }

// checkReason says what is wrong with a reason.
func checkReason(op, reason string, required bool) error {
	if n := len([]rune(reason)); n > maxReason || !printable(reason) {
		return invalid(op, "reason", fmt.Sprintf("must have at most %d characters, none of them a control character", maxReason))
	}
	if required && blank(reason) {
		return invalid(op, "reason", "say why: this needs a reason")
	}
	return nil
}

// scopesOf is what a request covers, and the zone whose feed tells of it.
func (c *Control) scopesOf(op string, layer arbiter.Layer, r LayerRequest) ([]arbiter.Scope, ZoneID, error) {
	named := 0
	for _, id := range []string{string(r.Device), string(r.Zone), string(r.Site)} {
		if id != "" {
			named++
		}
	}
	if named != 1 {
		return nil, "", invalid(op, "device", "name one of device, zone and site")
	}
	if r.Device == "" && r.Direction != "" {
		return nil, "", invalid(op, "direction", "only a turnstile has directions: name it as device")
	}
	if r.Device == "" && layer == arbiter.Hold {
		return nil, "", invalid(op, "device", "a hold is of one device")
	}
	switch {
	case r.Site != "":
		if _, ok := c.places.site(r.Site); !ok {
			return nil, "", notFound(op, "site "+string(r.Site))
		}
		return []arbiter.Scope{{Kind: arbiter.OfSite, Site: string(r.Site)}}, "", nil
	case r.Zone != "":
		z, ok := c.places.zone(r.Zone)
		if !ok {
			return nil, "", notFound(op, "zone "+string(r.Zone))
		}
		return []arbiter.Scope{{Kind: arbiter.OfZone, Site: string(z.Site), ID: string(z.ID)}}, z.ID, nil
	}
	return c.openingScopes(op, r)
}

func (c *Control) openingScopes(op string, r LayerRequest) ([]arbiter.Scope, ZoneID, error) {
	u, ok := c.places.unit(r.Device)
	if !ok {
		return nil, "", notFound(op, "device "+string(r.Device))
	}
	d := u.registered()
	var scopes []arbiter.Scope
	for _, direction := range u.kind.Openings() {
		if r.Direction == "" || r.Direction == direction {
			scopes = append(scopes, arbiter.Scope{Kind: arbiter.OfDevice, Site: string(d.Site), ID: string(d.ID), Direction: direction})
		}
	}
	switch {
	case len(u.kind.Openings()) == 0:
		return nil, "", invalid(op, "device", fmt.Sprintf("a %s opens nothing", d.Kind))
	case len(scopes) == 0 && d.Kind == Turnstile:
		return nil, "", invalid(op, "direction", "must be in or out, or left out for both")
	case len(scopes) == 0:
		return nil, "", invalid(op, "direction", "only a turnstile has directions")
	}
	return scopes, d.Zone, nil
}

// putLayer stores a layer, then shows it, then has its openings told. What would
// change nothing is not stored again. Its caller holds rulings.turn.
func (c *Control) putLayer(ctx context.Context, a Actor, verb string, l Layer) (Layer, error) {
	if known, same := c.rulings.same(l); same {
		return known, nil
	}
	detail := map[string]any{"reason": l.Reason, "mode": string(l.Mode)}
	if !l.Until.IsZero() {
		detail["until"] = l.Until.Format(time.RFC3339)
	}
	put, err := c.putLayers(ctx, []Layer{l}, []AuditEntry{c.audit(a, verb, SiteID(l.Scope.Site), "layer:"+l.ID(), detail)})
	if err != nil {
		return Layer{}, err
	}
	return put[0], nil
}

// putLayers stores layers in one commit, shows them, has their openings told, and
// gives them with their revisions. One that is set already stays on the feed of the zone
// where it was set, though its device moved: or it would stay there after its release.
// Its caller holds rulings.turn.
func (c *Control) putLayers(ctx context.Context, all []Layer, entries []AuditEntry) ([]Layer, error) {
	for i, l := range all {
		all[i].Zone = c.rulings.zone(l)
	}
	revisions, err := c.d.Store.SaveLayers(ctx, all, entries)
	if err != nil {
		return nil, err
	}
	put := make([]Layer, len(all))
	for i, l := range all {
		l.Revision = revisions[i]
		c.showLayer(l)
		put[i] = l
	}
	return put, nil
}

// showLayer makes a stored layer count, and visible.
func (c *Control) showLayer(l Layer) {
	if c.rulings.apply(l) {
		c.touch(l.Scope)
	}
	c.d.News.Layer(l)
	c.said(SiteID(l.Scope.Site), l.Zone, l.Revision)
}

// Layers gives every layer that is set, the strongest first.
func (c *Control) Layers() []Layer { return c.rulings.all() }
