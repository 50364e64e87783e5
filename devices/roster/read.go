package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gatehouse/devices"
)

// MaxRows is how many devices one file may have.
const MaxRows = 5000

// Columns are those that a file needs; it may have others, which are not read.
// Their names are matched in any case.
var columns = []string{"site", "zone", "kind", "name"}

// alias are other names of columns, as the console shows them.
var alias = map[string]string{"小区/园区": "site", "区域": "zone", "类型": "kind", "名称": "name"}

// kinds are other names of kinds.
var kinds = map[string]devices.KindName{"道闸": devices.Gate, "大门": devices.Gate, "门": devices.Gate, "闸机": devices.Turnstile, "摄像头": devices.Camera}

const bom = "\uFEFF"

// ReadCSV reads a table with a line of column names. Rows count from 1, the line of
// names, as a spreadsheet shows them. With errors there are no rows.
func ReadCSV(content []byte) ([]devices.RosterRow, []devices.RosterError) {
	content = bytes.TrimPrefix(content, []byte(bom))
	if !utf8.Valid(content) {
		return nil, wrong(0, "", "the file is not UTF-8: save it as “CSV UTF-8”")
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(content, []byte("\n")); !bytes.Contains(first, []byte(",")) && bytes.Contains(first, []byte(";")) {
		r.Comma = ';' // as spreadsheets write it where the comma is the decimal point
	}
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, wrong(0, "", "the file is empty: the first line must name the columns "+strings.Join(columns, ", "))
	}
	if err != nil {
		return nil, broken(err)
	}
	at, problems := places(head)
	if problems != nil {
		return nil, problems
	}
	var rows []devices.RosterRow
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		if blank(record) {
			continue
		}
		if len(rows) == MaxRows {
			return nil, wrong(0, "", fmt.Sprintf("the file has more than %d devices: divide it", MaxRows))
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, rowOf(line, record, at))
	}
}

// places finds the columns.
func places(head []string) (map[string]int, []devices.RosterError) {
	at := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if known, ok := alias[name]; ok {
			name = known
		}
		if _, twice := at[name]; twice && slices.Contains(columns, name) {
			return nil, wrong(1, name, "the column is there twice")
		}
		at[name] = i
	}
	var problems []devices.RosterError
	for _, name := range columns {
		if _, ok := at[name]; !ok {
			problems = append(problems, wrong(1, name, "the column is missing: the first line must name "+strings.Join(columns, ", "))...)
		}
	}
	return at, problems
}

func rowOf(line int, record []string, at map[string]int) devices.RosterRow {
	field := func(name string) string {
		if i := at[name]; i < len(record) {
			return unguard(strings.TrimSpace(record[i]))
		}
		return ""
	}
	kind := field("kind")
	row := devices.RosterRow{Row: line, Site: field("site"), Zone: field("zone"), Kind: devices.KindName(strings.ToLower(kind)), Name: field("name")}
	if known, ok := kinds[kind]; ok {
		row.Kind = known
	}
	return row
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(s string) bool { return strings.TrimSpace(s) != "" })
}

func broken(err error) []devices.RosterError {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return wrong(p.Line, "", "a quotation mark is not closed, or stands in the middle of a field: a field with one is written \"like \"\"this\"\"\"")
	}
	return wrong(0, "", "the file cannot be read as CSV")
}

func wrong(row int, column, message string) []devices.RosterError {
	return []devices.RosterError{{Row: row, Column: column, Message: message}}
}
