package calendar_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gatehouse/devices/calendar"
)

var companyDays = []calendar.Entry{
	{Day: "2026-05-01", Kind: calendar.Workday, Name: "盘点"},
	{Day: "2026-05-02", Kind: calendar.Rest},
	{Day: "2026-05-03", Kind: calendar.Holiday, Name: "=年会"},
}

func TestATableOfDaysIsReadHoweverItWasSaved(t *testing.T) {
	t.Parallel()
	chinese := "日期,类型,名称\n2026/5/1,工作日,盘点\n2026年5月2日,休息日,\n2026-05-03,节假日,'=年会\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(chinese)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"English":                      "day,kind,name\n2026-05-01,workday,盘点\n2026-05-02,rest,\n2026-05-03,holiday,=年会\n",
		"Chinese":                      chinese,
		"with a byte order mark":       "\uFEFF" + chinese,
		"GB18030":                      gbk,
		"other order, semicolons":      "Name;Kind;Day;note\r\n盘点;Working day;20260501;x\r\n;REST;2026-5-2;\r\n=年会;public holiday;2026.5.3;\r\n",
		"blank lines and the same day": "day,kind,name\n\n2026-05-01,workday,盘点\n\n2026-05-01,workday,again\n2026-05-02,rest\n2026-05-03,holiday,=年会\n",
	} {
		days, problems := calendar.Read([]byte(content))
		if d := cmp.Diff(companyDays, days); d != "" || len(problems) > 0 {
			t.Errorf("%s: %v, days (-want +got):\n%s", name, problems, d)
		}
	}
}

func TestWhatIsWrongInATableIsNamedByLineFieldAndExample(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]calendar.Problem{
		"":                          {Message: "empty"},
		"day,kind\n":                {Message: "no day", Example: "2026-05-01,rest"},
		"day\n2026-05-01\n":         {Line: 1, Field: "kind", Message: "missing"},
		"day,kind,day\n":            {Line: 1, Field: "day", Message: "twice"},
		"day,kind\n1.5.2026,rest":   {Line: 2, Field: "day", Message: `"1.5.2026" is not a day as YYYY-MM-DD`, Example: "2026-05-01"},
		"day,kind\n2026-02-30,rest": {Line: 2, Field: "day", Message: "2026-02-30", Example: "2026-05-01"},
		"day,kind\n1999-12-31,rest": {Line: 2, Field: "day", Message: "2000 to 2099", Example: "2026-05-01"},
		"day,kind\n2026-05-01,off":  {Line: 2, Field: "kind", Message: `"off" is not workday, rest or holiday`, Example: "workday"},
		"day,kind,name\n2026-05-01,rest," + strings.Repeat("年", 41):              {Line: 2, Field: "name", Message: "more than 40", Example: strings.Repeat("年", 40)},
		"day,kind,name\n2026-05-01,rest,\"two\nlines\"":                          {Line: 2, Field: "name", Message: "one line", Example: "two lines"},
		"day,kind\n2026-05-01,rest\n2026-05-01,workday":                          {Line: 3, Field: "day", Message: "line 2"},
		"day,kind,name\n2026-05-01,rest,\"x":                                     {Line: 2, Message: "quotation mark"},
		"PK\x03\x04":                                                             {Message: "CSV UTF-8"},
		"day,kind,name\n2026-05-01,rest,\xff":                                    {Message: "UTF-8"},
		strings.Repeat("x", calendar.MaxFile+1):                                  {Message: "divide it"},
		"day,kind\n" + strings.Repeat("2026-05-01,rest\n", calendar.MaxImport+1): {Message: "more than 2000 days"},
	} {
		days, problems := calendar.Read([]byte(content))
		name := content[:min(60, len(content))]
		if len(days) > 0 || len(problems) != 1 {
			t.Errorf("%q: %v, %+v", name, days, problems)
			continue
		}
		is(t, name, problems[0], want)
	}
}

func is(t *testing.T, name string, got, want calendar.Problem) {
	t.Helper()
	if got.Line != want.Line || got.Field != want.Field || !strings.Contains(got.Message, want.Message) || !strings.Contains(got.Example, want.Example) {
		t.Errorf("%q: %+v, want %+v", name, got, want)
	}
}

// ical is a calendar of these lines.
func ical(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n"
}

