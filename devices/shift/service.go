package shift

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// Deps are the parts of a Service. Now may be left out.
type Deps struct {
	Store Store
	// Device gives one that is in service.
	Device func(devices.DeviceID) (devices.Device, bool)
	Now    func() time.Time
}

// Service begins and ends shifts. It is safe for concurrent use: what must not be twice, the store refuses.
type Service struct{ d Deps }

// New makes a Service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Service{d}
}

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// Begin begins a shift of whoever acts, at some devices. booth is the name of the booth that they sit in; it may be
// empty. Invalid (Field devices), AlreadyOn, LaneTaken.
func (s *Service) Begin(ctx context.Context, by devices.Actor, at []devices.DeviceID, booth string) (Shift, error) {
	return s.begin(ctx, "shift.begin", by, Shift{Devices: at, Booth: booth})
}

func (s *Service) begin(ctx context.Context, op string, by devices.Actor, x Shift) (Shift, error) {
	who, err := person(op, by)
	if err != nil {
		return Shift{}, err
	}
	if x.Site, err = s.chosen(op, x.Devices); err != nil {
		return Shift{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Shift{}, fmt.Errorf("%s: %w", op, err)
	}
	x.ID, x.Person, x.Began = ID(id.String()), who, s.now()
	detail := map[string]any{"devices": x.Devices}
	if x.Took != "" {
		detail["took"] = x.Took
	}
	if err := s.d.Store.Begin(ctx, x, audited(x.Began, by, op, x, detail)); err != nil {
		return Shift{}, fmt.Errorf("%s: %w", op, err)
	}
	return x, nil
}

// TakeOver begins a shift at the devices of one that was handed over, and goes on counting where that one ended.
// Devices that were retired since are left out. NotFound, TakenAlready, AlreadyOn, LaneTaken.
func (s *Service) TakeOver(ctx context.Context, by devices.Actor, id ID, booth string) (Shift, error) {
	const op = "shift.take_over"
	before, err := s.d.Store.Shift(ctx, id)
	if err != nil {
		return Shift{}, fmt.Errorf("%s: %w", op, err)
	}
	if !before.Offered(s.now()) {
		return Shift{}, &devices.Error{Op: op, Code: TakenAlready, Message: "it cannot be taken over (any more): begin a shift of your own"}
	}
	x := Shift{Took: id, Booth: booth}
	for _, d := range before.Devices {
		if _, ok := s.d.Device(d); ok {
			x.Devices = append(x.Devices, d)
		}
	}
	return s.begin(ctx, op, by, x)
}

// Note writes something down in the open shift of whoever acts. device may be empty. Invalid (Field text or device),
// Over, NotFound.
func (s *Service) Note(ctx context.Context, by devices.Actor, id ID, device devices.DeviceID, said string) (Note, error) {
	const op = "shift.note"
	x, err := s.own(ctx, op, by, id)
	if err != nil {
		return Note{}, err
	}
	if said, err = text(op, "text", said, true); err != nil {
		return Note{}, err
	}
	if device != "" && !slices.Contains(x.Devices, device) {
		return Note{}, invalid(op, "device", "must be a device of the shift, or left out")
	}
	n := Note{Shift: id, At: s.now(), By: Person{by.ID, by.Name}, Device: device, Text: said}
	detail := map[string]any{}
	if device != "" {
		detail["device"] = device
	}
	n, err = s.d.Store.AddNote(ctx, n, audited(n.At, by, op, x, detail))
	if err != nil {
		return Note{}, fmt.Errorf("%s: %w", op, err)
	}
	return n, nil
}

// Handover is what somebody says when they hand their shift over.
type Handover struct {
	To      Person // who is to take over; the zero value: nobody is named
	Counted []Money
	Remark  string
}

// HandOver ends the open shift of whoever acts. Invalid (Field counted or remark), Over, NotFound.
func (s *Service) HandOver(ctx context.Context, by devices.Actor, id ID, h Handover) (Shift, error) {
	const op = "shift.hand_over"
	if _, err := s.own(ctx, op, by, id); err != nil {
		return Shift{}, err
	}
	money, err := counted(op, h.Counted)
	if err != nil {
		return Shift{}, err
	}
	remark, err := text(op, "remark", h.Remark, false)
	if err != nil {
		return Shift{}, err
	}
	return s.finish(ctx, op, by, End{Shift: id, How: HandedOver, To: h.To, Remark: remark, Counted: money})
}

// Close ends the open shift of somebody who forgot it. Invalid (Field reason), Over, NotFound.
func (s *Service) Close(ctx context.Context, by devices.Actor, id ID, reason string) (Shift, error) {
	const op = "shift.close"
	reason, err := text(op, "reason", reason, true)
	if err != nil {
		return Shift{}, err
	}
	return s.finish(ctx, op, by, End{Shift: id, How: Closed, Remark: reason})
}

func (s *Service) finish(ctx context.Context, op string, by devices.Actor, e End) (Shift, error) {
	e.At, e.By = s.now(), Person{by.ID, by.Name}
	x, err := s.d.Store.Finish(ctx, e, func(x Shift) devices.AuditEntry {
		detail := map[string]any{"takings": x.Counts.Takings, "rows": x.Counts.Rows}
		if x.Counted != nil {
			detail["counted"] = x.Counted
		}
		if x.How == Closed {
			detail["reason"], detail["person"] = x.Remark, x.Person.ID
		}
		return audited(e.At, by, op, x, detail)
	})
	if err != nil {
		return Shift{}, fmt.Errorf("%s: %w", op, err)
	}
	return x, nil
}

// own is an open shift of whoever acts. Of another one nobody learns whether it is there: NotFound.
func (s *Service) own(ctx context.Context, op string, by devices.Actor, id ID) (Shift, error) {
	who, err := person(op, by)
	if err != nil {
		return Shift{}, err
	}
	x, err := s.d.Store.Shift(ctx, id)
	switch {
	case err != nil:
		return Shift{}, fmt.Errorf("%s: %w", op, err)
	case x.Person.ID != who.ID:
		return Shift{}, &devices.Error{Op: op, Code: devices.NotFound, Message: "you have no such shift"}
	case x.How != Open:
		return Shift{}, &devices.Error{Op: op, Code: Over, Message: "the shift has ended"}
	}
	return x, nil
}

// Get gives a shift, an open one with what it counts now. NotFound.
func (s *Service) Get(ctx context.Context, id ID) (Shift, error) {
	x, err := s.d.Store.Shift(ctx, id)
	if err != nil {
		return Shift{}, fmt.Errorf("shift.get: %w", err)
	}
	return s.reckoned(ctx, x)
}

// reckoned is a shift with its counts: an open one is counted now.
func (s *Service) reckoned(ctx context.Context, x Shift) (Shift, error) {
	if x.How != Open {
		return x, nil
	}
	var err error
	if x.Counts, err = s.d.Store.Count(ctx, x.ID); err != nil {
		return Shift{}, fmt.Errorf("shift.count: %w", err)
	}
	return x, nil
}

// Notes are those of a shift, the oldest first.
func (s *Service) Notes(ctx context.Context, id ID) ([]Note, error) { return s.d.Store.Notes(ctx, id) }

// List gives shifts, the newest first. Those that are open have no counts.
func (s *Service) List(ctx context.Context, q Query) ([]Shift, error) {
	return s.d.Store.Shifts(ctx, q)
}

// MaxExport is how many shifts Export gives at most.
const MaxExport = 5_000

// Export gives every shift of a selection, the newest first, whatever its Before and Limit. More than MaxExport are the
// error TooMany.
func (s *Service) Export(ctx context.Context, q Query) ([]Shift, error) {
	return devices.Whole(ctx, "shift.export", MaxExport, func(ctx context.Context, after *Shift, limit int) ([]Shift, error) {
		q.Before, q.Limit = "", limit
		if after != nil {
			q.Before = after.ID
		}
		return s.d.Store.Shifts(ctx, q)
	})
}

// Mine is the open shift of somebody with what it counts now; nil: they have none.
func (s *Service) Mine(ctx context.Context, who string) (*Shift, error) {
	all, err := s.d.Store.Shifts(ctx, Query{Person: who, State: IsOpen, Limit: 1})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	x, err := s.reckoned(ctx, all[0])
	return &x, err
}

// Offered are the shifts that can be taken over now, the newest first.
func (s *Service) Offered(ctx context.Context, in *devices.Reach) ([]Shift, error) {
	return s.d.Store.Shifts(ctx, Query{State: IsOffered, Since: s.now().Add(-offerLife), Within: in, Limit: mostOffered})
}

// mostOffered is how many handed-over shifts are shown to choose from.
const mostOffered = 20

// IsOfferedNow is whether a shift can be taken over now.
func (s *Service) IsOfferedNow(x Shift) bool { return x.Offered(s.now()) }

func audited(at time.Time, by devices.Actor, verb string, x Shift, detail map[string]any) devices.AuditEntry {
	return devices.Audited(at, by, verb, x.Site, "shift:"+string(x.ID), detail)
}
