package plans

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// Registry is what the service asks about the property; devices.Control is one.
type Registry interface {
	// Site gives a site; NotFound.
	Site(id devices.SiteID) (devices.Site, error)
	// Registered gives a device that is in service.
	Registered(id devices.DeviceID) (devices.Device, bool)
}

// Deps are the parts of a Service. Now and Log may be left out.
type Deps struct {
	Store    Store
	Dir      string // of the pictures; made, owner-only, if it is missing
	Registry Registry
	Now      func() time.Time
	Log      *slog.Logger
}

// Service keeps plans. It is safe for concurrent use.
type Service struct {
	d     Deps
	files files
	edit  sync.Mutex // one change at a time: what was before it is written with it, and files fit records
}

// New makes a Service, and the folder of its pictures.
func New(d Deps) (*Service, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	f, err := newFiles(d.Dir)
	return &Service{d: d, files: f}, err
}

// List gives every plan: by site, then in their order.
func (s *Service) List(ctx context.Context) ([]Plan, error) {
	all, err := s.d.Store.Plans(ctx)
	if err != nil {
		return nil, fmt.Errorf("plan.list: %w", err)
	}
	return all, nil
}

// Get gives one plan; NotFound.
func (s *Service) Get(ctx context.Context, id ID) (Plan, error) {
	p, err := s.d.Store.Plan(ctx, id)
	if err != nil {
		return Plan{}, fmt.Errorf("plan.get: %w", err)
	}
	return p, nil
}

// Open gives a plan and the bytes of its picture, which the caller closes. NotFound; one whose
// file was lost is Internal.
func (s *Service) Open(ctx context.Context, id ID) (Plan, io.ReadSeekCloser, error) {
	p, err := s.Get(ctx, id)
	if err != nil {
		return Plan{}, nil, err
	}
	f, err := s.files.open(p.Picture)
	if err != nil {
		return Plan{}, nil, &devices.Error{Op: "plan.open", Code: devices.Internal, Message: "the picture of this plan cannot be read", Err: err}
	}
	return p, f, nil
}

