package roster

import (
	"encoding/csv"
	"io"
	"strings"
)

// Line is one device as it is written.
type Line struct{ Site, Zone, Kind, Name, ID, Link, Firmware string }

// WriteCSV writes the lines under a line of column names, with a byte order mark, so
// that spreadsheets take it for UTF-8.
func WriteCSV(w io.Writer, lines []Line) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write([]string{"site", "zone", "kind", "name", "id", "link", "firmware"}); err != nil {
		return err
	}
	for _, l := range lines {
		if err := c.Write(guarded(l.Site, l.Zone, l.Kind, l.Name, l.ID, l.Link, l.Firmware)); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// guarded keeps a spreadsheet from taking a name for a formula: it gets an
// apostrophe in front, which unguard takes away.
func guarded(fields ...string) []string {
	for i, s := range fields {
		if s != "" && strings.ContainsRune("=+-@\t\r'", rune(s[0])) {
			fields[i] = "'" + s
		}
	}
	return fields
}

func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(s[1])) {
		return s[1:]
	}
	return s
}
