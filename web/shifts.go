package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/shift"
)

// Shifts say who is on duty; shift.Service does.
type Shifts interface {
	Begin(ctx context.Context, by devices.Actor, at []devices.DeviceID, booth string) (shift.Shift, error)
	TakeOver(ctx context.Context, by devices.Actor, id shift.ID, booth string) (shift.Shift, error)
	Note(ctx context.Context, by devices.Actor, id shift.ID, device devices.DeviceID, text string) (shift.Note, error)
	HandOver(ctx context.Context, by devices.Actor, id shift.ID, h shift.Handover) (shift.Shift, error)
	Close(ctx context.Context, by devices.Actor, id shift.ID, reason string) (shift.Shift, error)
	Get(ctx context.Context, id shift.ID) (shift.Shift, error)
	Notes(ctx context.Context, id shift.ID) ([]shift.Note, error)
	List(ctx context.Context, q shift.Query) ([]shift.Shift, error)
	Export(ctx context.Context, q shift.Query) ([]shift.Shift, error)
	Mine(ctx context.Context, who string) (*shift.Shift, error)
	Offered(ctx context.Context, in *devices.Reach) ([]shift.Shift, error)
	IsOfferedNow(x shift.Shift) bool
}

// ShiftPerson is somebody, with the name that they had then.
type ShiftPerson struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ShiftDevice is a device of a shift.
type ShiftDevice struct {
	ID   devices.DeviceID `json:"id"`
	Name string           `json:"name"`
}

// ShiftAlarm is an alarm that was open when a shift was counted.
type ShiftAlarm struct {
	ID         string           `json:"id"`
	Device     devices.DeviceID `json:"device"`
	DeviceName string           `json:"deviceName"`
	Type       string           `json:"type"`
	Severity   string           `json:"severity" enum:"critical,major,minor,warning"`
	Raised     time.Time        `json:"raised"`
}

// ShiftCounts are what the platform counted.
type ShiftCounts struct {
	Takings  []feed.Money `json:"takings" doc:"of its rows in the ledger, one per currency"`
	Rows     int64        `json:"rows" doc:"of the ledger"`
	Passages int64        `json:"passages"`
	Opens    int64        `json:"opens" doc:"orders of its person to open, or to let one pass"`
	Alarms   []ShiftAlarm `json:"alarms" doc:"open when it was counted, the oldest first"`
}

// ShiftTaken is by whom a shift was taken over.
type ShiftTaken struct {
	Shift shift.ID    `json:"shift" doc:"of whoever took over"`
	By    ShiftPerson `json:"by"`
	At    time.Time   `json:"at"`
}

// Shift is somebody's duty at some devices.
type Shift struct {
	ID          shift.ID       `json:"id"`
	Site        devices.SiteID `json:"site"`
	Booth       string         `json:"booth" doc:"name of the booth in whose browser it began; empty: in none"`
	Person      ShiftPerson    `json:"person"`
	Devices     []ShiftDevice  `json:"devices"`
	Took        shift.ID       `json:"took" doc:"the shift that it took over; empty: none"`
	Began       time.Time      `json:"began"`
	Ended       *time.Time     `json:"ended" doc:"null: it is open"`
	How         shift.How      `json:"how" enum:",handed_over,closed" doc:"how it ended; closed: by somebody else, because it was forgotten"`
	EndedBy     *ShiftPerson   `json:"endedBy"`
	To          *ShiftPerson   `json:"to" doc:"who was named to take over; null: nobody"`
	Taken       *ShiftTaken    `json:"taken" doc:"null: nobody took it over"`
	Offered     bool           `json:"offered" doc:"it can be taken over now"`
	Remark      string         `json:"remark" doc:"of the hand-over; of a closed one the reason"`
	CashCounted bool           `json:"cashCounted" doc:"somebody counted what lay in the drawer"`
	Counted     []feed.Money   `json:"counted" doc:"what lay in the drawer, one per currency"`
	Differences []feed.Money   `json:"differences" doc:"counted less takings, one per currency; none if nobody counted"`
	Counts      *ShiftCounts   `json:"counts" doc:"as at its end; of an open one as now, and null in lists"`
}

// ShiftNote is what somebody wrote down during their shift.
type ShiftNote struct {
	ID         int64            `json:"id"`
	At         time.Time        `json:"at"`
	By         ShiftPerson      `json:"by"`
	Device     devices.DeviceID `json:"device" doc:"that it is about; empty: none"`
	DeviceName string           `json:"deviceName"`
	Text       string           `json:"text"`
}

