package devices

import (
	"context"
	"fmt"

	"gatehouse/devices/presence"
)

// fewDevices are so few that their connections are read one by one, and not those of
// their whole site.
const fewDevices = 8

// DailyAvailability is how each of some devices of a site was reachable on each of some
// days that follow each other, and why it was not.
func (c *Control) DailyAvailability(ctx context.Context, id SiteID, of []DeviceID, days []Period) (map[DeviceID][]presence.Day, error) {
	const op = "presence.daily"
	if len(days) == 0 {
		return nil, nil
	}
	list := make([]presence.Period, len(days))
	for i, d := range days {
		list[i] = d.Period
	}
	whole := presence.Period{From: list[0].From, To: list[len(list)-1].To}
	spans, err := c.spansOf(ctx, id, of, whole)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	lives := make([]Live, 0, len(of))
	for _, device := range of {
		if u, ok := c.places.ever(device); ok {
			lives = append(lives, u.snapshot())
		}
	}
	known, err := c.known(ctx, whole, lives...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	all := make(map[DeviceID][]presence.Day, len(lives))
	for _, l := range lives {
		its := spans[l.Device.ID]
		daily := presence.Daily(its, known(l), Grace(l.Device.Kind), list)
		if len(its) == 0 && l.Link.Status == presence.Offline {
			explainLoss(daily, l.Link.Cause)
		}
		all[l.Device.ID] = daily
	}
	return all, nil
}

func (c *Control) spansOf(ctx context.Context, id SiteID, of []DeviceID, in presence.Period) (map[DeviceID][]presence.Span, error) {
	if len(of) > fewDevices {
		return c.d.Store.SiteSpans(ctx, id, in)
	}
	all := make(map[DeviceID][]presence.Span, len(of))
	for _, device := range of {
		its, err := c.d.Store.Spans(ctx, device, in)
		if err != nil {
			return nil, err
		}
		all[device] = its
	}
	return all, nil
}

// explainLoss gives a cause to what has none: that of a device that was not online once in
// these days.
func explainLoss(daily []presence.Day, cause string) {
	for i := range daily {
		for j := range daily[i].Lost {
			daily[i].Lost[j].Cause = cause
		}
	}
}
