package timetable_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/timetable"
	"gatehouse/prove"
)

// crowd is a property with many timetables, each of its own gate, with periods that come soon,
// on one day of the week, on holidays or years ahead, some with hundreds of exceptions.
func crowd(tb testing.TB, n int, seed int64) *world {
	tb.Helper()
	w := newWorld(tb)
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	w.openings, w.known = nil, map[devices.DeviceID]devices.Opening{}
	for i := range n {
		id := devices.DeviceID(fmt.Sprintf("gate %d", i))
		w.openings = append(w.openings, devices.Opening{Site: "s", Zone: "z", Device: id, Kind: devices.Gate, Name: string(id)})
		w.known[id] = w.openings[i]
		t := timetable.Timetable{
			ID: timetable.ID(fmt.Sprintf("t%05d", i)), Site: "s", Name: string(id), Week: timetable.Week{}, Late: timetable.Skip,
			Targets:  []timetable.Target{{Kind: timetable.OfDevice, ID: string(id)}},
			SkipLate: timetable.DefaultSkipLate, Created: w.now, Changed: w.now, Why: timetable.Edited,
		}
		from := timetable.Clock(6*60 + 30 + r.IntN(17*60))
		periods := []timetable.Period{open(from, from+20)}
		switch i % 4 {
		case 0:
			t.Week = everyDay(periods...)
		case 1:
			t.Week[timetable.Columns()[r.IntN(7)]] = periods
		case 2:
			t.Week[timetable.Holiday] = periods
			for d := range timetable.MaxExceptions {
				t.Exceptions = append(t.Exceptions, timetable.Exception{Day: calendar.Of(w.now).Add(d + 1)})
			}
		case 3:
			t.Exceptions = []timetable.Exception{{Day: calendar.Of(w.now).Add(4*365 + r.IntN(300)), Periods: periods}}
		}
		w.ok(w.store.PutTimetable(context.Background(), t, devices.AuditEntry{}))
	}
	return w
}

func TestThousandsOfTimetablesAreReadAtOnceAndLookedThroughCheaply(t *testing.T) {
	t.Parallel()
	n := prove.Size(400, 10_000)
	w := crowd(t, n, prove.Seed(t))
	w.tick() // what each says of the moment of its making
	w.start()
	began := time.Now()
	w.tick()
	load := time.Since(began)
	began = time.Now()
	w.tick()
	idle := time.Since(began)
	began = time.Now()
	all, err := w.service.List(t.Context())
	w.ok(err)
	next := time.Since(began)
	if len(all) != n {
		t.Fatalf("%d timetables, want %d", len(all), n)
	}
	worst := time.Duration(0)
	for i := range 200 {
		began := time.Now()
		if _, err := w.service.Get(t.Context(), all[i*n/200].ID); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(began))
	}
	if prove.Full() && (load > time.Second || next/time.Duration(n) > time.Millisecond) {
		t.Errorf("load %s, next %s each", load, next/time.Duration(n))
	}
	prove.Record(t, "10,000 timetables: read at the start, the next period of each, and a look at which nothing is due",
		"1 s, 1 ms each", fmt.Sprintf("%d timetables: %s, %s each (one alone at most %s), and %s", n, load.Round(time.Millisecond),
			(next/time.Duration(n)).Round(time.Microsecond), worst.Round(time.Microsecond), idle.Round(time.Microsecond)))
}

func BenchmarkLoad(b *testing.B) {
	w := crowd(b, 10_000, 1)
	for b.Loop() {
		w.start()
		if err := w.service.Work(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIdleTick(b *testing.B) {
	w := crowd(b, 10_000, 1)
	for b.Loop() {
		w.service.Tick(b.Context())
	}
}

func BenchmarkNextPeriods(b *testing.B) {
	w := crowd(b, 10_000, 1)
	for b.Loop() {
		if _, err := w.service.List(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
