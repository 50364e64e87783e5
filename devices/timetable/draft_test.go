package timetable_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/timetable"
)

func TestWhatIsWrongIsRefusedWithFieldReasonAndExampleAndNothingIsKept(t *testing.T) {
	t.Parallel()
	good := func() timetable.Draft {
		return timetable.Draft{Name: "x", Targets: []timetable.Target{gate1}, Week: everyDay(open(7*60, 9*60))}
	}
	many := slices.Repeat([]timetable.Period{open(1, 2)}, timetable.MaxPeriods+1)
	for name, c := range map[string]struct {
		field, says string
		change      func(*timetable.Draft)
	}{
		"no name":             {"name", "Main gate", func(d *timetable.Draft) { d.Name = " " }},
		"two lines":           {"name", "one line", func(d *timetable.Draft) { d.Name = "a\nb" }},
		"no target":           {"targets", "zone", func(d *timetable.Draft) { d.Targets = nil }},
		"a target of nothing": {"targets[0]", "one of", func(d *timetable.Draft) { d.Targets = []timetable.Target{{}} }},
		"a target twice":      {"targets[1]", "twice", func(d *timetable.Draft) { d.Targets = append(d.Targets, gate1) }},
		"another site": {"targets[1]", "one site", func(d *timetable.Draft) {
			d.Targets = append(d.Targets, timetable.Target{Kind: timetable.OfZone, ID: "x"})
		}},
		"an unknown device":       {"targets[0].device", "no device", func(d *timetable.Draft) { d.Targets[0].ID = "none" }},
		"an unknown zone":         {"targets[0].zone", "no zone", func(d *timetable.Draft) { d.Targets[0] = timetable.Target{Kind: timetable.OfZone, ID: "none"} }},
		"an unknown site":         {"targets[0].site", "no site", func(d *timetable.Draft) { d.Targets[0] = timetable.Target{Kind: timetable.OfSite, ID: "none"} }},
		"a camera":                {"targets[0].device", "opens nothing", func(d *timetable.Draft) { d.Targets[0].ID = "c1" }},
		"a direction of a gate":   {"targets[0].direction", "turnstile", func(d *timetable.Draft) { d.Targets[0].Direction = "in" }},
		"a direction of a zone":   {"targets[0].direction", "turnstile", func(d *timetable.Draft) { d.Targets[0] = zoneZ; d.Targets[0].Direction = "in" }},
		"an unknown day":          {"week", "monday", func(d *timetable.Draft) { d.Week["someday"] = nil }},
		"an end before its start": {"week.monday[0].to", "22:00 to 24:00 and 00:00 to 06:00", func(d *timetable.Draft) { d.Week[timetable.Monday] = []timetable.Period{open(22*60, 6*60)} }},
		"no time":                 {"week.monday[0].from", "07:00", func(d *timetable.Draft) { d.Week[timetable.Monday] = []timetable.Period{open(timetable.NoClock, 60)} }},
		"an end after the day":    {"week.monday[0].to", "24:00", func(d *timetable.Draft) { d.Week[timetable.Monday] = []timetable.Period{open(60, 1441)} }},
		"an overlap": {"week.monday[0].from", "09:00", func(d *timetable.Draft) {
			d.Week[timetable.Monday] = []timetable.Period{open(8*60, 10*60), open(7*60, 9*60)}
		}},
		"an unknown mode": {"week.monday[0].mode", "held_open", func(d *timetable.Draft) {
			d.Week[timetable.Monday] = []timetable.Period{{From: 1, To: 2, Mode: devices.LockedDown}}
		}},
		"a first arrival to close": {"week.monday[0].firstArrival", "holds open", func(d *timetable.Draft) {
			d.Week[timetable.Monday] = []timetable.Period{{From: 1, To: 2, Mode: devices.HeldClosed, FirstArrival: true}}
		}},
		"too many periods":   {"week.monday", "24", func(d *timetable.Draft) { d.Week[timetable.Monday] = many }},
		"a day that is none": {"exceptions[0].day", "2026-05-01", func(d *timetable.Draft) { d.Exceptions = []timetable.Exception{{Day: "2026-02-30"}} }},
		"a day twice": {"exceptions[1].day", "one exception", func(d *timetable.Draft) {
			d.Exceptions = []timetable.Exception{{Day: "2026-02-03"}, {Day: "2026-02-03"}}
		}},
		"an exception's period": {"exceptions[0].periods[0].to", "after", func(d *timetable.Draft) {
			d.Exceptions = []timetable.Exception{{Day: "2026-02-03", Periods: []timetable.Period{open(2, 1)}}}
		}},
		"nothing at all": {"week", "never comes", func(d *timetable.Draft) { d.Week = nil }},
		"nothing any more": {"week", "never comes", func(d *timetable.Draft) {
			d.Week, d.Exceptions = nil, []timetable.Exception{{Day: "2025-02-03", Periods: []timetable.Period{open(1, 2)}}}
		}},
		"an unknown lateness": {"late", "catch_up", func(d *timetable.Draft) { d.Late = "perhaps" }},
		"too impatient":       {"skipLateSeconds", "300", func(d *timetable.Draft) { d.SkipLate = time.Second }},
		"too long a jitter":   {"jitterSeconds", "600", func(d *timetable.Draft) { d.Jitter = time.Hour }},
		"too late a check":    {"checkMinutes", "30", func(d *timetable.Draft) { d.Check = time.Hour }},
	} {
		w := newWorld(t)
		d := good()
		c.change(&d)
		_, err := w.service.Create(t.Context(), wang, d)
		e, ok := errors.AsType[*devices.Error](err)
		if !ok || e.Code != devices.Invalid || e.Field != c.field || !strings.Contains(e.Message, c.says) {
			t.Errorf("%s: got %v", name, err)
		}
		if all, err := w.service.List(t.Context()); err != nil || len(all)+len(w.store.Audit) != 0 {
			t.Errorf("%s: %d timetables were kept, %v", name, len(all), err)
		}
	}
	w := newWorld(t)
	d := good()
	d.Exceptions = []timetable.Exception{{Day: "2026-05-02"}, {Day: "2026-05-01", Name: " feast "}}
	v, err := w.service.Create(t.Context(), wang, d)
	w.ok(err)
	if v.Exceptions[0].Day != "2026-05-01" || v.Exceptions[0].Name != "feast" || v.SkipLate != timetable.DefaultSkipLate || v.Check != timetable.DefaultCheck || v.Site != "s" {
		t.Errorf("got %+v", v)
	}
}

