package feed

import (
	"time"

	"gatehouse/devices"
)

// FireReport is one release of a fire group with the proof of each opening.
type FireReport struct {
	ID        string      `json:"id"`
	Site      string      `json:"site"`
	Group     string      `json:"group"`
	By        Actor       `json:"by" doc:"of kind system: the device whose input event released it"`
	Reason    string      `json:"reason"`
	Event     string      `json:"event" doc:"the input event that released it; empty: a person did"`
	Since     time.Time   `json:"since"`
	Ended     *time.Time  `json:"ended" doc:"null: it stands"`
	EndedBy   *Actor      `json:"endedBy"`
	EndReason string      `json:"endReason"`
	Unlatched bool        `json:"unlatched" doc:"the latch could not be written before the first command"`
	Openings  []FireProof `json:"openings"`
}

// FireProof is what is known of one opening of a release.
type FireProof struct {
	Device    string     `json:"device"`
	Name      string     `json:"name"`
	Direction string     `json:"direction"`
	Commanded *time.Time `json:"commanded" doc:"the first time; null: not yet"`
	Confirmed *time.Time `json:"confirmed" doc:"when it first reported itself open for this; null: not yet"`
	Seconds   *float64   `json:"seconds" doc:"from the release to the confirmation"`
	Holds     bool       `json:"holds" doc:"its newest report says so"`
	Problem   string     `json:"problem" doc:"offline, unable, or why it refused; in English"`
}

// FireReportOf is what a console is told of a release.
func FireReportOf(f devices.FireReport) FireReport {
	r := FireReport{
		ID: f.ID, Site: string(f.Site), Group: f.Group, By: Actor{Kind: f.By.Kind, ID: f.By.ID, Name: f.By.Name},
		Reason: f.Reason, Event: string(f.Trigger.Event), Since: f.Since.UTC(), Ended: instant(f.Ended), EndReason: f.EndReason,
		Unlatched: f.Unlatched,
	}
	if r.Ended != nil {
		r.EndedBy = &Actor{Kind: f.EndedBy.Kind, ID: f.EndedBy.ID, Name: f.EndedBy.Name}
	}
	r.Openings = each(f.Openings, func(p devices.FireProof) FireProof {
		proof := FireProof{
			Device: string(p.Device), Name: p.Name, Direction: p.Direction,
			Commanded: instant(p.Commanded), Confirmed: instant(p.Confirmed), Holds: p.Holds, Problem: p.Problem,
		}
		if proof.Confirmed != nil {
			seconds := p.Confirmed.Sub(f.Since).Seconds()
			proof.Seconds = &seconds
		}
		return proof
	})
	return r
}
