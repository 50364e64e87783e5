package web

import (
	"context"
	"slices"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// history is a store of runs, the newest first, that counts how often it is asked.
type history struct {
	runs  []timetable.Run
	asked int
}

func (h *history) ask(_ context.Context, q timetable.RunQuery) ([]timetable.Run, error) {
	h.asked++
	i := slices.IndexFunc(h.runs, func(r timetable.Run) bool {
		return q.Before.IsZero() || r.Due.Before(q.Before) || r.Due.Equal(q.Before) && r.Timetable > q.BeforeID
	})
	if i < 0 {
		return nil, nil
	}
	return h.runs[i:min(i+q.Limit, len(h.runs))], nil
}

func TestAPageOfRunsIsFullAlsoForWhoSeesOnlySomeOfThem(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 5, 1, 7, 0, 0, 0, time.UTC)
	h := &history{}
	for i := range 2500 {
		id := timetable.ID("hidden")
		if i%1000 == 999 {
			id = "seen"
		}
		h.runs = append(h.runs, timetable.Run{Timetable: id, Due: at.Add(-time.Duration(i/2) * time.Minute)}) // two at a time
	}
	seen := func(id timetable.ID, _ devices.SiteID) bool { return id == "seen" }
	page, err := pageOfRuns(t.Context(), h.ask, timetable.RunQuery{Limit: 2}, seen)
	if err != nil || len(page) != 2 || !page[1].Due.Equal(h.runs[1999].Due) {
		t.Fatalf("of two: %v, %v", page, err)
	}
	h.asked = 0
	if page, _ = pageOfRuns(t.Context(), h.ask, timetable.RunQuery{Limit: 50}, seen); len(page) != 2 || h.asked > 8 {
		t.Errorf("of all: %d runs, asked %d times", len(page), h.asked)
	}
	all := func(timetable.ID, devices.SiteID) bool { return true }
	h.asked = 0
	if page, _ = pageOfRuns(t.Context(), h.ask, timetable.RunQuery{Limit: 50}, all); len(page) != 50 || h.asked != 1 {
		t.Errorf("for who sees all: %d runs, asked %d times", len(page), h.asked)
	}
	h.runs = slices.Repeat(h.runs[:1], 100)
	if page, _ = pageOfRuns(t.Context(), h.ask, timetable.RunQuery{Limit: 50}, seen); len(page) != 0 {
		t.Errorf("of none: %v", page)
	}
}
