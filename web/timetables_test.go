package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

// tables is a Timetables that has nothing.
type tables struct{ timetable.View }

func noTables() *tables {
	return &tables{timetable.View{Timetable: timetable.Timetable{Late: timetable.Skip}}}
}

func (w *tables) List(context.Context) ([]timetable.View, error)            { return nil, nil }
func (w *tables) Get(context.Context, timetable.ID) (timetable.View, error) { return w.View, nil }
func (w *tables) Create(context.Context, devices.Actor, timetable.Draft) (timetable.View, error) {
	return w.View, nil
}

func (w *tables) Update(context.Context, devices.Actor, timetable.ID, timetable.Draft) (timetable.View, error) {
	return w.View, nil
}
func (w *tables) Delete(context.Context, devices.Actor, timetable.ID) error { return nil }
func (w *tables) Pause(context.Context, devices.Actor, timetable.ID, time.Time) (timetable.View, error) {
	return w.View, nil
}

func (w *tables) Resume(context.Context, devices.Actor, timetable.ID) (timetable.View, error) {
	return w.View, nil
}

func (w *tables) SkipNext(context.Context, devices.Actor, timetable.ID, bool) (timetable.View, error) {
	return w.View, nil
}

func (w *tables) RunNow(context.Context, devices.Actor, timetable.ID) (timetable.View, error) {
	return w.View, nil
}

func (w *tables) Preview(context.Context, timetable.Draft, timetable.ID, time.Time, time.Time) (timetable.Preview, error) {
	return timetable.Preview{}, nil
}

func (w *tables) DryRun(context.Context, timetable.Draft, timetable.ID, time.Time) (timetable.DryRun, error) {
	return timetable.DryRun{}, nil
}

func (w *tables) Agenda(context.Context, []devices.SiteID, func(timetable.Timetable) bool, time.Time, time.Time) (timetable.Agenda, error) {
	return timetable.Agenda{}, nil
}

func (w *tables) Runs(context.Context, timetable.RunQuery) ([]timetable.Run, error) { return nil, nil }

func (w *tables) Results(context.Context, timetable.ID, time.Time) ([]timetable.Result, error) {
	return nil, nil
}

func (w *tables) Covering(context.Context, devices.DeviceID) ([]timetable.Covers, error) {
	return nil, nil
}

func (w *tables) Statistics(context.Context, []devices.SiteID) (timetable.Statistics, error) {
	return timetable.Statistics{}, nil
}

func TestATimetableIsMadePreviewedPausedAndDeleted(t *testing.T) {
	t.Parallel()
	ask := asked(t)
	site := ask("POST", "/sites", `{"name":"Lakeside","timeZone":"Asia/Shanghai"}`).wants(http.StatusCreated).get("id")
	zone := ask("POST", "/sites/"+site+"/zones", `{"name":"Entrance"}`).wants(http.StatusCreated).get("id")
	draft := fmt.Sprintf(`{"name":"Mornings","targets":[{"zone":%q}],"week":{"monday":[{"from":"07:00","to":"09:00","mode":"held_open"}]},
		"exceptions":[{"day":"2030-05-01","name":"feast","periods":[]}],"checkMinutes":0}`, zone)
	made := ask("POST", "/timetables", draft).wants(http.StatusCreated)
	var got Timetable
	if err := json.Unmarshal([]byte(made.body), &got); err != nil {
		t.Fatal(err)
	}
	if got.Next == nil || got.Next.From != "07:00" || got.CheckMinutes != 0 || got.SkipLateSeconds != 300 || string(got.Targets[0].Zone) != zone ||
		got.Week.Monday[0].To != "09:00" || got.TimeZone != "Asia/Shanghai" || len(got.Exceptions) != 1 {
		t.Errorf("made %s", made.body)
	}
	at := "/timetables/" + string(got.ID)
	month := ask("POST", "/timetables/preview", fmt.Sprintf(`{"timetable":%s,"replaces":%q,"from":"2030-04-28T16:00:00Z","to":"2030-05-31T16:00:00Z"}`, draft, got.ID)).wants(http.StatusOK)
	var p TimetablePreview
	if err := json.Unmarshal([]byte(month.body), &p); err != nil || len(p.Next) != 10 || len(p.Month) != 5 || p.TimeZone != "Asia/Shanghai" {
		t.Errorf("previewed %s, %v", month.body, err)
	}
	ask("POST", "/timetables/dry-run", fmt.Sprintf(`{"timetable":%s}`, draft)).wants(http.StatusOK)
	if a := ask("POST", at+"/pause", `{"until":"2030-01-01T00:00:00Z"}`); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "body.until") {
		t.Errorf("a pause for years: %d %s", a.status, a.body)
	}
	if a := ask("POST", at+"/pause", `{}`).wants(http.StatusOK); a.get("paused") != "true" && !strings.Contains(a.body, `"paused":true`) {
		t.Errorf("paused %s", a.body)
	}
	ask("POST", at+"/resume", "").wants(http.StatusOK)
	if a := ask("POST", at+"/skip", `{"skip":true}`).wants(http.StatusOK); strings.Contains(a.body, `"skip":null`) {
		t.Errorf("skipped %s", a.body)
	}
	ask("PUT", at, strings.Replace(draft, "Mornings", "Later", 1)).wants(http.StatusOK)
	ask("GET", "/timetables/agenda?from=2030-05-01T00:00:00Z&to=2030-06-01T00:00:00Z&site="+site, "").wants(http.StatusOK)
	ask("GET", "/timetables/runs?timetable="+string(got.ID), "").wants(http.StatusOK)
	ask("GET", at+"/results?due=2030-05-01T00:00:00Z", "").wants(http.StatusOK)
	ask("GET", "/timetables/statistics", "").wants(http.StatusOK)
	ask("DELETE", at, "").wants(http.StatusNoContent)
	ask("GET", at, "").wants(http.StatusNotFound)
}

