package feed

import (
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

// Ruling is one layer over some openings, and why.
type Ruling struct {
	Layer  string     `json:"layer" enum:"fire,lockdown,hold,schedule" doc:"from the strongest to the weakest"`
	Scope  Scope      `json:"scope"`
	Mode   string     `json:"mode" enum:"controlled,held_open,held_closed,locked_down,fire_release"`
	By     Actor      `json:"by"`
	Reason string     `json:"reason"`
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until" doc:"null: until it is released"`
}

// Scope is what a layer covers.
type Scope struct {
	Kind      string `json:"kind" enum:"device,zone,site,group"`
	ID        string `json:"id" doc:"of the device or zone, the name of the fire group; empty for a site"`
	Direction string `json:"direction" doc:"of a turnstile's opening"`
}

// Layer is a ruling as it is kept: what rules an opening is the strongest layer
// that covers it, of two equal ones the one with the higher revision.
type Layer struct {
	ID   string `json:"id"`
	Site string `json:"site"`
	Zone string `json:"zone" doc:"empty: of the whole site"`
	Set  bool   `json:"set" doc:"false: released"`
	Ruling
	Revision int64 `json:"revision"`
}

// RulingOf is what a console is told of a setting.
func RulingOf(s arbiter.Setting) Ruling {
	return Ruling{
		Layer: string(s.Layer), Scope: Scope{Kind: string(s.Scope.Kind), ID: s.Scope.ID, Direction: s.Scope.Direction},
		Mode: string(s.Mode), By: Actor{Kind: s.By.Kind, ID: s.By.ID, Name: s.By.Name}, Reason: s.Reason,
		Since: s.Since.UTC(), Until: instant(s.Until),
	}
}

// LayerOf is what a console is told of a layer.
func LayerOf(l devices.Layer) Layer {
	return Layer{
		ID: l.ID(), Site: l.Scope.Site, Zone: string(l.Zone), Set: l.Set, Ruling: RulingOf(l.Setting), Revision: int64(l.Revision),
	}
}

// LayerTopic carries Layer, retained, until it is released.
func LayerTopic(s devices.SiteID, z devices.ZoneID, id string) string {
	return topic(s, z, "layer", id)
}

// Layer implements devices.News. Of one that is released the feed says so, and
// then keeps nothing.
func (p *Publisher) Layer(l devices.Layer) {
	at := LayerTopic(devices.SiteID(l.Scope.Site), l.Zone, l.ID())
	p.say(p.out.Put, at, LayerOf(l))
	if !l.Set {
		p.out.Clear(at)
	}
}
