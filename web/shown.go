package web

import (
	"slices"
	"strings"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/feed"
)

// deviceOf is a device as the API and the feed show it.
func deviceOf(l devices.Live) feed.Device {
	d := feed.Device{
		ID: string(l.Device.ID), Site: string(l.Device.Site), Zone: string(l.Device.Zone), Kind: string(l.Device.Kind), Name: l.Device.Name,
		Link: feed.Link{Status: string(l.Link.Status), Since: instantOrNull(l.Link.Since), Cause: l.Link.Cause},
		Mode: string(l.State.Mode), Physical: string(l.State.Physical), Tamper: l.State.Tamper, Fault: l.State.Fault,
		Counters: l.State.Counters, Capabilities: each(l.State.Capabilities, func(a devices.Action) string { return string(a) }),
		Firmware: l.State.Firmware, ReportedAt: instantOrNull(l.State.ReportedAt), Revision: int64(l.Revision),
	}
	if d.Physical == "" {
		d.Physical = string(devices.Unknown)
	}
	if d.Counters == nil {
		d.Counters = map[string]int64{}
	}
	if l.Last != nil {
		e := eventOf(*l.Last)
		d.LastEvent = &e
	}
	return d
}

func eventOf(e devices.Event) feed.Event {
	return feed.Event{
		Device: string(e.Device), ID: string(e.ID), Type: e.Type, Direction: e.Direction, Result: e.Result, Reason: e.Reason,
		Credential: e.Credential, Physical: string(e.Physical), Trigger: e.Trigger, Camera: string(e.Camera), Picture: e.Picture,
		Command: string(e.Command), DeviceTime: instant(e.DeviceTime), ArrivedAt: instant(e.ArrivedAt),
	}
}

func commandOf(c devices.Command) feed.Command {
	args := c.Args
	if args == nil {
		args = map[string]string{}
	}
	return feed.Command{
		ID: string(c.ID), Device: string(c.Device), Site: string(c.Site), Zone: string(c.Zone), Action: string(c.Action), Args: args,
		Reason: c.Reason, Actor: feed.Actor{Kind: string(c.Actor.Kind), ID: c.Actor.ID, Name: c.Actor.Name},
		Issued: instant(c.Issued), TTL: int64(c.TTL / time.Millisecond),
		Step: string(command.Shown(c.Ladder)), Ended: command.Ended(c.Ladder),
		Rungs: each(c.Ladder.Rungs, func(r command.Rung) feed.Rung {
			return feed.Rung{Step: string(r.Step), At: instant(r.At), Detail: r.Detail}
		}),
		Revision: int64(c.Revision),
	}
}

func todayOf(t devices.Today) feed.Today {
	takings := make([]feed.Money, 0, len(t.Tally.Takings))
	for currency, amount := range t.Tally.Takings {
		takings = append(takings, feed.Money{Amount: amount, Currency: currency})
	}
	slices.SortFunc(takings, func(a, b feed.Money) int { return strings.Compare(a.Currency, b.Currency) })
	return feed.Today{
		Site: string(t.Site.ID), Day: t.Day, Passages: t.Tally.Passages, Takings: takings, LedgerRows: t.Tally.LedgerRows,
		Quarantined: t.Tally.Quarantined, Revision: int64(t.Tally.Revision),
	}
}
