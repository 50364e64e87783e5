package web

import (
	"testing"
	"time"

	"gatehouse/devices"
)

const (
	rulingJSON = `"layer":"lockdown","scope":{"kind":"zone","id":"z1","direction":""},"mode":"locked_down",
		"by":{"kind":"operator","id":"o1","name":"Wang"},"reason":"a lost child","since":"2026-11-21T12:00:00Z","until":null`
	layersJSON = `{"layers":[{"id":"lockdown.zone.z1","site":"s1","zone":"z1","set":true,` + rulingJSON + `,"revision":11}]}`
)

func TestLayersAreSetAndListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/layers", "").is(200, layersJSON)
	h.admin("POST", "/layers", `{"action":"lock_down","zone":"z1","reason":"a lost child"}`).is(200, layersJSON)
	want := devices.LayerRequest{Action: devices.LockDown, Zone: "z1", Reason: "a lost child"}
	if h.control.actor != wang || h.control.asked != want {
		t.Errorf("%+v asked %+v", h.control.actor, h.control.asked)
	}
	h.admin("POST", "/layers", `{"action":"hold_open","device":"d1","direction":"in","reason":"x","until":"2026-11-21T13:00:00Z"}`).wants(200)
	want = devices.LayerRequest{Action: devices.HoldOpen, Device: "d1", Direction: "in", Reason: "x", Until: noon.Add(time.Hour)}
	if h.control.asked != want {
		t.Errorf("asked %+v", h.control.asked)
	}
	h.admin("POST", "/layers", `{"action":"explode","zone":"z1"}`).names("body.action")
	h.control.err = refusal(devices.Invalid, "reason", "say why")
	h.admin("POST", "/layers", `{"action":"lock_down","zone":"z1"}`).names("body.reason")
}

func TestARefusedOrderSaysWhichLayerRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	setting := aLockdown().Setting
	h.control.err = &devices.Error{Op: "test", Code: devices.Refused, Field: "action", Message: "locked down by Wang", Ruling: &setting}
	a := h.admin("POST", "/devices/d1/commands", `{"action":"open"}`, header("Idempotency-Key", "press-0001"))
	a.is(409, `{"status":409,"title":"Conflict","detail":"action: locked down by Wang","code":"refused","ruling":{`+rulingJSON+`},
		"errors":[{"location":"body.action","code":"wrong","message":"locked down by Wang"}]}`)
}
