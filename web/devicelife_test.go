package web

import (
	"net/http"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestPlacesAndDevicesAreRenamedAndMoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("PATCH", "/sites/s1", `{"name":"Lakeside"}`).is(200, `{"id":"s1","name":"Lakeside","timeZone":"Asia/Shanghai","revision":0}`)
	h.admin("PATCH", "/zones/z1", `{"name":"West"}`).is(200, `{"id":"z1","site":"s1","name":"West"}`)
	h.admin("PATCH", "/devices/d1", `{"name":"Boom","zone":"z2"}`).is(200, deviceJSON)
	if want := (devices.DeviceEdit{Name: "Boom", Zone: "z2"}); h.control.asked != want || h.control.actor != wang {
		t.Errorf("asked %+v by %+v", h.control.asked, h.control.actor)
	}
	h.control.err = refusal(devices.Invalid, "zone", "must be a zone of the device's own site")
	h.admin("PATCH", "/devices/d1", `{"zone":"z9"}`).names("body.zone")
}

func TestDevicesAreRetiredReplacedAndTransferredWithAReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/devices/d1/retire", `{"reason":"torn down"}`).wants(http.StatusNoContent)
	if h.control.asked != "retire d1: torn down" || h.control.actor != wang {
		t.Errorf("asked %v by %+v", h.control.asked, h.control.actor)
	}
	h.admin("POST", "/devices/d1/replace", `{"reason":"broken"}`).is(201, deviceJSON)
	if h.control.asked != "replace d1: broken" {
		t.Errorf("asked %v", h.control.asked)
	}
	h.admin("POST", "/devices/d1/transfer", `{"zone":"z9","reason":"moved"}`).is(201, deviceJSON)
	if h.control.asked != "transfer d1 to z9: moved" {
		t.Errorf("asked %v", h.control.asked)
	}
	for _, path := range []string{"retire", "replace", "transfer"} {
		h.admin("POST", "/devices/d1/"+path, `{"zone":"z9"}`).problem(422, "invalid")
		h.do("POST", apiPrefix+"/devices/d1/"+path, `{"reason":"x"}`, as(operators.Manager)).problem(403, "forbidden")
	}
	h.admin("GET", "/devices/retired", "").is(200, `{"devices":[{"device":`+deviceJSON+`,"retired":"2026-11-21T12:00:00Z"}]}`)
}
