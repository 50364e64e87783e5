package calendar

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"gatehouse/devices/roster"
)

// The most that a file of days may have.
const (
	MaxFile   = 1 << 20 // bytes
	MaxImport = 2000    // days
	mostWrong = 100     // errors that are told
)

// Problem is what is wrong in a file of days.
type Problem struct {
	Line    int    // counted from 1; 0: of the whole file
	Field   string // day, kind, name, or of iCalendar the name of a property; empty: of the whole line
	Message string // what would be right
	Example string // what would be taken in its place; may be empty
}

// file collects what a file says.
type file struct {
	days     []Entry
	said     map[Day]mention
	told     int // days in all, repeated ones too
	problems []Problem
}

// mention is what a file said of a day first.
type mention struct {
	line int
	kind Kind
}

// Read reads a file of days: iCalendar if it begins like one, or CSV. With problems there are
// no days. One day may be there twice if it is of the same kind: the first one counts.
func Read(content []byte) ([]Entry, []Problem) {
	if len(content) > MaxFile {
		return nil, []Problem{{Message: fmt.Sprintf("the file has more than %d bytes: divide it", MaxFile)}}
	}
	f := &file{said: map[Day]mention{}}
	text := bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\uFEFF")))
	if len(text) >= len(beginCalendar) && strings.EqualFold(string(text[:len(beginCalendar)]), beginCalendar) {
		f.readCalendar(text, 1+bytes.Count(content[:bytes.Index(content, text)], []byte("\n")))
	} else {
		f.readTable(content)
	}
	if len(f.problems) == 0 && len(f.days) == 0 {
		f.wrong(0, "", "the file has no day: each line after the first is one", "2026-05-01,rest,Company day")
	}
	if len(f.problems) > 0 {
		return nil, f.problems
	}
	return f.days, nil
}

func (f *file) wrong(line int, field, message, example string) {
	if len(f.problems) < mostWrong {
		f.problems = append(f.problems, Problem{Line: line, Field: field, Message: message, Example: example})
	}
}

// add takes one day; false: the file says so many that no more is read.
func (f *file) add(line int, e Entry) bool {
	if f.told++; f.told > 10*MaxImport {
		f.wrong(line, "day", fmt.Sprintf("the file says something of more than %d days, repeated ones counted: divide it", 10*MaxImport), "")
		return false
	}
	before, twice := f.said[e.Day]
	switch {
	case twice && before.kind != e.Kind:
		f.wrong(line, "day", fmt.Sprintf("%s stands in line %d already, as another kind: leave one of them", e.Day, before.line), "")
	case twice:
	case len(f.days) == MaxImport:
		f.wrong(line, "day", fmt.Sprintf("the file has more than %d days: divide it", MaxImport), "")
		f.said[e.Day] = mention{line, e.Kind} // told once for a day
	default:
		f.days, f.said[e.Day] = append(f.days, e), mention{line, e.Kind}
	}
	return true
}

// columns are those of a table of days.
func columns() roster.Columns {
	return roster.Columns{
		Needed: []string{"day", "kind"}, Others: []string{"name"},
		Chinese: map[string]string{"day": "日期", "kind": "类型", "name": "名称"},
		Most:    MaxImport, Of: "days",
	}
}

func (f *file) readTable(content []byte) {
	rows, problems := roster.ReadTable(content, columns())
	for _, p := range problems {
		f.wrong(p.Row, p.Column, p.Message, "day,kind,name")
	}
	for _, r := range rows {
		f.addRow(r)
	}
}

func (f *file) addRow(r roster.TableRow) {
	day, ok := dayOf(r.Fields["day"], "2006-01-02", "2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2006年1月2日")
	if !ok {
		f.wrong(r.Row, "day", fmt.Sprintf("%.40q is not %s", r.Fields["day"], dayExample), "2026-05-01")
	}
	kind := kindIn(r.Fields["kind"])
	if message := kind.wrong(); message != "" {
		f.wrong(r.Row, "kind", message, "workday")
	}
	name := r.Fields["name"]
	message := nameWrong(name)
	if message != "" {
		f.wrong(r.Row, "name", message, shortened(name))
	}
	if ok && kind.wrong() == "" && message == "" {
		f.add(r.Row, Entry{Day: day, Kind: kind, Name: name})
	}
}

// kindIn is the kind that a word means, or the word itself.
func kindIn(word string) Kind {
	word = strings.ToLower(word)
	switch strings.ReplaceAll(word, " ", "") {
	case "workday", "workingday", "工作日", "上班", "补班", "调休上班", "班":
		return Workday
	case "rest", "restday", "休息日", "休息", "休":
		return Rest
	case "holiday", "publicholiday", "节假日", "法定节假日", "假日", "节日", "放假":
		return Holiday
	}
	return Kind(word)
}

// shortened is a name as it would be taken.
func shortened(name string) string {
	if !utf8.ValidString(name) {
		return ""
	}
	letters := []rune(strings.Join(strings.Fields(name), " "))
	return strings.TrimSpace(string(letters[:min(MaxName, len(letters))]))
}
