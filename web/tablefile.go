package web

import (
	"bytes"
	"io"
	"time"

	"gatehouse/devices/roster"
)

// tableFile gives a table, whose first line names the columns, as a file for table
// programs, named after what it holds and the day: CSV, or a workbook (xlsx) in whose sheet
// the given columns, from 0, are numbers that can be added up.
func (s *Server) tableFile(name, format, sheet string, lines [][]string, numbers ...int) (*file, error) {
	write, media := roster.WriteTable, csvMedia
	if format == "xlsx" {
		write, media = func(w io.Writer, l [][]string) error { return roster.WriteSheet(w, sheet, l, numbers...) }, xlsxMedia
	}
	var b bytes.Buffer
	if err := write(&b, lines); err != nil {
		return nil, err
	}
	return fileOf(name+"-"+s.now().UTC().Format(time.DateOnly)+"."+format, media, b.Bytes()), nil
}
