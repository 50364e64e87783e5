package roster

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Language of the names of columns and of the words in a file.
type Language string

// The languages of files.
const (
	English Language = "en"
	Chinese Language = "zh-CN"
)

// Line is one device as it is written.
type Line struct {
	Site, Zone, Kind, Name string
	Settings               map[string]string // that are wanted of it, by name
	Config                 string            // whether it runs them
	ID, Link, Firmware     string
	Created                string
}

// fields are the values of a line, in the order of written.
func (l Line) fields(in Language) []string {
	own := map[string]string{
		"site": l.Site, "zone": l.Zone, "kind": l.Kind, "name": l.Name, "config": l.Config,
		"id": l.ID, "link": l.Link, "firmware": l.Firmware, "created": l.Created,
	}
	all := written()
	for i, column := range all {
		value, there := own[column]
		if !there {
			value = l.Settings[column]
		}
		all[i] = wordOf(in, column, value)
	}
	return all
}

// WriteCSV writes the lines under a line of column names.
func WriteCSV(w io.Writer, in Language, lines []Line) error {
	return WriteTable(w, append([][]string{headOf(in)}, linesIn(in, lines)...))
}

// WriteTable writes any table as spreadsheets read it safely: with a byte order mark, so
// that they take it for UTF-8, and without formulas.
func WriteTable(w io.Writer, lines [][]string) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	for _, fields := range lines {
		if err := c.Write(guarded(fields)); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteXLSX writes the lines as the only sheet of a workbook, as WriteSheet does.
func WriteXLSX(w io.Writer, in Language, lines []Line) error {
	name := map[Language]string{English: "Devices", Chinese: "设备"}[in]
	return WriteSheet(w, name, append([][]string{headOf(in)}, linesIn(in, lines)...))
}

// WriteSheet writes any table as the only sheet of a workbook; its first line is a head.
// Every cell is a text and is shown as one: no id becomes a number, no time a date of
// another place, no name a formula. Only cells of the columns in numbers, counted from 0,
// are numbers, so that they can be added up.
func WriteSheet(w io.Writer, name string, lines [][]string, numbers ...int) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // "@", text: also what is typed there later
	if err != nil {
		return err
	}
	head, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	s, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := s.SetColWidth(1, len(lines[0]), 18); err != nil {
		return err
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, fields := range lines {
		style, sums := text, numbers
		if i == 0 {
			style, sums = head, nil
		}
		if err := writeRow(s, i+1, style, fields, sums); err != nil {
			return err
		}
	}
	if err := s.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

func linesIn(in Language, lines []Line) [][]string {
	all := make([][]string, len(lines))
	for i, l := range lines {
		all[i] = l.fields(in)
	}
	return all
}

func writeRow(s *excelize.StreamWriter, row, style int, fields []string, numbers []int) error {
	at, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	cells := make([]any, len(fields))
	for i, value := range fields {
		cells[i] = excelize.Cell{StyleID: style, Value: value}
		if n, err := strconv.ParseFloat(value, 64); err == nil && slices.Contains(numbers, i) {
			cells[i] = n
		}
	}
	return s.SetRow(at, cells)
}

// guarded keeps a spreadsheet from taking a name for a formula: it gets an
// apostrophe in front, which unguard takes away. A number below zero is none.
func guarded(fields []string) []string {
	safe := make([]string, len(fields))
	for i, s := range fields {
		if s != "" && strings.ContainsRune("=+-@\t\r'", rune(s[0])) && !number(s) {
			s = "'" + s
		}
		safe[i] = s
	}
	return safe
}

// number is whether s is digits, with a point or a minus or neither.
func number(s string) bool {
	whole, part, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(d string) bool { return d != "" && strings.Trim(d, "0123456789") == "" }
	return digits(whole) && (!point || digits(part))
}

func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(s[1])) {
		return s[1:]
	}
	return s
}