// ShiftLog is a shift with its notes.
type ShiftLog struct {
	Shift Shift       `json:"shift"`
	Notes []ShiftNote `json:"notes" doc:"the oldest first"`
}

// ShiftList is a page of shifts, the newest first.
type ShiftList struct {
	Shifts []Shift  `json:"shifts"`
	Next   shift.ID `json:"next" doc:"before of the next page; empty: there is none"`
}

// MyShift is what somebody on duty needs.
type MyShift struct {
	Log     *ShiftLog     `json:"log" doc:"of my open shift; null: I have none"`
	People  []ShiftPerson `json:"people" doc:"who may take over from me, by name"`
	Offered []Shift       `json:"offered" doc:"shifts that I can take over, the newest first"`
}

// ShiftFilter selects shifts.
type ShiftFilter struct {
	Site   devices.SiteID   `query:"site" maxLength:"64"`
	Device devices.DeviceID `query:"device" maxLength:"64"`
	Person string           `query:"person" maxLength:"64" doc:"a part of the name"`
	State  shift.State      `query:"state" enum:"open,ended,offered" doc:"offered: handed over, and nobody took over; left out: any"`
	From   time.Time        `query:"from" doc:"began at this time or later"`
	To     time.Time        `query:"to" doc:"began before this time"`
}

