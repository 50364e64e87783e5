package calendar

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"gatehouse/devices"
)

// MaxDays is how many days one question may be about.
const MaxDays = 400

// Sites is what the service asks about sites. A missing one is NotFound.
type Sites interface {
	Site(ctx context.Context, id devices.SiteID) (devices.Site, error)
}

// Deps are the parts of a Service. Now and Changed may be left out.
type Deps struct {
	Store Store
	Sites Sites
	// Changed is called after own days of a site, or of the whole property (the empty site),
	// are other ones. It must not block.
	Changed func(of devices.SiteID)
	Now     func() time.Time
}

// Service answers for days and keeps own ones. It is safe for concurrent use.
type Service struct {
	d         Deps
	published published
	edit      sync.Mutex // one change at a time: what was before it is written with it
}

// New makes a Service.
func New(d Deps) (*Service, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Changed == nil {
		d.Changed = func(devices.SiteID) {}
	}
	p, err := readPublished()
	return &Service{d: d, published: p}, err
}

// On is what a day is at a site, or for the whole property (the empty site).
func (s *Service) On(ctx context.Context, site devices.SiteID, d Day) (Answer, error) {
	all, err := s.Between(ctx, site, d, d)
	if err != nil {
		return Answer{}, err
	}
	return all[0], nil
}

// Between is what up to MaxDays days are at a site, or for the whole property (the empty
// site), in order. Errors are Invalid with Field from or to.
func (s *Service) Between(ctx context.Context, site devices.SiteID, from, to Day) ([]Answer, error) {
	if err := checkSpan(from, to); err != nil {
		return nil, err
	}
	property, err := s.own(ctx, "", from, to)
	if err != nil {
		return nil, err
	}
	var here own
	if site != "" {
		if here, err = s.own(ctx, site, from, to); err != nil {
			return nil, err
		}
	}
	all := make([]Answer, 0, from.Until(to)+1)
	for d := from; d <= to; d = d.Add(1) {
		all = append(all, s.published.answer(d, here, property))
	}
	return all, nil
}

func checkSpan(from, to Day) error {
	if _, err := ParseDay("from", string(from)); err != nil {
		return err
	}
	if _, err := ParseDay("to", string(to)); err != nil {
		return err
	}
	if to < from {
		return invalid("to", "is before from: it must be the last day, for example "+strconv.Quote(string(from)))
	}
	if from.Until(to) >= MaxDays {
		return invalid("to", fmt.Sprintf("is more than %d days from the first one: ask for a year at a time, for example until %q", MaxDays, from.Add(364)))
	}
	return nil
}

func (s *Service) own(ctx context.Context, of devices.SiteID, from, to Day) (own, error) {
	list, err := s.d.Store.Days(ctx, of, from, to)
	if err != nil {
		return nil, fmt.Errorf("calendar.days: %w", err)
	}
	days := make(own, len(list))
	for _, e := range list {
		days[e.Day] = e
	}
	return days, nil
}

// Notice is where the holidays of a year were published; false: they are not known.
func (s *Service) Notice(year int) (Notice, bool) {
	n, ok := s.published.notices[year]
	return n, ok
}

// Today is the day by the clock of a site; without one by UTC.
func (s *Service) Today(ctx context.Context, site devices.SiteID) (Day, error) {
	if site == "" {
		return Of(s.d.Now().UTC()), nil
	}
	at, err := s.d.Sites.Site(ctx, site)
	if err != nil {
		return "", fmt.Errorf("calendar.today: %w", err)
	}
	zone, err := time.LoadLocation(at.TimeZone)
	if err != nil {
		return "", fmt.Errorf("calendar.today: %w", err)
	}
	return Of(s.d.Now().In(zone)), nil
}

// Put says what a day is at a site, or for the whole property (the empty site). Errors are
// Invalid with Field day, kind or name, and NotFound of the site.
func (s *Service) Put(ctx context.Context, by devices.Actor, of devices.SiteID, e Entry) error {
	e, err := e.check()
	if err != nil {
		return err
	}
	if err := s.known(ctx, of); err != nil {
		return err
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	was, err := s.own(ctx, of, e.Day, e.Day)
	if err != nil {
		return err
	}
	detail := map[string]any{"after": audited(e)}
	if before, ok := was[e.Day]; ok {
		detail["before"] = audited(before)
	}
	if err := s.d.Store.PutDays(ctx, of, []Entry{e}, []devices.AuditEntry{s.audit(by, "calendar.put", of, e.Day, detail)}); err != nil {
		return fmt.Errorf("calendar.put: %w", err)
	}
	s.d.Changed(of)
	return nil
}

// Remove takes an own day back: what the next source says counts then. NotFound if there is none.
func (s *Service) Remove(ctx context.Context, by devices.Actor, of devices.SiteID, d Day) error {
	if _, err := ParseDay("day", string(d)); err != nil {
		return err
	}
	if err := s.known(ctx, of); err != nil {
		return err
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	was, err := s.own(ctx, of, d, d)
	if err != nil {
		return err
	}
	before, ok := was[d]
	if !ok {
		return &devices.Error{Op: "calendar.remove", Code: devices.NotFound, Message: "there is no own day on " + string(d)}
	}
	entry := s.audit(by, "calendar.remove", of, d, map[string]any{"before": audited(before)})
	if err := s.d.Store.RemoveDay(ctx, of, d, entry); err != nil {
		return fmt.Errorf("calendar.remove: %w", err)
	}
	s.d.Changed(of)
	return nil
}

func (s *Service) known(ctx context.Context, of devices.SiteID) error {
	if of == "" {
		return nil
	}
	if _, err := s.d.Sites.Site(ctx, of); err != nil {
		return fmt.Errorf("calendar.site: %w", err)
	}
	return nil
}

func audited(e Entry) map[string]any { return map[string]any{"kind": e.Kind, "name": e.Name} }

func (s *Service) audit(by devices.Actor, verb string, of devices.SiteID, d Day, detail map[string]any) devices.AuditEntry {
	return devices.Audited(s.d.Now().UTC().Truncate(time.Millisecond), by, verb, of, "day:"+string(d), detail)
}
