package calendar

import (
	"strings"
	"testing"
	"time"
)

// What the notices say: how many days are off, and for which weekend days work is made up.
func TestPublishedDaysAreThoseOfTheNotices(t *testing.T) {
	t.Parallel()
	p, err := readPublished()
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[int]struct {
		notice Notice
		off    map[string]int // days, by the first character of the festival's name
		worked string
	}{
		2025: {
			Notice{"国办发明电〔2024〕12号", "2024-11-12"},
			map[string]int{"元": 1, "春": 8, "清": 3, "劳": 5, "端": 3, "国": 8},
			"01-26 02-08 04-27 09-28 10-11",
		},
		2026: {
			Notice{"国办发明电〔2025〕7号", "2025-11-04"},
			map[string]int{"元": 3, "春": 9, "清": 3, "劳": 5, "端": 3, "中": 3, "国": 7},
			"01-04 02-14 02-28 05-09 09-20 10-10",
		},
	}
	if len(p.notices) != len(wanted) {
		t.Errorf("notices of %d years, want %d", len(p.notices), len(wanted))
	}
	days := 0
	for year, want := range wanted {
		if got := p.notices[year]; got != want.notice {
			t.Errorf("%d: notice %+v, want %+v", year, got, want.notice)
		}
		off, worked := map[string]int{}, []string{}
		first := Of(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
		for d := first; d.Year() == year; d = d.Add(1) {
			l, ok := p.days[d]
			if !ok {
				continue
			}
			days++
			weekend := weekday(d) == Rest
			switch l.Kind {
			case Holiday:
				off[string([]rune(l.Name)[:1])]++
			case Workday:
				worked = append(worked, string(d[5:]))
				if !weekend || !strings.HasSuffix(l.Name, "调休上班") {
					t.Errorf("%s (%s) is worked, as %q", d, d.Weekday(), l.Name)
				}
			case Rest:
				t.Errorf("%s is published as a rest day", d)
			}
			if l.Source != ByState || l.English == "" {
				t.Errorf("%s: %+v", d, l)
			}
		}
		for name, n := range want.off {
			if off[name] != n {
				t.Errorf("%d: %s… has %d days off, the notice says %d", year, name, off[name], n)
			}
		}
		if len(off) != len(want.off) || strings.Join(worked, " ") != want.worked {
			t.Errorf("%d: days off %v; worked %v, want %s", year, off, worked, want.worked)
		}
	}
	if days != len(p.days) {
		t.Errorf("%d days are published, %d of them in the years of the notices", len(p.days), days)
	}
}

func TestAFileOfPublishedDaysThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	head := "# notice: n\n# issued: 2030-11-01\nday,kind,name,english\n"
	for name, content := range map[string]string{
		"no notice":     "day,kind,name,english\n2031-01-01,holiday,元旦,New Year's Day\n",
		"no date":       "# notice: n\nday,kind,name,english\n2031-01-01,holiday,元旦,New Year's Day\n",
		"no such day":   head + "2031-02-30,holiday,x,x\n",
		"no such kind":  head + "2031-02-20,feast,x,x\n",
		"missing field": head + "2031-02-20,holiday,x\n",
	} {
		p := published{notices: map[int]Notice{}, days: map[Day]Layer{}}
		if err := p.add([]byte(content)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	p := published{notices: map[int]Notice{2031: {Number: "n", Issued: "2030-11-01"}}, days: map[Day]Layer{}}
	if err := p.add([]byte(head + "2031-01-01,holiday,x,x\n")); err == nil {
		t.Error("a second notice of one year is taken")
	}
}