// Create makes a plan of a site, behind its others. NotFound of the site; Invalid with Field
// name, picture or site.
func (s *Service) Create(ctx context.Context, by devices.Actor, site devices.SiteID, name string, picture []byte) (Plan, error) {
	const op = "plan.create"
	if _, err := s.d.Registry.Site(site); err != nil {
		return Plan{}, fmt.Errorf("%s: %w", op, err)
	}
	name, err := checkName(name)
	if err != nil {
		return Plan{}, err
	}
	seen, err := Examine(picture)
	if err != nil {
		return Plan{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Plan{}, fmt.Errorf("%s: %w", op, err)
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	if err := s.roomAt(ctx, site); err != nil {
		return Plan{}, err
	}
	if err := s.files.put(seen, picture); err != nil {
		return Plan{}, fmt.Errorf("%s: %w", op, err)
	}
	p := Plan{ID: ID(id.String()), Site: site, Name: name, Picture: seen, Revision: 1, Changed: s.now()}
	made, err := s.d.Store.AddPlan(ctx, p, s.audit(by, op, p, map[string]any{"after": told(p)}))
	if err != nil {
		s.drop(ctx, seen)
		return Plan{}, fmt.Errorf("%s: %w", op, err)
	}
	return made, nil
}

func (s *Service) roomAt(ctx context.Context, site devices.SiteID) error {
	all, err := s.List(ctx)
	if err != nil {
		return err
	}
	if n := len(slices.DeleteFunc(all, func(p Plan) bool { return p.Site != site })); n >= MaxPlans {
		return invalid("site", fmt.Sprintf("has %d plans already, and may have no more: remove one first", n))
	}
	return nil
}

// Change gives a plan another name and other pins. base is the revision that they were made of.
// NotFound; Invalid with Field name or pins[n]; Conflict with Field base.
func (s *Service) Change(ctx context.Context, by devices.Actor, id ID, base Revision, d Draft) (Plan, error) {
	s.edit.Lock()
	defer s.edit.Unlock()
	was, err := s.at(ctx, id, base)
	if err != nil {
		return Plan{}, err
	}
	if d, err = d.check(was.Site, s.d.Registry); err != nil {
		return Plan{}, err
	}
	is := was
	is.Name, is.Pins = d.Name, d.Pins
	detail := map[string]any{"before": told(was), "after": told(is)}
	for what, ids := range moves(was.Pins, is.Pins) {
		detail[what] = ids
	}
	return s.keep(ctx, by, "plan.change", is, detail)
}

// SetPicture gives a plan another picture; its pins stay where they are. base is the revision
// that was seen. NotFound; Invalid with Field picture; Conflict with Field base.
func (s *Service) SetPicture(ctx context.Context, by devices.Actor, id ID, base Revision, picture []byte) (Plan, error) {
	seen, err := Examine(picture)
	if err != nil {
		return Plan{}, err
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	was, err := s.at(ctx, id, base)
	if err != nil {
		return Plan{}, err
	}
	if err := s.files.put(seen, picture); err != nil {
		return Plan{}, fmt.Errorf("plan.picture: %w", err)
	}
	is := was
	is.Picture = seen
	made, err := s.keep(ctx, by, "plan.picture", is, map[string]any{"name": is.Name, "before": toldPicture(was.Picture), "after": toldPicture(seen)})
	if err != nil {
		s.drop(ctx, seen)
		return Plan{}, err
	}
	s.drop(ctx, was.Picture)
	return made, nil
}

// Remove removes a plan that has the revision base still. NotFound; Conflict with Field base.
func (s *Service) Remove(ctx context.Context, by devices.Actor, id ID, base Revision) error {
	s.edit.Lock()
	defer s.edit.Unlock()
	was, err := s.at(ctx, id, base)
	if err != nil {
		return err
	}
	if err := s.d.Store.RemovePlan(ctx, id, base, s.audit(by, "plan.remove", was, map[string]any{"before": told(was)})); err != nil {
		return fmt.Errorf("plan.remove: %w", err)
	}
	s.drop(ctx, was.Picture)
	return nil
}

// Order puts the plans of a site in an order: all of them, each once. NotFound of the site;
// Conflict with Field plans.
func (s *Service) Order(ctx context.Context, by devices.Actor, site devices.SiteID, ids []ID) error {
	const op = "plan.order"
	if _, err := s.d.Registry.Site(site); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	entry := devices.Audited(s.now(), by, op, site, "site:"+string(site), map[string]any{"plans": ids})
	if err := s.d.Store.OrderPlans(ctx, site, ids, entry); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// at gives a plan that has the revision base.
func (s *Service) at(ctx context.Context, id ID, base Revision) (Plan, error) {
	p, err := s.Get(ctx, id)
	if err == nil && p.Revision != base {
		err = Outdated(p.Revision)
	}
	return p, err
}

// Outdated is the error of a change that was made of another revision than a plan has now.
func Outdated(now Revision) error {
	return &devices.Error{
		Op: "plan.change", Code: devices.Conflict, Field: "base",
		Message: fmt.Sprintf("somebody changed this plan meanwhile, or a device of it was retired or replaced: read it anew, it is at revision %d, and decide again", now),
	}
}

// keep stores a change.
func (s *Service) keep(ctx context.Context, by devices.Actor, verb string, p Plan, detail map[string]any) (Plan, error) {
	p.Changed = s.now()
	next, err := s.d.Store.ChangePlan(ctx, p, s.audit(by, verb, p, detail))
	if err != nil {
		return Plan{}, fmt.Errorf("%s: %w", verb, err)
	}
	p.Revision = next
	return p, nil
}

// drop removes the file of a picture that no plan has any more. What cannot be removed stays,
// and harms nothing.
func (s *Service) drop(ctx context.Context, old Picture) {
	all, err := s.d.Store.Plans(context.WithoutCancel(ctx))
	if err == nil && !slices.ContainsFunc(all, func(p Plan) bool { return p.Picture.Hash == old.Hash }) {
		err = s.files.remove(old)
	}
	if err != nil {
		s.d.Log.Warn("picture of a plan not removed", "error", err)
	}
}

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }
