package web

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/devices/operators"
)

func TestAListOfDevicesIsImportedOrToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	csv := header("Content-Type", "text/csv")
	const list = "site,zone,kind,name\nRiverside,Yard,gate,Boom\nRiverside,Yard,camera,Eye\n"
	h.admin("POST", "/devices/import?dryRun=true", list, csv).is(200, `{"registered":false,"devices":2,"ids":[],"zones":["Yard"],"errors":[]}`)
	if h.control.asked != [2]any{2, true} || h.control.actor != wang {
		t.Errorf("asked %v by %+v", h.control.asked, h.control.actor)
	}
	h.admin("POST", "/devices/import", list, csv).is(200, `{"registered":true,"devices":2,"ids":["",""],"zones":["Yard"],"errors":[]}`)
	h.admin("POST", "/devices/import", "site,zone,kind,name\nRiverside,Yard,gate,wrong\n", csv).is(200,
		`{"registered":false,"devices":0,"ids":[],"zones":[],"errors":[{"row":2,"column":"name","message":"must be another"}]}`)
	h.admin("POST", "/devices/import", "site,zone,kind\n", csv).is(200, `{"registered":false,"devices":0,"ids":[],"zones":[],
		"errors":[{"row":1,"column":"name","message":"the column is missing: the first line must name site, zone, kind, name"}]}`)
	h.admin("POST", "/devices/import", "site,zone,kind,name\n", csv).is(200, `{"registered":false,"devices":0,"ids":[],"zones":[],
		"errors":[{"row":0,"column":"","message":"the list has no device: each line after the first is one"}]}`)
	long := "site,zone,kind,name\n" + strings.Repeat("Riverside,Yard,gate,Boom\n", 4000) // more than a form may have
	h.admin("POST", "/devices/import?dryRun=true", long, csv).wants(200)
	h.admin("POST", "/devices/import", strings.Repeat("x", maxRoster+1), csv).problem(http.StatusRequestEntityTooLarge, "invalid")
	h.admin("POST", "/sites", strings.Repeat("x", maxBody+1)).problem(http.StatusRequestEntityTooLarge, "invalid")
	h.do("POST", apiPrefix+"/devices/import", list, csv, as(operators.Manager)).problem(403, "forbidden")
}

func TestDevicesAreExportedAsATableThatIsImportedAgain(t *testing.T) {
	t.Parallel()
	a := newHouse(t).admin("GET", "/devices/export", "").wants(200)
	want := "\uFEFFsite,zone,kind,name,form,pulse,pulse_in,pulse_out,open_time,fail,heartbeat,config,id,link,firmware,created\r\n" +
		"Riverside,North,gate,North in,,,,,,,,,d1,online,,2026-11-21 20:00:00\r\n"
	if a.body != want || a.header.Get("Content-Disposition") != `attachment; filename="devices-2026-11-21.csv"` {
		t.Errorf("got %q, %v", a.body, a.header)
	}
}

func TestDevicesAreExportedAsAWorkbookThatIsImportedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("GET", "/devices/export?format=xlsx&language=zh-CN", "").wants(200)
	if a.header.Get("Content-Disposition") != `attachment; filename="devices-2026-11-21.xlsx"` ||
		a.header.Get("Content-Type") != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" {
		t.Errorf("got %v", a.header)
	}
	h.admin("POST", "/devices/import?dryRun=true", a.body, header("Content-Type", a.header.Get("Content-Type"))).is(200,
		`{"registered":false,"devices":1,"ids":[],"zones":["Yard"],"errors":[]}`)
	h.admin("POST", "/devices/import", "PK\x03\x04 nothing", header("Content-Type", "text/csv")).is(200, `{"registered":false,"devices":0,"ids":[],"zones":[],
		"errors":[{"row":0,"column":"","message":"the file cannot be read as a workbook: save it as .xlsx again, or as “CSV UTF-8”"}]}`)
	h.admin("GET", "/devices/export?format=pdf", "").names("query.format")
	h.admin("GET", "/devices/export?language=xx", "").names("query.language")
}