func TestAPreviewSaysWhatComesAndWhatOverlaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("zone", everyDay(closed(8*60, 10*60)), zoneZ)
	w.create("elsewhere", everyDay(closed(8*60, 10*60)), timetable.Target{Kind: timetable.OfZone, ID: "y"})
	w.create("other times", everyDay(closed(20*60, 21*60)), gate1)
	d := timetable.Draft{Name: "gate", Targets: []timetable.Target{gate1}, Week: everyDay(open(7*60, 9*60))}
	p, err := w.service.Preview(t.Context(), d, "", w.now, w.now.AddDate(0, 0, 31))
	w.ok(err)
	if len(p.Next) != 10 || len(p.Month) != 31 || p.Now != nil || p.TimeZone != shanghai {
		t.Errorf("previewed %+v", p)
	}
	if len(p.Overlaps) != 1 {
		t.Fatalf("overlaps %+v", p.Overlaps)
	}
	if o := p.Overlaps[0]; o.Name != "zone" || !o.Wins || o.Why != timetable.MoreExact || o.End.Sub(o.Start) != time.Hour || o.Openings != 1 {
		t.Errorf("overlap %+v", o)
	}
	d.Targets = []timetable.Target{zoneZ}
	p, err = w.service.Preview(t.Context(), d, "", w.now, w.now.AddDate(0, 0, 31))
	w.ok(err)
	if o := p.Overlaps[0]; o.Wins || o.Why != timetable.Closes || o.Openings != 4 {
		t.Errorf("overlap %+v", o)
	}
	if _, err := w.service.Preview(t.Context(), d, "", w.now, w.now.AddDate(1, 0, 0)); devices.CodeOf(err) != devices.Invalid {
		t.Errorf("a year at once: %v", err)
	}
}

