package roster

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/xuri/excelize/v2"

	"gatehouse/devices"
)

const (
	zipMark = "PK\x03\x04"
	oldMark = "\xD0\xCF\x11\xE0" // of the workbooks before 2007, and of protected ones

	// maxUnzipped is what an XLSX file may hold unpacked, all parts together: 5,000
	// devices in words take a fifth of it.
	maxUnzipped = 8 << 20
	// maxPart is the same of one part that is no sheet: those are read as a whole, and
	// cost some fifty times their size if they are made to.
	maxPart  = 2 << 20
	maxParts = 200
)

// oneWorkbook lets one workbook be open at a time, so that the memory that workbooks
// take is bounded whatever is sent at once.
var oneWorkbook sync.Mutex

var errWorkbook = errors.New("the file cannot be read as a workbook: save it as .xlsx again, or as “CSV UTF-8”")

// ReadXLSX reads the first sheet of a workbook, with a line of column names. Cells
// are taken as they were typed, a formula by what it gave last.
func ReadXLSX(content []byte) (rows []devices.RosterRow, problems []devices.RosterError) {
	if err := weigh(content); err != nil {
		return nil, wrong(0, "", err.Error())
	}
	oneWorkbook.Lock()
	defer oneWorkbook.Unlock()
	defer func() { // the library is not made for hostile bytes
		if recover() != nil {
			rows, problems = nil, wrong(0, "", errWorkbook.Error())
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped, // never to a file of its own
	})
	if err != nil {
		return nil, wrong(0, "", errWorkbook.Error())
	}
	defer f.Close()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, wrong(0, "", "the workbook has no sheet")
	}
	lines, err := f.Rows(sheets[0])
	if err != nil {
		return nil, wrong(0, "", errWorkbook.Error())
	}
	defer lines.Close()
	return read(&sheet{rows: lines}, func(s string) string { return s })
}

// weigh unpacks every part once and keeps nothing: what the file says of its own
// sizes may be a lie.
func weigh(content []byte) error {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return errWorkbook
	}
	left := int64(maxUnzipped)
	for i, part := range z.File {
		r, err := part.Open()
		if err != nil || i == maxParts {
			return errWorkbook
		}
		most := left
		if !strings.HasPrefix(strings.ToLower(part.Name), "xl/worksheets/") {
			most = min(most, maxPart)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, most+1))
		_ = r.Close()
		if left -= n; n > most {
			return fmt.Errorf("the workbook holds more than a list of devices may, %d MiB unpacked: leave only the list in it, or divide it", maxUnzipped>>20)
		}
		if err != nil {
			return errWorkbook
		}
	}
	return nil
}

// sheet is a table of a workbook.
type sheet struct {
	rows *excelize.Rows
	line int
}

func (s *sheet) next() (int, []string, error) {
	if !s.rows.Next() {
		if s.rows.Error() != nil {
			return 0, nil, errWorkbook
		}
		return 0, nil, io.EOF
	}
	s.line++
	fields, err := s.rows.Columns()
	if err != nil {
		return 0, nil, errWorkbook
	}
	return s.line, fields, nil
}
