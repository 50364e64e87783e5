package property

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
)

// The timetables of switched: each holds one gate for two minutes, and lets it go for two, so
// often as a day may have periods.
const (
	periodsOfADay = 24
	periodLength  = 2 * time.Minute
	periodEvery   = 4 * time.Minute
)

// switched is a house with timetables and timed commands, and what became of each that was due.
type switched struct {
	*House
	t       *testing.T
	clock   fastClock
	began   time.Time
	tables  []switchedTable
	timed   []string // ids of timed commands
	madeAt  time.Time
	reports []string
}

type switchedTable struct {
	id    string
	first time.Time // beginning
}

// seenSwitch is a run of a timetable as the API shows it.
type seenSwitch struct {
	Timetable, Why, Mode, Outcome, Detail string
	Due, Claimed                          time.Time
	Until                                 *time.Time
}

// seenTimed is a run of a timed command as the API shows it.
type seenTimed struct {
	Device, Outcome, Detail string
	Due                     time.Time
	Command                 *struct{ ID string }
}

// newSwitched opens it at eight in the morning of tomorrow by the clock of its site, and makes
// windows times four timetables one after the other, and timed commands of every minute.
func newSwitched(t *testing.T, windows int) *switched {
	t.Helper()
	now := time.Now()
	tomorrow := now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	s := &switched{t: t, clock: fastClock{since: now, shown: tomorrow, multiple: 10}}
	s.House = openFast(t, s.clock)
	zone := s.Zone(s.Site("East"), "Garage")
	s.began = s.clock.now().Truncate(time.Minute).Add(2 * time.Minute)
	for w := range windows {
		for i := range 4 {
			first := s.began.Add(time.Duration(w)*periodsOfADay*periodEvery + time.Duration(i)*time.Minute)
			s.tables = append(s.tables, switchedTable{s.table(s.Device(zone, "gate", fmt.Sprintf("Gate %d %d", w, i)).ID, first, i), first})
		}
	}
	doors := s.Devices(zone, "gate", 3)
	s.Simulate(doors, s.MQTT, 20)
	prove.Eventually(t, "the doors are online", func() bool { return s.online(t) == len(doors) })
	for i, action := range []string{"open", "close"} {
		b := Body{"devices": ids(doors), "name": action, "cron": "* * * * *", "action": action, "skipLateSeconds": 60, "checkMinutes": 0}
		s.timed = append(s.timed, s.made("/schedules", b))
		if i == 0 {
			s.madeAt = s.clock.now()
		}
	}
	return s
}

func ids(of []Device) (all []string) {
	for _, d := range of {
		all = append(all, d.ID)
	}
	return all
}

// table makes a timetable of one gate with periods from a beginning on.
func (s *switched) table(gate string, first time.Time, i int) string {
	s.t.Helper()
	zone := time.FixedZone("Shanghai", 8*60*60)
	var periods []Body
	for n := range periodsOfADay {
		from := first.Add(time.Duration(n) * periodEvery).In(zone)
		periods = append(periods, Body{"from": from.Format("15:04"), "to": from.Add(periodLength).Format("15:04"), "mode": []string{"held_open", "held_closed"}[n%2]})
	}
	week := Body{}
	for _, column := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "make_up", "rest", "holiday"} {
		week[column] = periods
	}
	return s.made("/timetables", Body{
		"name": fmt.Sprintf("Table %d of %s", i, gate), "targets": []Body{{"device": gate}}, "week": week,
		"skipLateSeconds": []int{60, 300}[i%2], "checkMinutes": 0,
	})
}

// Whenever the server is killed around due times, each of them is carried out once or is
// recorded as what was not.
func TestKillsAroundDueTimesDoubleAndLoseNoSwitchAndNoTimedCommand(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	kills := prove.Size(6, 200)
	s := newSwitched(t, 1+kills/40)
	<-time.After(s.began.Sub(s.clock.now()) / time.Duration(s.clock.multiple)) // until something is due
	for range kills {
		// Right after its start it deals with what was due meanwhile; later it may be anywhere.
		alive := time.Duration(r.Int64N(int64(150 * time.Millisecond)))
		if r.IntN(2) == 0 {
			alive = time.Duration(r.Int64N(int64(7 * time.Second)))
		}
		<-time.After(alive) // the instant of the kill, nothing is awaited
		s.Kill()
		if away := r.IntN(12); away < 4 {
			<-time.After(time.Duration(away*away) * time.Second) // the time that nothing runs
		}
		s.Start()
	}
	s.account(fmt.Sprintf("%d kills", kills))
	s.Healthy()
}

// account compares what was due until now with what is recorded and with what was done.
func (s *switched) account(what string) {
	s.t.Helper()
	end := s.clock.now()
	a := tallied{ends: map[string]int{}}
	prove.Eventually(s.t, "what is due now is dealt with", func() bool {
		var list struct{ Runs []struct{ Due time.Time } }
		s.Get("/schedules/"+s.timed[1]+"/runs?limit=1", &list)
		return len(list.Runs) > 0 && !list.Runs[0].Due.Before(end.Truncate(time.Minute)) && s.clock.now().Sub(end) > time.Minute
	})
	layers, commands := s.trail()
	for _, x := range s.tables {
		s.accountTable(&a, x, end, layers[x.id])
	}
	for _, id := range s.timed {
		s.accountTimed(&a, id, end, commands[id])
	}
	prove.Record(s.t, "a server that is killed around due times carries each switch of a timetable and each timed command out once, or records that it did not",
		"0 doubled, 0 lost", fmt.Sprintf("%s over %s of the fast clock: of %d due %v; %d doubled, %d lost", what, end.Sub(s.began).Round(time.Minute), a.due, a.ends, a.doubled, a.lost))
	if a.doubled+a.lost > 0 {
		s.t.Errorf("%d doubled, %d lost: %s", a.doubled, a.lost, strings.Join(s.reports, "\n"))
	}
}