func TestADryRunSaysWhichLayerWouldWinAndSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("closes g2", everyDay(closed(7*60, 9*60)), timetable.Target{Kind: timetable.OfDevice, ID: "g2"})
	w.stronger[place{"t1", "in"}] = lockdown
	w.reports[place{"t1", "out"}] = "offline"
	d := timetable.Draft{Name: "zone", Targets: []timetable.Target{zoneZ}, Week: everyDay(open(7*60, 9*60))}
	dry, err := w.service.DryRun(t.Context(), d, "", time.Time{})
	w.ok(err)
	if dry.Span == nil || dry.Span.From != 7*60 || !dry.At.Equal(dry.Span.Start) {
		t.Errorf("of %+v", dry)
	}
	var got []string
	for _, o := range dry.Openings {
		text := string(o.Device) + o.Direction + " " + string(o.Mode) + " by " + o.By
		if o.Sends {
			text += ", sent"
		}
		got = append(got, text)
	}
	if s := strings.Join(got, "; "); s != "g1 held_open by zone, sent; g2 held_closed by closes g2, sent; t1in locked_down by Li; t1out held_open by zone" {
		t.Errorf("got %q", s)
	}
	if len(w.switched) != 0 {
		t.Errorf("switched %v", w.switched)
	}
}

func TestTheAgendaHasWhatWasAndWhatComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("mornings", everyDay(open(7*60, 9*60)), gate1)
	w.at("07:00:01")
	w.at("09:00:00")
	_, err := w.service.SkipNext(t.Context(), wang, v.ID, true)
	w.ok(err)
	a, err := w.service.Agenda(t.Context(), nil, func(timetable.Timetable) bool { return true }, w.now.AddDate(0, 0, -1), w.now.AddDate(0, 0, 3))
	w.ok(err)
	if len(a.Past) != 2 || len(a.Coming) != 3 || !a.Coming[0].LeftOut || a.Coming[1].LeftOut || a.More {
		t.Errorf("got %+v", a)
	}
	st, err := w.service.Statistics(t.Context(), nil)
	w.ok(err)
	if st.Switches != 2 || st.Max != time.Second || st.Outcomes[timetable.Done] != 2 {
		t.Errorf("figures %+v", st)
	}
	covers, err := w.service.Covering(t.Context(), "g1")
	w.ok(err)
	if len(covers) != 1 || covers[0].How != timetable.OfDevice {
		t.Errorf("covers %+v", covers)
	}
}

func TestAPreviewOfOneThatIsPausedDoesNotSayThatItBeginsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week := everyDay(open(0, 24*60))
	made := w.create("gate", week, gate1)
	d := timetable.Draft{Name: "gate", Targets: []timetable.Target{gate1}, Week: week}
	look := func(until time.Time) (timetable.Preview, timetable.DryRun) {
		_, err := w.service.Pause(t.Context(), wang, made.ID, until)
		w.ok(err)
		p, err := w.service.Preview(t.Context(), d, made.ID, w.now, w.now.AddDate(0, 0, 31))
		w.ok(err)
		dry, err := w.service.DryRun(t.Context(), d, made.ID, time.Time{})
		w.ok(err)
		return p, dry
	}
	if p, dry := look(time.Time{}); p.Now != nil || len(p.Next) != 0 || dry.Span != nil || dry.Openings[0].Wins {
		t.Errorf("paused for good: now %+v, next %+v, dry run %+v", p.Now, p.Next, dry)
	}
	until := w.now.Add(time.Hour)
	if p, dry := look(until); p.Now != nil || !p.Next[0].Start.Equal(until) || p.Next[0].StartSkipped || !dry.At.Equal(until) || !dry.Openings[0].Wins {
		t.Errorf("paused for an hour: now %+v, next %+v, dry run %+v", p.Now, p.Next, dry)
	}
}
