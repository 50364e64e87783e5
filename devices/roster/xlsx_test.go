package roster_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gatehouse/devices"
	"gatehouse/devices/roster"
	"gatehouse/prove"
)

// workbook is an XLSX file whose first sheet has these cells.
func workbook(t *testing.T, cells map[string]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for at, value := range cells {
		if err := f.SetCellValue("Sheet1", at, value); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookIsReadAsItWasTyped(t *testing.T) {
	t.Parallel()
	content := workbook(t, map[string]any{
		"A2": "名称", "B2": "类型", "C2": "区域", "D2": "小区/园区", "E2": "脉冲时长（毫秒）", "F2": "断电时", "G2": "备注",
		"A3": "'东门", "B3": "道闸", "C3": "东门", "D3": "翠湖花园", "E3": 500, "F3": "断电开", "G3": "x",
		"A6": "007", "B6": "闸机", "C6": "东门", "D6": "翠湖花园", "E6": 0.5,
	})
	rows, problems := roster.Read(content)
	want := []devices.RosterRow{
		{Row: 3, Site: "翠湖花园", Zone: "东门", Kind: devices.Gate, Name: "'东门", Settings: map[string]string{"pulse": "500", "fail": "safe"}},
		{Row: 6, Site: "翠湖花园", Zone: "东门", Kind: devices.Turnstile, Name: "007", Settings: map[string]string{"pulse": "0.5"}},
	}
	if d := cmp.Diff(want, rows); d != "" || problems != nil {
		t.Errorf("read (-want +got):\n%s%v", d, problems)
	}
	_, problems = roster.Read(workbook(t, map[string]any{"A1": "site", "B1": "zone", "C1": "name"}))
	if len(problems) != 1 || problems[0].Row != 1 || problems[0].Column != "kind" {
		t.Errorf("without a column: %v", problems)
	}
}

func TestAnExportedWorkbookHoldsTextsOnly(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	lines := []roster.Line{{Site: "S", Zone: "Z", Kind: "gate", Name: "=1+1", ID: "0012345678901234567890", Created: "2026-03-01 08:00:00", Settings: map[string]string{"pulse": "500"}}}
	if err := roster.WriteXLSX(&b, roster.English, lines); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{"D2": "=1+1", "F2": "500", "M2": "0012345678901234567890", "P2": "2026-03-01 08:00:00"} {
		got, err := f.GetCellValue("Devices", at)
		kind, kindErr := f.GetCellType("Devices", at)
		formula, formulaErr := f.GetCellFormula("Devices", at)
		if got != want || err != nil || kindErr != nil || formulaErr != nil || formula != "" ||
			kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s is %q of type %v, formula %q", at, got, kind, formula)
		}
	}
}

func TestAGBKFileWithChineseColumnNamesIsReadAndAnyOtherNamed(t *testing.T) {
	t.Parallel()
	encoded, err := simplifiedchinese.GBK.NewEncoder().String("小区/园区,区域,类型,名称\n翠湖花园,东门,道闸,一号\n")
	if err != nil {
		t.Fatal(err)
	}
	rows, problems := roster.Read([]byte(encoded))
	want := []devices.RosterRow{{Row: 2, Site: "翠湖花园", Zone: "东门", Kind: devices.Gate, Name: "一号"}}
	if d := cmp.Diff(want, rows); d != "" || problems != nil {
		t.Errorf("read (-want +got):\n%s%v", d, problems)
	}
	latin := "site,zone,kind,name\nCaf\xe9 lane,North,gate,Boom\n" // also good GBK, and something else then
	if rows, problems := roster.Read([]byte(latin)); len(rows) > 0 || len(problems) != 1 || !strings.Contains(problems[0].Message, "GBK") {
		t.Errorf("a file of another code page: %v, %v", rows, problems)
	}
}

// replaced gives a workbook with one part replaced.
func replaced(t *testing.T, content []byte, name string, part io.Reader) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range z.File {
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		from := io.Reader(r)
		if f.Name == name {
			from = part
		}
		if _, err := io.Copy(w, from); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zeros gives a beginning, as many repetitions as fit into n bytes, and an end.
func zeros(begin, again, end string, n int) io.Reader {
	return strings.NewReader(begin + strings.Repeat(again, n/len(again)) + end)
}

func TestABadWorkbookCostsBoundedMemory(t *testing.T) { // not parallel: it measures memory
	good := workbook(t, map[string]any{"A1": "site", "B1": "zone", "C1": "kind", "D1": "name"})
	const head, tail = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`, `</sheetData></worksheet>`
	const styles0 = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>`
	const strings0 = `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
	part := 8 // of what the limits let through: the race detector makes the rest cost a minute
	if prove.Full() {
		part = 1
	}
	for name, content := range map[string][]byte{
		"a lot of zeros":           replaced(t, good, "xl/theme/theme1.xml", io.LimitReader(zero{}, 256<<20/int64(part))),
		"many styles":              replaced(t, good, "xl/styles.xml", zeros(styles0, "<xf/>", "</cellXfs></styleSheet>", (2<<20-200)/part)),
		"many short shared texts":  replaced(t, good, "xl/sharedStrings.xml", zeros(strings0, "<si/>", "</sst>", (2<<20-200)/part)),
		"many empty rows":          replaced(t, good, "xl/worksheets/sheet1.xml", zeros(head, "<row/>", tail, 7<<20/part)),
		"rows that are very wide":  replaced(t, good, "xl/worksheets/sheet1.xml", zeros(head, `<row><c r="XFD1"/></row>`, tail, 7<<20/part)),
		"one row that is very far": replaced(t, good, "xl/worksheets/sheet1.xml", zeros(head, `<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row>`, tail, 200)),
		"a sheet that is no XML":   replaced(t, good, "xl/worksheets/sheet1.xml", zeros("", "<", "", 1<<20/part)),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		rows, problems := roster.Read(content)
		runtime.ReadMemStats(&after)
		grown := (after.Sys - before.Sys) >> 20
		prove.Record(t, "memory that a bad workbook takes: "+name, "at most 256 MiB", fmt.Sprintf("%d MiB", grown))
		if len(rows) > 0 {
			t.Errorf("%s: %d rows, %v", name, len(rows), problems)
		}
		t.Logf("%s: %d bytes sent, %d MiB more from the system: %v", name, len(content), grown, problems)
		if grown > 256 {
			t.Errorf("%s takes %d MiB", name, grown)
		}
	}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := roster.WriteXLSX(&b, roster.Chinese, []roster.Line{{Site: "S", Zone: "Z", Kind: "gate", Name: "N"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("site,zone,kind,name\na,b,gate,c\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, problems := roster.Read(content)
		if len(rows) > 0 && len(problems) > 0 {
			t.Errorf("rows and problems: %v, %v", rows, problems)
		}
	})
}