func TestAWrongTimetableIsRefusedWithTheFieldAndNothingIsKept(t *testing.T) {
	t.Parallel()
	ask := asked(t)
	site := ask("POST", "/sites", `{"name":"Lakeside","timeZone":"Asia/Shanghai"}`).wants(http.StatusCreated).get("id")
	other := ask("POST", "/sites", `{"name":"Hill","timeZone":"Asia/Shanghai"}`).wants(http.StatusCreated).get("id")
	week := `{"monday":[{"from":"07:00","to":"09:00","mode":"held_open"}]}`
	for field, c := range map[string][2]string{
		"body.week.monday[0].to":   {fmt.Sprintf(`[{"site":%q}]`, site), `{"monday":[{"from":"22:00","to":"06:00","mode":"held_open"}]}`},
		"body.week.monday[0].from": {fmt.Sprintf(`[{"site":%q}]`, site), `{"monday":[{"from":"7:00","to":"09:00","mode":"held_open"}]}`},
		"body.week.friday[1].from": {fmt.Sprintf(`[{"site":%q}]`, site), `{"friday":[{"from":"07:00","to":"09:00","mode":"held_open"},{"from":"08:00","to":"10:00","mode":"held_closed"}]}`},
		"body.week":                {fmt.Sprintf(`[{"site":%q}]`, site), `{}`},
		"body.targets[1]":          {fmt.Sprintf(`[{"site":%q},{"site":%q}]`, site, other), week},
		"body.targets[0].zone":     {`[{"zone":"nowhere"}]`, week},
		"body.targets[0].device":   {`[{"device":"nothing"}]`, week},
		"body.targets[0]":          {`[{"device":"nothing","zone":"nowhere"}]`, week},
	} {
		a := ask("POST", "/timetables", fmt.Sprintf(`{"name":"x","targets":%s,"week":%s}`, c[0], c[1]))
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `"location":"`+field+`"`) {
			t.Errorf("%s: %d %s", field, a.status, a.body)
		}
	}
	if a := ask("GET", "/timetables", "").wants(http.StatusOK); !strings.Contains(a.body, `"timetables":[]`) {
		t.Errorf("kept %s", a.body)
	}
	a := ask("POST", "/timetables/preview", fmt.Sprintf(`{"timetable":{"name":"x","targets":[{"site":%q}],"week":{}},"from":"2030-05-01T00:00:00Z","to":"2030-06-01T00:00:00Z"}`, site))
	if !strings.Contains(a.body, `"location":"body.timetable.week"`) {
		t.Errorf("previewed: %s", a.body)
	}
}