type tallied struct {
	due, doubled, lost int
	ends               map[string]int
}

func (s *switched) report(format string, args ...any) {
	s.reports = append(s.reports, fmt.Sprintf(format, args...))
}

// layerRow is a row of the trail about the schedule layer of a timetable.
type layerRow struct{ mode, until string }

// trail is the rows of layers by timetable, and the commands by timed command.
func (s *switched) trail() (layers map[string][]layerRow, commands map[string][]string) {
	s.t.Helper()
	layers, commands = map[string][]layerRow{}, map[string][]string{}
	for before := int64(0); ; {
		var page struct {
			Entries []struct {
				ID           int64
				Verb, Object string
				Actor        struct{ ID string }
				Detail       struct{ Command, Mode, Until string }
			}
		}
		s.Get(fmt.Sprintf("/audit?limit=500&before=%d", before), &page)
		for _, e := range page.Entries {
			before = e.ID
			switch {
			case e.Verb == "layer.schedule":
				id := strings.TrimPrefix(e.Object, "timetable:")
				layers[id] = append(layers[id], layerRow{e.Detail.Mode, e.Detail.Until})
			case e.Detail.Command != "" && slices.Contains(s.timed, e.Actor.ID) && !slices.Contains(commands[e.Actor.ID], e.Detail.Command):
				commands[e.Actor.ID] = append(commands[e.Actor.ID], e.Detail.Command)
			}
		}
		if len(page.Entries) < 500 {
			return layers, commands
		}
	}
}

// accountTable looks at every beginning and end of a timetable that was due.
func (s *switched) accountTable(a *tallied, x switchedTable, end time.Time, rows []layerRow) {
	s.t.Helper()
	var list struct{ Runs []seenSwitch }
	s.Get("/timetables/runs?limit=500&timetable="+x.id, &list)
	runs := map[int64]seenSwitch{}
	for _, run := range list.Runs {
		if _, twice := runs[run.Due.Unix()]; twice {
			a.doubled++
		}
		runs[run.Due.Unix()] = run
	}
	set := map[layerRow]int{}
	for _, row := range rows {
		set[row]++
	}
	wanted, released := 0, 0
	for n := range periodsOfADay {
		begin := x.first.Add(time.Duration(n) * periodEvery)
		until := begin.Add(periodLength)
		if begin.After(end) {
			break
		}
		a.due++
		run, ok := runs[begin.Unix()]
		if !ok || run.Outcome == "claimed" {
			a.lost++
			s.report("%s: the beginning at %s is %+v", x.id, begin, run)
		}
		a.ends[run.Outcome]++
		got := set[layerRow{run.Mode, until.UTC().Format(time.RFC3339)}]
		released += min(got, 1)
		switch {
		case got > 1:
			a.doubled++
			s.report("%s: the beginning at %s was set %d times", x.id, begin, got)
		case got == 0 && run.Outcome == "done", got == 1 && run.Outcome == "skipped":
			a.lost++
			s.report("%s: the beginning at %s was set %d times, its run says %+v", x.id, begin, got, run)
		}
		if until.After(end) {
			released -= min(got, 1) // it may be released since
			break
		}
		a.due++
		over, ok := runs[until.Unix()]
		if ok {
			a.ends[over.Outcome]++
		} else if a.ends["end of nothing"]++; run.Outcome != "skipped" {
			a.lost++
			s.report("%s: the end at %s is lost", x.id, until)
		}
		if over.Outcome == "done" {
			wanted++
		}
	}
	if got := set[layerRow{mode: "controlled"}]; got < wanted || got > released+1 {
		a.doubled++
		s.report("%s: it was released %d times, want %d to %d", x.id, got, wanted, released)
	}
}

// accountTimed looks at every minute of a timed command, for each of its devices.
func (s *switched) accountTimed(a *tallied, id string, end time.Time, commands []string) {
	s.t.Helper()
	var runs []seenTimed
	for before := "start"; before != ""; {
		var page struct {
			Runs  []seenTimed
			Older string
		}
		s.Get("/schedules/runs?limit=200&schedule="+id+"&before="+url.QueryEscape(strings.TrimPrefix(before, "start")), &page)
		runs, before = append(runs, page.Runs...), page.Older
	}
	rows, unknown := map[string]seenTimed{}, 0
	for _, run := range runs {
		key := run.Device + run.Due.UTC().Format(time.RFC3339)
		if _, twice := rows[key]; twice {
			a.doubled++
		}
		rows[key] = run
		switch {
		case run.Command != nil:
			commands = slices.DeleteFunc(commands, func(c string) bool { return c == run.Command.ID })
		case run.Outcome == "claimed":
			unknown++ // it may have been sent: its command tells
		}
	}
	if len(commands) > unknown {
		a.doubled += len(commands) - unknown
		s.report("%s: %d commands are of no run, and %d runs do not know theirs", id, len(commands), unknown)
	}
	devices := map[string]bool{}
	for _, run := range runs {
		devices[run.Device] = true
	}
	for d := range devices {
		for due := s.madeAt.Truncate(time.Minute).Add(2 * time.Minute); !due.After(end); due = due.Add(time.Minute) {
			a.due++
			run, ok := rows[d+due.UTC().Format(time.RFC3339)]
			if a.ends["timed "+run.Outcome]++; !ok {
				a.lost++
				s.report("%s: %s is lost for %s", id, due, d)
			}
		}
	}
}