func vevent(lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:x\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

func TestEventsOfWholeDaysAreDays(t *testing.T) {
	t.Parallel()
	content := ical(
		"BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "BEGIN:STANDARD", "DTSTART:19700101T000000", "RRULE:FREQ=YEARLY", "END:STANDARD", "END:VTIMEZONE",
		vevent("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260503", "SUMMARY:劳动节\\, 休", "BEGIN:VALARM", "SUMMARY:not this", "TRIGGER:-P1D", "END:VALARM"),
		vevent("DTSTART;VALUE=DATE:20260509", "SUMMARY;LANGUAGE=zh:劳动节", "X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY"),
		vevent("DTSTART;TZID=Asia/Shanghai;VALUE=DATE:20260510", "SUMMARY:春节（班）"),
		vevent("dtstart:20260511", "SUMMARY:国庆补班"),
		vevent("DTSTART;VALUE=DATE:20260512", "SUMMARY:周日上", " 班"),
		vevent("DTSTART;VALUE=DATE:20260513", "SUMMARY:Working day for Spring Festival"),
		vevent("DTSTART;VALUE=DATE:20260514", "SUMMARY:上班族节", "X-APPLE-SPECIAL-DAY:WORK-HOLIDAY"),
		vevent("DTSTART;VALUE=DATE:20260515", "STATUS:CANCELLED"),
		vevent("DTSTART;VALUE=DATE:20260516", "DESCRIPTION:"+strings.Repeat("long\r\n ", 2000)),
	)
	want := []calendar.Entry{
		{Day: "2026-05-01", Kind: calendar.Holiday, Name: "劳动节, 休"},
		{Day: "2026-05-02", Kind: calendar.Holiday, Name: "劳动节, 休"},
		{Day: "2026-05-09", Kind: calendar.Workday, Name: "劳动节"},
		{Day: "2026-05-10", Kind: calendar.Workday, Name: "春节（班）"},
		{Day: "2026-05-11", Kind: calendar.Workday, Name: "国庆补班"},
		{Day: "2026-05-12", Kind: calendar.Workday, Name: "周日上班"},
		{Day: "2026-05-13", Kind: calendar.Workday, Name: "Working day for Spring Festival"},
		{Day: "2026-05-14", Kind: calendar.Holiday, Name: "上班族节"},
		{Day: "2026-05-16", Kind: calendar.Holiday},
	}
	for _, c := range []string{content, "\uFEFF" + strings.ReplaceAll(content, "\r\n", "\n")} {
		days, problems := calendar.Read([]byte(c))
		if d := cmp.Diff(want, days); d != "" || len(problems) > 0 {
			t.Errorf("%+v, days (-want +got):\n%s", problems, d)
		}
	}
}

func TestWhatIsWrongInICalendarIsNamedByLinePropertyAndExample(t *testing.T) {
	t.Parallel()
	// An event's own lines begin at line 5.
	for name, c := range map[string]struct {
		content string
		want    calendar.Problem
	}{
		"no event":         {ical(), calendar.Problem{Message: "no day"}},
		"comes again":      {ical(vevent("DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY")), calendar.Problem{Line: 6, Field: "RRULE", Message: "comes again", Example: "DTSTART;VALUE=DATE:20260501"}},
		"with times":       {ical(vevent("DTSTART:20260501T080000Z", "DTEND:20260501T090000Z")), calendar.Problem{Line: 5, Field: "DTSTART", Message: "whole days", Example: "DTSTART;VALUE=DATE:20260501"}},
		"end with a time":  {ical(vevent("DTSTART:20260501", "DTEND:20260502T090000")), calendar.Problem{Line: 6, Field: "DTEND", Message: "whole days", Example: "DTEND;VALUE=DATE:20260502"}},
		"ends before":      {ical(vevent("DTSTART:20260501", "DTEND:20260501")), calendar.Problem{Line: 6, Field: "DTEND", Message: "day after the last", Example: "20260502"}},
		"lasts too long":   {ical(vevent("DTSTART:20260501", "DTEND:20990501")), calendar.Problem{Line: 6, Field: "DTEND", Message: "400 days"}},
		"duration":         {ical(vevent("DTSTART:20260501", "DURATION:P1D")), calendar.Problem{Line: 6, Field: "DURATION", Message: "DTEND", Example: "20260502"}},
		"no begin":         {ical(vevent("SUMMARY:x")), calendar.Problem{Line: 3, Field: "DTSTART", Message: "does not say when", Example: "DTSTART"}},
		"no such day":      {ical(vevent("DTSTART:20260230")), calendar.Problem{Line: 5, Field: "DTSTART", Message: "YYYYMMDD"}},
		"long name":        {ical(vevent("DTSTART:20260501", "SUMMARY:"+strings.Repeat("x", 41))), calendar.Problem{Line: 6, Field: "SUMMARY", Message: "more than 40", Example: "SUMMARY:" + strings.Repeat("x", 40)}},
		"very long name":   {ical(vevent("DTSTART:20260501", "SUMMARY:"+strings.Repeat("x", 3000))), calendar.Problem{Line: 6, Message: "2000 bytes"}},
		"name of two":      {ical(vevent("DTSTART:20260501", "SUMMARY:a\\nb")), calendar.Problem{Line: 6, Field: "SUMMARY", Message: "one line", Example: "SUMMARY:a b"}},
		"two kinds":        {ical(vevent("DTSTART:20260501"), vevent("DTSTART:20260501", "SUMMARY:补班")), calendar.Problem{Line: 7, Field: "day", Message: "line 3"}},
		"no line":          {ical("nonsense"), calendar.Problem{Line: 3, Message: "NAME:VALUE"}},
		"broken parameter": {ical(vevent("DTSTART;VALUE:20260501")), calendar.Problem{Line: 5, Message: "NAME:VALUE"}},
		"cut off":          {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260501\n", calendar.Problem{Message: "within VEVENT", Example: "END:VCALENDAR"}},
		"wrong end":        {ical("BEGIN:VEVENT", "END:VALARM"), calendar.Problem{Line: 4, Field: "END", Message: "did not begin"}},
		"too deep":         {ical(strings.TrimSuffix(strings.Repeat("BEGIN:X\r\n", 100), "\r\n")), calendar.Problem{Line: 10, Field: "BEGIN", Message: "stand in each other"}},
	} {
		days, problems := calendar.Read([]byte(c.content))
		if len(days) > 0 || len(problems) != 1 {
			t.Errorf("%s: %v, %+v", name, days, problems)
			continue
		}
		is(t, name, problems[0], c.want)
	}
}

func TestAFileTellsOfAtMostAHundredErrors(t *testing.T) {
	t.Parallel()
	_, problems := calendar.Read([]byte("day,kind\n" + strings.Repeat("x,y\n", 500)))
	if len(problems) != 100 {
		t.Errorf("%d errors", len(problems))
	}
	var many strings.Builder
	for i := range 300 { // of up to ten days each
		fmt.Fprintf(&many, "%s\r\n", vevent(fmt.Sprintf("DTSTART:20%02d%02d01", i/12, i%12+1), fmt.Sprintf("DTEND:20%02d%02d11", i/12, i%12+1)))
	}
	days, problems := calendar.Read([]byte(ical(strings.TrimSpace(many.String()))))
	if len(days) > 0 || len(problems) != 100 || !strings.Contains(problems[0].Message, "more than 2000 days") {
		t.Errorf("%d days, %d errors", len(days), len(problems))
	}
}

// A small file can say the same days very often.
func TestAFileThatRepeatsItsDaysIsNotReadToTheEnd(t *testing.T) {
	t.Parallel()
	year := vevent("DTSTART:20260101", "DTEND:20270101") + "\r\n"
	days, problems := calendar.Read([]byte(ical(strings.TrimSpace(strings.Repeat(year, 5000)))))
	if len(days) > 0 || len(problems) != 1 || !strings.Contains(problems[0].Message, "repeated ones counted") {
		t.Errorf("%d days, errors %+v", len(days), problems)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("day,kind,name\n2026-05-01,rest,x\n"))
	f.Add([]byte(ical(vevent("DTSTART;VALUE=DATE:20260501", "SUMMARY:x"))))
	f.Add([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;A=\"b\";C=\\,d:2026\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		days, problems := calendar.Read(content)
		if (len(days) > 0) == (len(problems) > 0) || len(days) > calendar.MaxImport || len(problems) > 100 {
			t.Errorf("%d days, %d problems", len(days), len(problems))
		}
		for _, e := range days {
			if _, err := calendar.ParseDay("day", string(e.Day)); err != nil {
				t.Error(err)
			}
		}
	})
}