type shiftsRequest struct {
	ShiftFilter
	Before string `query:"before" maxLength:"64" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type shiftID struct {
	ID shift.ID `path:"id" minLength:"1" maxLength:"64"`
}

// query is what somebody asks for, bounded by what they may see: without a right to see all, their own.
func (s *Server) shiftQuery(ctx context.Context, f ShiftFilter) shift.Query {
	q := shift.Query{Site: f.Site, Device: f.Device, Name: f.Person, State: f.State, From: f.From, To: f.To, Within: within(ctx)}
	if !seesShifts(ctx) {
		q.Person = actor(ctx).ID
	}
	return q
}

// seesShifts is whether somebody sees the shifts of others: to end forgotten ones, or because they see the ledger anyway.
func seesShifts(ctx context.Context) bool {
	g := visitorOf(ctx).grant
	return g.May(devices.ManageShifts) || g.May(devices.SeeLedger)
}

func (s *Server) shiftRoutes(a *api) {
	add(a, operation(http.MethodGet, "/shifts", "listShifts", "shifts", "Who was on duty, the newest first; without a right to see others' my own", 200),
		func(ctx context.Context, i *shiftsRequest) (*out[ShiftList], error) {
			q := s.shiftQuery(ctx, i.ShiftFilter)
			q.Before, q.Limit = shift.ID(i.Before), i.Limit+1
			list, err := s.deps.Shifts.List(ctx, q)
			if err != nil {
				return nil, err
			}
			page := ShiftList{}
			if len(list) > i.Limit {
				list = list[:i.Limit]
				page.Next = list[i.Limit-1].ID
			}
			page.Shifts = each(list, func(x shift.Shift) Shift { return s.shiftOf(ctx, x, false) })
			return &out[ShiftList]{page}, nil
		})
	add(a, operation(http.MethodGet, "/shifts/mine", "getMyShift", "shifts", "My open shift, and those that I can take over", 200),
		func(ctx context.Context, _ *none) (*out[MyShift], error) { return s.myShift(ctx) })
	add(a, operation(http.MethodGet, "/shifts/{id}", "getShift", "shifts", "A shift with its notes", 200),
		func(ctx context.Context, i *shiftID) (*out[ShiftLog], error) {
			x, err := s.seenShift(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			log, err := s.shiftLog(ctx, x)
			return &out[ShiftLog]{log}, err
		})
	s.shiftExportRoute(a)
}

// seenShift is a shift that whoever asks may see: their own, one that they can take over, or anybody's with the right.
func (s *Server) seenShift(ctx context.Context, id shift.ID) (shift.Shift, error) {
	x, err := s.deps.Shifts.Get(ctx, id)
	if err != nil {
		return x, err
	}
	if x.Person.ID == actor(ctx).ID || seesShifts(ctx) || s.deps.Shifts.IsOfferedNow(x) && visitorOf(ctx).grant.May(devices.CommandDevices) {
		return x, nil
	}
	return shift.Shift{}, &devices.Error{Op: "shift.see", Code: devices.NotFound, Message: "there is no such shift"}
}

func (s *Server) myShift(ctx context.Context) (*out[MyShift], error) {
	mine := MyShift{People: []ShiftPerson{}}
	x, err := s.deps.Shifts.Mine(ctx, actor(ctx).ID)
	if err != nil {
		return nil, err
	}
	if x != nil && s.shiftWithin(ctx, reachOf(ctx), *x) {
		log, err := s.shiftLog(ctx, *x)
		if err != nil {
			return nil, err
		}
		mine.Log = &log
		if mine.People, err = s.successors(ctx, *x); err != nil {
			return nil, err
		}
	}
	offered, err := s.deps.Shifts.Offered(ctx, within(ctx))
	mine.Offered = each(offered, func(x shift.Shift) Shift { return s.shiftOf(ctx, x, true) })
	return &out[MyShift]{mine}, err
}

// successors are the people who may order the devices of a shift, at whatever hours, but for its own.
func (s *Server) successors(ctx context.Context, x shift.Shift) ([]ShiftPerson, error) {
	all, err := s.deps.People.List(ctx)
	list := []ShiftPerson{}
	for _, o := range all {
		g := s.deps.Rights.GrantOf(o)
		g.Scope.Hours = nil
		if !o.Disabled && string(o.ID) != x.Person.ID && g.May(devices.CommandDevices) && s.shiftWithin(ctx, s.deps.Rights.Reach(g), x) {
			list = append(list, ShiftPerson{ID: string(o.ID), Name: o.Name})
		}
	}
	return list, err
}

// findShift is nil if every device of a shift is in reach.
func (s *Server) findShift(ctx context.Context, r devices.Reach, id shift.ID) error {
	x, err := s.deps.Shifts.Get(ctx, id)
	return orHere(err, s.shiftWithin(ctx, r, x))
}

func (s *Server) shiftWithin(ctx context.Context, r devices.Reach, x shift.Shift) bool {
	return r.Everything() || !slices.ContainsFunc(x.Devices, func(d devices.DeviceID) bool { return !r.Device(s.named(ctx, d)) })
}

func (s *Server) shiftLog(ctx context.Context, x shift.Shift) (ShiftLog, error) {
	notes, err := s.deps.Shifts.Notes(ctx, x.ID)
	return ShiftLog{Shift: s.shiftOf(ctx, x, true), Notes: each(notes, func(n shift.Note) ShiftNote { return s.shiftNoteOf(ctx, n) })}, err
}

// shiftOf is a shift as the API has it; of an open one with its counts only if they were asked for.
func (s *Server) shiftOf(ctx context.Context, x shift.Shift, counted bool) Shift {
	made := Shift{
		ID: x.ID, Site: x.Site, Booth: x.Booth, Person: ShiftPerson(x.Person), Took: x.Took, Began: instant(x.Began), Ended: instantOrNull(x.Ended), How: x.How,
		EndedBy: shiftPerson(x.By), To: shiftPerson(x.To), Offered: s.deps.Shifts.IsOfferedNow(x), Remark: x.Remark,
		Devices: each(x.Devices, func(d devices.DeviceID) ShiftDevice { return ShiftDevice{ID: d, Name: s.named(ctx, d).Name} }),
	}
	if x.Taken != nil {
		made.Taken = &ShiftTaken{Shift: x.Taken.By, By: ShiftPerson(x.Taken.Who), At: instant(x.Taken.Began)}
	}
	made.CashCounted, made.Counted, made.Differences = x.Counted != nil, each(x.Counted, moneyOf), each(x.Differences(), moneyOf)
	if x.How != shift.Open || counted {
		made.Counts = s.shiftCounts(ctx, x.Counts)
	}
	return made
}

func (s *Server) shiftCounts(ctx context.Context, c shift.Counts) *ShiftCounts {
	return &ShiftCounts{
		Takings: each(c.Takings, moneyOf), Rows: c.Rows, Passages: c.Passages, Opens: c.Opens,
		Alarms: each(c.Alarms, func(a shift.Alarm) ShiftAlarm {
			return ShiftAlarm{ID: a.ID, Device: a.Device, DeviceName: s.named(ctx, a.Device).Name, Type: a.Type, Severity: a.Severity, Raised: instant(a.Raised)}
		}),
	}
}

func (s *Server) shiftNoteOf(ctx context.Context, n shift.Note) ShiftNote {
	made := ShiftNote{ID: n.ID, At: instant(n.At), By: ShiftPerson(n.By), Device: n.Device, Text: n.Text}
	if n.Device != "" {
		made.DeviceName = s.named(ctx, n.Device).Name
	}
	return made
}

func moneyOf(m shift.Money) feed.Money { return feed.Money(m) }

// shiftPerson is somebody, or null.
func shiftPerson(p shift.Person) *ShiftPerson {
	if p.ID == "" {
		return nil
	}
	made := ShiftPerson(p)
	return &made
}
