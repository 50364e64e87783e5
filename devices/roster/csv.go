package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"gatehouse/devices"
)

const bom = "\uFEFF"

// ReadCSV reads a table with a line of column names, in UTF-8, or in GBK as Chinese
// spreadsheets save it, if its column names are Chinese: only then it is sure which
// of the old code pages it is. Rows count from 1, the line of names.
func ReadCSV(content []byte) ([]devices.RosterRow, []devices.RosterError) {
	t, problems := openCSV(content, deviceColumns())
	if problems != nil {
		return nil, problems
	}
	return read(t, unguard)
}

// openCSV is the table that some bytes are.
func openCSV(content []byte, c Columns) (table, []devices.RosterError) {
	content = bytes.TrimPrefix(content, []byte(bom))
	if !utf8.Valid(content) {
		var ok bool
		if content, ok = fromGBK(content, c); !ok {
			return nil, wrong(0, "", "the file is not UTF-8, and not GBK with Chinese column names: save it as “CSV UTF-8”")
		}
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(content, []byte("\n")); !bytes.Contains(first, []byte(",")) && bytes.Contains(first, []byte(";")) {
		r.Comma = ';' // as spreadsheets write it where the comma is the decimal point
	}
	return csvTable{r}, nil
}

// fromGBK decodes a file whose first line names the columns in Chinese.
func fromGBK(content []byte, c Columns) ([]byte, bool) {
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return nil, false
	}
	first, _, _ := bytes.Cut(decoded, []byte("\n"))
	for _, column := range c.Needed {
		if !bytes.Contains(first, []byte(c.Chinese[column])) {
			return nil, false
		}
	}
	return decoded, true
}

// csvTable is a table of CSV.
type csvTable struct{ r *csv.Reader }

func (t csvTable) next() (int, []string, error) {
	record, err := t.r.Read()
	var p *csv.ParseError
	switch {
	case err == nil:
		line, _ := t.r.FieldPos(0)
		return line, record, nil
	case errors.Is(err, io.EOF):
		return 0, nil, io.EOF
	case errors.As(err, &p):
		return 0, nil, &lineError{p.Line, "a quotation mark is not closed, or stands in the middle of a field: a field with one is written \"like \"\"this\"\"\""}
	}
	return 0, nil, errors.New("the file cannot be read as CSV")
}
