package roster

import (
	"slices"
	"strings"

	"gatehouse/devices"
)

// Columns are what a table has: of devices, or of something else that people edit in a
// spreadsheet (ReadTable).
type Columns struct {
	Needed  []string          // names, in lower case; a table without one is refused
	Others  []string          // that are read if they are there
	Chinese map[string]string // their names in 简体中文
	Most    int               // rows that a table may have
	Of      string            // what a row is, for people, many of them: devices
}

func deviceColumns() Columns {
	return Columns{Needed: columns, Others: devices.RosterColumns(), Chinese: chinese, Most: MaxRows, Of: "devices"}
}

// maxLines is how many lines of a file are looked at, blank ones too.
func (c Columns) maxLines() int { return 4 * c.Most }

func (c Columns) has(name string) bool {
	return slices.Contains(c.Needed, name) || slices.Contains(c.Others, name)
}

// named is the column that a name means, or the name itself.
func (c Columns) named(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.NewReplacer("（", "(", "）", ")", " ", "").Replace(name)
	for column, other := range c.Chinese {
		if strings.EqualFold(name, other) {
			return column
		}
	}
	return name
}

// TableRow is one line of a table: its fields by column.
type TableRow struct {
	Row    int // as a spreadsheet counts: 1 is the line of column names
	Fields map[string]string
}

// ReadTable reads a table of CSV as ReadCSV does, of other columns. With errors there are no rows.
func ReadTable(content []byte, c Columns) ([]TableRow, []devices.RosterError) {
	if hasPrefix(content, zipMark) || hasPrefix(content, oldMark) {
		return nil, wrong(0, "", "the file is a workbook: save it as “CSV UTF-8”")
	}
	t, problems := openCSV(content, c)
	if problems != nil {
		return nil, problems
	}
	var rows []TableRow
	problems = walk(t, c, func(line int, record []string, at map[string]int) {
		row := TableRow{Row: line, Fields: map[string]string{}}
		for _, name := range slices.Concat(c.Needed, c.Others) {
			row.Fields[name] = fieldOf(name, record, at, unguard)
		}
		rows = append(rows, row)
	})
	if problems != nil {
		return nil, problems
	}
	return rows, nil
}

func fieldOf(name string, record []string, at map[string]int, clean func(string) string) string {
	if i, there := at[name]; there && i < len(record) {
		return clean(strings.TrimSpace(record[i]))
	}
	return ""
}
