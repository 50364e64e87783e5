package arbiter

import "time"

// Layer is one of the reasons why an opening is as it is.
type Layer string

// The layers, strongest first.
const (
	Fire     Layer = "fire"
	Lockdown Layer = "lockdown"
	Hold     Layer = "hold"
	Schedule Layer = "schedule"
)

// layers is every layer, strongest first.
var layers = [...]Layer{Fire, Lockdown, Hold, Schedule}

// rank is higher for a stronger layer; 0 for none that is known.
func (l Layer) rank() int {
	for i, known := range layers {
		if l == known {
			return len(layers) - i
		}
	}
	return 0
}

// Mode of an opening.
type Mode string

// The modes of an opening.
const (
	Controlled  Mode = "controlled"
	HeldOpen    Mode = "held_open"
	HeldClosed  Mode = "held_closed"
	LockedDown  Mode = "locked_down"
	FireRelease Mode = "fire_release"
)

// Move is a momentary order.
type Move string

// The momentary orders. Open also stands for letting one person pass.
const (
	Open  Move = "open"
	Close Move = "close"
	Stop  Move = "stop"
)

// Allows is whether an opening in this mode may be given a momentary order. What
// is held open may be opened: that is harmless.
func (m Mode) Allows(o Move) bool {
	switch m {
	case HeldOpen, FireRelease:
		return o == Open
	case HeldClosed, LockedDown:
		return o == Close
	}
	return true
}

// ScopeKind is how much a setting covers.
type ScopeKind string

// The kinds of scopes.
const (
	OfDevice ScopeKind = "device" // one opening: ID and Direction
	OfZone   ScopeKind = "zone"
	OfSite   ScopeKind = "site"  // the whole site: ID is empty
	OfGroup  ScopeKind = "group" // a fire group of the site
)

// Scope is what a setting covers.
type Scope struct {
	Kind      ScopeKind
	Site      string
	ID        string // of the device or zone; name of the group
	Direction string // of a turnstile's opening
}

// Opening is what can be open or closed by itself, and where it belongs.
type Opening struct {
	Site, Zone string
	Group      string // its fire group; empty: none
	Device     string
	Direction  string // of a turnstile
}

// scopes are all that cover an opening.
func (o Opening) scopes() []Scope {
	all := []Scope{
		{OfSite, o.Site, "", ""},
		{OfZone, o.Site, o.Zone, ""},
		{OfDevice, o.Site, o.Device, o.Direction},
	}
	if o.Group != "" {
		all = append(all, Scope{OfGroup, o.Site, o.Group, ""})
	}
	return all
}

// Who put a layer on.
type Who struct{ Kind, ID, Name string }

// Setting is one layer over one scope.
type Setting struct {
	Layer  Layer
	Scope  Scope
	Mode   Mode
	By     Who
	Reason string
	Since  time.Time
	Until  time.Time // zero: until it is released
}

// Over is whether the setting has run out.
func (s Setting) Over(now time.Time) bool { return !s.Until.IsZero() && !now.Before(s.Until) }
