package timetable_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// FuzzDraft gives drafts of any kind to the service: each is refused with the field, or is kept,
// and what is kept reads back the same and says the same once more. No draft
// ends the program or changes what is there.
func FuzzDraft(f *testing.F) {
	for _, d := range []timetable.Draft{
		{Name: "mornings", Week: everyDay(open(7*60, 9*60), closed(22*60, timetable.EndOfDay)), Targets: []timetable.Target{zoneZ, gate1}},
		{Name: "once", Exceptions: []timetable.Exception{{Day: "2027-02-28", Periods: []timetable.Period{open(0, 1)}}}, Targets: []timetable.Target{site}, Late: timetable.CatchUp, Check: timetable.NoCheck},
		{Name: " ", Week: timetable.Week{"holiday": {closed(-1, 1500), open(5, 5)}}, Targets: []timetable.Target{lanes, {Kind: "device", ID: "t1", Direction: "in"}}, SkipLate: time.Hour},
		{Name: "x", Week: timetable.Week{"noday": nil, "monday": {open(1, 3), open(2, 4)}}, Targets: []timetable.Target{{Kind: "site", ID: "s2"}, zoneZ}},
	} {
		b, err := json.Marshal(d)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d timetable.Draft
		if json.Unmarshal(b, &d) != nil {
			return
		}
		w := newWorld(t)
		before := w.create("before", everyDay(open(7*60, 9*60)), gate1)
		made, err := w.service.Create(t.Context(), wang, d)
		if err != nil {
			w.wantRefused(err, before)
			return
		}
		w.wantKept(made)
		again := timetable.Draft{Name: made.Name, Targets: made.Targets, Week: made.Week, Exceptions: made.Exceptions, Late: made.Late, SkipLate: made.SkipLate, Check: made.Check}
		if again.Check == 0 {
			again.Check = timetable.NoCheck
		}
		for i, x := range again.Targets {
			if x.Kind == timetable.OfSite {
				again.Targets[i].ID = string(made.Site)
			}
		}
		same, err := w.service.Update(t.Context(), wang, made.ID, again)
		w.ok(err)
		if !reflect.DeepEqual(same.Week, made.Week) || !reflect.DeepEqual(same.Exceptions, made.Exceptions) {
			t.Errorf("kept once more it is\n%+v, before\n%+v", same, made)
		}
		w.at("08:00:00")
		w.now = w.now.AddDate(0, 3, 0)
		w.tick()
	})
}

// wantRefused checks that a refusal is for people, and that nothing of it is there.
func (w *world) wantRefused(err error, before timetable.View) {
	w.t.Helper()
	if e := (&devices.Error{}); devices.CodeOf(err) != devices.Invalid || !errors.As(err, &e) || e.Field == "" || e.Message == "" {
		w.t.Errorf("refused with %v", err)
	}
	all, err := w.service.List(w.t.Context())
	w.ok(err)
	if len(all) != 1 || !reflect.DeepEqual(all[0].Timetable, before.Timetable) {
		w.t.Errorf("after a refusal there are %+v", all)
	}
}

// wantKept checks that what was kept is the same for this life of the program and the next one.
func (w *world) wantKept(made timetable.View) {
	w.t.Helper()
	for range 2 {
		got, err := w.service.Get(w.t.Context(), made.ID)
		w.ok(err)
		if !reflect.DeepEqual(got.Timetable, made.Timetable) {
			w.t.Errorf("it reads back as\n%+v, made\n%+v", got.Timetable, made.Timetable)
		}
		w.start()
	}
}
