package roster

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gatehouse/devices"
)

// MaxRows is how many devices one file may have.
const MaxRows = 5000

// table gives the lines of a table, each with its number as a spreadsheet shows it.
// The end is io.EOF; any other error is a *lineError, or of the file.
type table interface {
	next() (line int, fields []string, err error)
}

// lineError says what is wrong with one line.
type lineError struct {
	line    int
	message string
}

// Error implements error.
func (e *lineError) Error() string { return e.message }

// Read reads a file of either form: XLSX is known by its first bytes. With errors
// there are no rows.
func Read(content []byte) ([]devices.RosterRow, []devices.RosterError) {
	switch {
	case hasPrefix(content, zipMark):
		return ReadXLSX(content)
	case hasPrefix(content, oldMark):
		return nil, wrong(0, "", "the file is an old .xls workbook, or protected by a password: save it without one as .xlsx or as “CSV UTF-8”")
	}
	return ReadCSV(content)
}

func hasPrefix(content []byte, mark string) bool {
	return len(content) >= len(mark) && string(content[:len(mark)]) == mark
}

// read makes rows of a table whose first line that is not blank names the columns.
func read(t table, clean func(string) string) ([]devices.RosterRow, []devices.RosterError) {
	var rows []devices.RosterRow
	problems := walk(t, deviceColumns(), func(line int, fields []string, at map[string]int) {
		rows = append(rows, rowOf(line, fields, at, clean))
	})
	if problems != nil {
		return nil, problems
	}
	return rows, nil
}

// walk calls row for every line of a table that is not blank, after the one that names the
// columns, with where they stand.
func walk(t table, c Columns, row func(line int, fields []string, at map[string]int)) []devices.RosterError {
	var at map[string]int
	rows := 0
	for lines := 0; ; lines++ {
		line, fields, err := t.next()
		var bad *lineError
		switch {
		case errors.Is(err, io.EOF) && at == nil:
			return wrong(0, "", "the file is empty: the first line must name the columns "+strings.Join(c.Needed, ", "))
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			return wrong(bad.line, "", bad.message)
		case err != nil:
			return wrong(0, "", err.Error())
		case lines == c.maxLines():
			return wrong(0, "", fmt.Sprintf("the file has more than %d lines: take the blank ones out, or divide it", c.maxLines()))
		case blank(fields):
		case at == nil:
			var problems []devices.RosterError
			if at, problems = c.places(line, fields); problems != nil {
				return problems
			}
		case rows == c.Most:
			return wrong(0, "", fmt.Sprintf("the file has more than %d %s: divide it", c.Most, c.Of))
		default:
			rows++
			row(line, fields, at)
		}
	}
}

// places finds the columns.
func (c Columns) places(line int, head []string) (map[string]int, []devices.RosterError) {
	at := map[string]int{}
	for i, name := range head {
		name = c.named(name)
		if _, twice := at[name]; twice && c.has(name) {
			return nil, wrong(line, name, "the column is there twice")
		}
		at[name] = i
	}
	var problems []devices.RosterError
	for _, name := range c.Needed {
		if _, ok := at[name]; !ok {
			problems = append(problems, wrong(line, name, "the column is missing: the first line must name "+strings.Join(c.Needed, ", "))...)
		}
	}
	return at, problems
}

func rowOf(line int, record []string, at map[string]int, clean func(string) string) devices.RosterRow {
	field := func(name string) string { return fieldOf(name, record, at, clean) }
	row := devices.RosterRow{Row: line, Site: field("site"), Zone: field("zone"), Kind: kindOf(field("kind")), Name: field("name")}
	for _, name := range devices.SettingNames() {
		if text := field(name); text != "" {
			if row.Settings == nil {
				row.Settings = map[string]string{}
			}
			row.Settings[name] = valueOf(name, text)
		}
	}
	return row
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(s string) bool { return strings.TrimSpace(s) != "" })
}

func wrong(row int, column, message string) []devices.RosterError {
	return []devices.RosterError{{Row: row, Column: column, Message: message}}
}
