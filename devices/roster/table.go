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

// maxLines is how many lines of a file are looked at, blank ones too.
const maxLines = 4 * MaxRows

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
	var at map[string]int
	var rows []devices.RosterRow
	for lines := 0; ; lines++ {
		line, fields, err := t.next()
		var bad *lineError
		switch {
		case errors.Is(err, io.EOF) && at == nil:
			return nil, wrong(0, "", "the file is empty: the first line must name the columns "+strings.Join(columns, ", "))
		case errors.Is(err, io.EOF):
			return rows, nil
		case errors.As(err, &bad):
			return nil, wrong(bad.line, "", bad.message)
		case err != nil:
			return nil, wrong(0, "", err.Error())
		case lines == maxLines:
			return nil, wrong(0, "", fmt.Sprintf("the file has more than %d lines: take the blank ones out, or divide it", maxLines))
		case blank(fields):
		case at == nil:
			var problems []devices.RosterError
			if at, problems = places(line, fields); problems != nil {
				return nil, problems
			}
		case len(rows) == MaxRows:
			return nil, wrong(0, "", fmt.Sprintf("the file has more than %d devices: divide it", MaxRows))
		default:
			rows = append(rows, rowOf(line, fields, at, clean))
		}
	}
}

// places finds the columns.
func places(line int, head []string) (map[string]int, []devices.RosterError) {
	at := map[string]int{}
	for i, name := range head {
		name = columnOf(name)
		if _, twice := at[name]; twice && slices.Contains(devices.RosterColumns(), name) {
			return nil, wrong(line, name, "the column is there twice")
		}
		at[name] = i
	}
	var problems []devices.RosterError
	for _, name := range columns {
		if _, ok := at[name]; !ok {
			problems = append(problems, wrong(line, name, "the column is missing: the first line must name "+strings.Join(columns, ", "))...)
		}
	}
	return at, problems
}

func rowOf(line int, record []string, at map[string]int, clean func(string) string) devices.RosterRow {
	field := func(name string) string {
		if i, there := at[name]; there && i < len(record) {
			return clean(strings.TrimSpace(record[i]))
		}
		return ""
	}
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
