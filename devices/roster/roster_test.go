package roster_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/roster"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	names := []string{"North in", "东门, \"1\"", "=1+1", "'quoted", "-3", "@home"}
	lines := make([]roster.Line, len(names))
	want := make([]devices.RosterRow, len(names))
	for i, n := range names {
		set := map[string]string{"form": "sliding", "pulse": "500", "fail": "secure"}
		lines[i] = roster.Line{Site: "翠湖花园", Zone: "Garage", Kind: "gate", Name: n, Settings: set, Config: "drifting", ID: "x", Link: "online"}
		want[i] = devices.RosterRow{Row: i + 2, Site: "翠湖花园", Zone: "Garage", Kind: devices.Gate, Name: n, Settings: set}
	}
	for _, in := range []roster.Language{roster.English, roster.Chinese} {
		for form, write := range map[string]func(io.Writer, roster.Language, []roster.Line) error{"CSV": roster.WriteCSV, "XLSX": roster.WriteXLSX} {
			var b bytes.Buffer
			if err := write(&b, in, lines); err != nil {
				t.Fatal(err)
			}
			rows, problems := roster.Read(b.Bytes())
			if d := cmp.Diff(want, rows); d != "" || problems != nil {
				t.Errorf("%s in %s read back (-want +got):\n%s%v", form, in, d, problems)
			}
		}
	}
	var b bytes.Buffer
	if err := roster.WriteCSV(&b, roster.English, lines); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b.Bytes(), []byte{0xEF, 0xBB, 0xBF}) {
		t.Error("no byte order mark")
	}
	for _, line := range strings.Split(b.String(), "\r\n") {
		for _, field := range strings.Split(line, ",") {
			if strings.HasPrefix(field, "=") || strings.HasPrefix(field, "@") {
				t.Errorf("a spreadsheet takes %q for a formula", field)
			}
		}
	}
	rows, problems := roster.ReadCSV(b.Bytes())
	if d := cmp.Diff(want, rows); d != "" || problems != nil {
		t.Errorf("read back (-want +got):\n%s%v", d, problems)
	}
}

func TestColumnsComeInAnyOrderCaseAndLanguage(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Name,KIND,extra,zone,site\nBoom,Gate,x,North,Lakeside\n,,,,\n",
		"site;zone;kind;name\r\nLakeside;North;gate;Boom\r\n",
		"名称,类型,区域,小区/园区\nBoom,道闸,North,Lakeside",
	} {
		rows, problems := roster.ReadCSV([]byte(text))
		want := []devices.RosterRow{{Row: 2, Site: "Lakeside", Zone: "North", Kind: devices.Gate, Name: "Boom"}}
		if d := cmp.Diff(want, rows); d != "" || problems != nil {
			t.Errorf("%q (-want +got):\n%s%v", text, d, problems)
		}
	}
}

func TestAFileThatCannotBeReadIsToldWhereAndWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	long.WriteString("site,zone,kind,name\n")
	for i := range roster.MaxRows + 1 {
		fmt.Fprintf(&long, "s,z,gate,d%d\n", i)
	}
	for text, want := range map[string]string{
		"":                                     "0  empty",
		"site,zone,kind\nx,y,gate":             "1 name missing",
		"site,site,zone,kind,name\n":           "1 site twice",
		"site,zone,kind,name\na,b,gate,\"x\ny": "3  quotation",
		"site,zone,kind,name\n\xff":            "0  UTF-8",
		"\xD0\xCF\x11\xE0\xA1\xB1":             "0  old .xls",
		"PK\x03\x04":                           "0  workbook",
		strings.Repeat("\n,,,", 20_001):        "0  lines",
		long.String():                          "0  divide",
	} {
		rows, problems := roster.Read([]byte(text))
		if rows != nil || len(problems) != 1 {
			t.Errorf("%.30q: %d rows, problems %v", text, len(rows), problems)
			continue
		}
		p, parts := problems[0], strings.SplitN(want, " ", 3)
		if fmt.Sprint(p.Row) != parts[0] || p.Column != parts[1] || !strings.Contains(p.Message, parts[2]) {
			t.Errorf("%.30q: %+v, want %q", text, p, want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("site,zone,kind,name\nLakeside,North,gate,Boom\n"))
	f.Add([]byte("\uFEFFsite;zone;kind;name\r\n\"a\"\"b\";;;\r\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, problems := roster.ReadCSV(content)
		if len(rows) > 0 && len(problems) > 0 {
			t.Errorf("rows and problems: %v, %v", rows, problems)
		}
	})
}
