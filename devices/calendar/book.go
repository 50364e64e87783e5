package calendar

import (
	"context"

	"gatehouse/devices"
)

// Book is what every day is at one site, as it was known when it was asked for. It never
// changes; Deps.Changed says when a new one is to be asked for.
type Book struct {
	published      published
	site, property own
}

// Book gives what every day is at a site, or for the whole property (the empty site).
func (s *Service) Book(ctx context.Context, site devices.SiteID) (Book, error) {
	b := Book{published: s.published}
	var err error
	if b.property, err = s.own(ctx, "", FirstDay, LastDay); err != nil {
		return b, err
	}
	if site != "" {
		b.site, err = s.own(ctx, site, FirstDay, LastDay)
	}
	return b, err
}

// On is what a day is.
func (b Book) On(d Day) Answer { return b.published.answer(d, b.site, b.property) }

// Kind is which kind of day it is.
func (b Book) Kind(d Day) Kind {
	for _, days := range []own{b.site, b.property} {
		if e, ok := days[d]; ok {
			return e.Kind
		}
	}
	if l, ok := b.published.days[d]; ok {
		return l.Kind
	}
	return weekday(d)
}
