package web

import (
	"context"
	"net/http"
	"slices"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/operators"
	"gatehouse/devices/shift"
)

// NewShift begins a shift of mine.
type NewShift struct {
	Devices []devices.DeviceID `json:"devices" minItems:"1" maxItems:"6" doc:"gates and turnstiles of one site, none of which is in an open shift"`
}

// NewShiftNote is to be written down.
type NewShiftNote struct {
	Device devices.DeviceID `json:"device,omitempty" maxLength:"64" doc:"of the shift, that it is about; left out: none"`
	Text   string           `json:"text" minLength:"1" maxLength:"500" example:"driver says the ticket was lost"`
}

// ShiftHandover ends a shift of mine. What was taken, and how much passed, is counted by the server.
type ShiftHandover struct {
	To      operators.ID `json:"to,omitempty" maxLength:"64" doc:"who is to take over: one of the people of GET /shifts/mine; left out: nobody is named"`
	Counted []feed.Money `json:"counted,omitempty" maxItems:"10" doc:"what lay in the drawer, in minor units, each currency once; left out: nobody counted"`
	Remark  string       `json:"remark,omitempty" maxLength:"500"`
}

// ShiftClosing ends a shift that somebody forgot.
type ShiftClosing struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" example:"went home without handing over"`
}

type shiftAct[T any] struct {
	ID   shift.ID `path:"id" minLength:"1" maxLength:"64"`
	Body T
}

func (s *Server) shiftActRoutes(a *api) {
	add(a, operation(http.MethodPost, "/shifts", "beginShift", "shifts", "Begin a shift of mine", 201),
		func(ctx context.Context, i *in[NewShift]) (*out[Shift], error) {
			return s.shiftOut(ctx)(s.deps.Shifts.Begin(ctx, actor(ctx), i.Body.Devices, s.boothName(ctx)))
		})
	add(a, operation(http.MethodPost, "/shifts/{id}/take-over", "takeOverShift", "shifts", "Take over a shift that was handed over: I have seen its open alarms and its notes", 201),
		func(ctx context.Context, i *shiftID) (*out[Shift], error) {
			return s.shiftOut(ctx)(s.deps.Shifts.TakeOver(ctx, actor(ctx), i.ID, s.boothName(ctx)))
		})
	add(a, operation(http.MethodPost, "/shifts/{id}/notes", "addShiftNote", "shifts", "Write something down in my open shift", 201),
		func(ctx context.Context, i *shiftAct[NewShiftNote]) (*out[ShiftNote], error) {
			n, err := s.deps.Shifts.Note(ctx, actor(ctx), i.ID, i.Body.Device, i.Body.Text)
			if err != nil {
				return nil, err
			}
			return &out[ShiftNote]{s.shiftNoteOf(ctx, n)}, nil
		})
	add(a, operation(http.MethodPost, "/shifts/{id}/hand-over", "handOverShift", "shifts", "Hand over my open shift", 200), s.handOverShift)
	add(a, operation(http.MethodPost, "/shifts/{id}/close", "closeShift", "shifts", "End a shift that somebody forgot", 200),
		func(ctx context.Context, i *shiftAct[ShiftClosing]) (*out[Shift], error) {
			return s.shiftOut(ctx)(s.deps.Shifts.Close(ctx, actor(ctx), i.ID, i.Body.Reason))
		})
}

func (s *Server) handOverShift(ctx context.Context, i *shiftAct[ShiftHandover]) (*out[Shift], error) {
	h := shift.Handover{Remark: i.Body.Remark}
	if i.Body.Counted != nil {
		h.Counted = each(i.Body.Counted, func(m feed.Money) shift.Money { return shift.Money(m) })
	}
	if i.Body.To != "" {
		x, err := s.deps.Shifts.Get(ctx, i.ID)
		if err != nil {
			return nil, err
		}
		people, err := s.successors(ctx, x)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(people, func(p ShiftPerson) bool { return p.ID == string(i.Body.To) })
		if at < 0 {
			return nil, &devices.Error{Op: "shift.hand_over", Code: devices.Invalid, Field: "to", Message: "must be somebody else who may open these lanes, or left out"}
		}
		h.To = shift.Person(people[at])
	}
	return s.shiftOut(ctx)(s.deps.Shifts.HandOver(ctx, actor(ctx), i.ID, h))
}

// shiftOut answers with a shift.
func (s *Server) shiftOut(ctx context.Context) func(shift.Shift, error) (*out[Shift], error) {
	return func(x shift.Shift, err error) (*out[Shift], error) {
		if err != nil {
			return nil, err
		}
		return &out[Shift]{s.shiftOf(ctx, x, x.How != shift.Open)}, nil
	}
}

// boothName is the name of the booth where whoever asks signed in; empty: at none.
func (s *Server) boothName(ctx context.Context) string {
	all := s.deps.Booths.List()
	i := slices.IndexFunc(all, func(b operators.Booth) bool { return b.ID == visitorOf(ctx).session.Booth })
	if i < 0 {
		return ""
	}
	return all[i].Name
}
