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
	h.admin("POST", "/devices/import?dryRun=true", list, csv).is(200, `{"registered":false,"devices":2,"zones":["Yard"],"errors":[]}`)
	if h.control.asked != [2]any{2, true} || h.control.actor != wang {
		t.Errorf("asked %v by %+v", h.control.asked, h.control.actor)
	}
	h.admin("POST", "/devices/import", list, csv).is(200, `{"registered":true,"devices":2,"zones":["Yard"],"errors":[]}`)
	h.admin("POST", "/devices/import", "site,zone,kind,name\nRiverside,Yard,gate,wrong\n", csv).is(200,
		`{"registered":false,"devices":0,"zones":[],"errors":[{"row":2,"column":"name","message":"must be another"}]}`)
	h.admin("POST", "/devices/import", "site,zone,kind\n", csv).is(200, `{"registered":false,"devices":0,"zones":[],
		"errors":[{"row":1,"column":"name","message":"the column is missing: the first line must name site, zone, kind, name"}]}`)
	h.admin("POST", "/devices/import", "site,zone,kind,name\n", csv).is(200, `{"registered":false,"devices":0,"zones":[],
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
	want := "\uFEFFsite,zone,kind,name,id,link,firmware\r\nRiverside,North,gate,North in,d1,online,\r\n"
	if a.body != want || a.header.Get("Content-Disposition") != `attachment; filename="devices-2026-11-21.csv"` {
		t.Errorf("got %q, %v", a.body, a.header)
	}
}
