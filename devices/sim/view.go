package sim

import (
	"maps"
	"slices"
	"time"

	"gatehouse/devices/wire"
)

// View is what a device knows of itself.
type View struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Kind        string           `json:"kind"`
	Site        string           `json:"site"`
	Zone        string           `json:"zone"`
	Connected   bool             `json:"connected"`
	Mode        string           `json:"mode"`
	Physical    string           `json:"physical"`
	Counters    map[string]int64 `json:"counters"`
	Config      int64            `json:"config"`        // the revision that it runs
	Ignoring    bool             `json:"ignoresConfig"` // it takes no configuration
	LastCommand *CommandView     `json:"lastCommand"`
	LastBilling *BillingView     `json:"lastBilling"`
	Waiting     int              `json:"waiting"` // messages that are not acknowledged yet
}

// CommandView is the last command that the device answered.
type CommandView struct {
	ID      string    `json:"id"`
	Action  string    `json:"action"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

// BillingView is the last billing event.
type BillingView struct {
	wire.BillingPayload
	Acknowledged bool `json:"acknowledged"`
}

// View gives the device's own truth.
func (d *Device) View() (View, error) {
	return ask(d, func() (View, error) {
		var s wire.StatePayload
		d.body.describe(&s)
		v := View{
			ID: d.id.ID, Name: d.id.Name, Kind: d.id.Kind, Site: d.id.Site, Zone: d.id.Zone,
			Connected: d.mail.link != nil, Mode: s.Mode, Physical: s.Physical,
			Counters: maps.Clone(d.memory.Counters), Waiting: len(d.memory.Kept),
			Config: d.memory.Config.Revision, Ignoring: d.ignoring,
		}
		if n := len(d.memory.Commands); n > 0 {
			r := d.memory.Commands[n-1]
			v.LastCommand = &CommandView{r.Answer.ID, r.Action, r.Answer.Outcome, r.Answer.Reason, r.At.UTC()}
		}
		if b := d.memory.Billing; b != nil {
			v.LastBilling = &BillingView{*b, !slices.ContainsFunc(d.memory.Kept, func(m Message) bool { return m.Channel == wire.Billing })}
		}
		return v, nil
	})
}
