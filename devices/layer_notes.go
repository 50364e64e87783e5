package devices

import "time"

// mostNamed is how many openings an audit entry names.
const mostNamed = 50

// layerNotes gathers what one commit of schedule layers tells the audit trail: one
// entry for whatever is said of many openings of a site.
type layerNotes struct {
	order []layerNote
	of    map[layerNote][]string // openings
}

// layerNote is what is said of openings: in one entry if all of it is the same.
type layerNote struct {
	actor     Actor
	verb      string
	timetable string // its id
	site      SiteID
	mode      Mode
	reason    string
	until     time.Time
}

// add notes a layer. Of what is said only actor, verb and timetable are given.
func (n *layerNotes) add(said layerNote, l Layer) {
	if n.of == nil {
		n.of = map[layerNote][]string{}
	}
	said.site, said.mode, said.reason, said.until = SiteID(l.Scope.Site), l.Mode, l.Reason, l.Until
	if _, known := n.of[said]; !known {
		n.order = append(n.order, said)
	}
	opening := l.Scope.ID
	if l.Scope.Direction != "" {
		opening += "/" + l.Scope.Direction
	}
	n.of[said] = append(n.of[said], opening)
}

func (n *layerNotes) entries(c *Control) []AuditEntry {
	entries := make([]AuditEntry, len(n.order))
	for i, said := range n.order {
		openings := n.of[said]
		detail := map[string]any{"mode": string(said.mode), "count": len(openings), "openings": openings[:min(len(openings), mostNamed)]}
		if said.reason != "" {
			detail["reason"] = said.reason
		}
		if !said.until.IsZero() {
			detail["until"] = said.until.Format(time.RFC3339)
		}
		entries[i] = c.audit(said.actor, said.verb, said.site, "timetable:"+said.timetable, detail)
	}
	return entries
}
