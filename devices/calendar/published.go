package calendar

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"path"
	"strings"
)

// data are the days of the notices that the General Office of the State Council issued, a file
// for each year: its number and date, and each day off and each weekend day that is worked.
//
//go:embed data/cn-*.csv
var data embed.FS

// Notice is where the days of a year were published.
type Notice struct {
	Number string // as it is cited
	Issued Day
}

// published are the days of notices.
type published struct {
	notices map[int]Notice // by year
	days    map[Day]Layer
}

// readPublished reads the files of this package; a test judges what they say.
func readPublished() (published, error) {
	p := published{notices: map[int]Notice{}, days: map[Day]Layer{}}
	files, err := data.ReadDir("data")
	if err != nil {
		return p, fmt.Errorf("calendar.published: %w", err)
	}
	for _, f := range files {
		content, err := data.ReadFile(path.Join("data", f.Name()))
		if err == nil {
			err = p.add(content)
		}
		if err != nil {
			return p, fmt.Errorf("calendar.published: %s: %w", f.Name(), err)
		}
	}
	return p, nil
}

// add reads one file: the notice in comments, a line of column names, the days of one year.
func (p published) add(content []byte) error {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comment, r.FieldsPerRecord = '#', 4
	rows, err := r.ReadAll()
	if err != nil {
		return err
	}
	year := 0
	for _, row := range rows[1:] {
		e, err := Entry{Day: Day(row[0]), Kind: Kind(row[1]), Name: row[2]}.check()
		if err != nil {
			return err
		}
		if year = e.Day.Year(); p.notices[year] != (Notice{}) {
			return fmt.Errorf("%s is of another year's notice", e.Day)
		}
		p.days[e.Day] = Layer{Source: ByState, Kind: e.Kind, Name: e.Name, English: row[3]}
	}
	n := Notice{Number: remark(content, "notice"), Issued: Day(remark(content, "issued"))}
	if _, err := ParseDay("issued", string(n.Issued)); err != nil || n.Number == "" {
		return fmt.Errorf("the notice is not named: %w", err)
	}
	p.notices[year] = n
	return nil
}

// remark is what a comment of the file says by its name.
func remark(content []byte, name string) string {
	_, rest, _ := strings.Cut(string(content), "# "+name+": ")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}
