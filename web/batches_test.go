package web

import (
	"reflect"
	"testing"
	"time"

	"gatehouse/devices"
)

const (
	batchSummaryJSON = `"id":"b1","site":"s1","zone":"z1","action":"open","args":{},"reason":"moving in",
		"actor":{"kind":"operator","id":"o1","name":"Wang"},"issued":"2026-11-21T12:00:00Z","ttlMs":5000,"devices":2`
	batchJSON = `{` + batchSummaryJSON + `,"members":[{"device":"d1","command":` + commandJSON + `,"problem":null},
		{"device":"d2","command":null,"problem":{"code":"refused","detail":"locked down by Wang"}}]}`
)

func TestManyDevicesAreOrderedAboutWithAResultForEach(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := header("Idempotency-Key", "press-0001")
	h.admin("POST", "/batches", `{"action":"open","zone":"z1","reason":"moving in","ttlMs":7000}`, key).is(202, batchJSON)
	h.admin("POST", "/batches/b1/cancel", "").is(200, batchJSON)
	h.admin("POST", "/batches/b9/cancel", "").problem(404, "not_found")
	want := devices.BatchRequest{Request: devices.Request{Key: "press-0001", Action: "open", Reason: "moving in", TTL: 7 * time.Second}, Zone: "z1"}
	if got := h.control.asked.(devices.BatchRequest); h.control.actor != wang || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v asked %+v", h.control.actor, got)
	}
	h.admin("GET", "/batches/b1", "").is(200, batchJSON)
	h.admin("GET", "/batches", "").is(200, `{"batches":[{`+batchSummaryJSON+`}]}`)
	h.admin("GET", "/batches?site=s1&before=b7&limit=3", "").wants(200)
	if got, want := h.control.asked, (devices.BatchQuery{Site: "s1", Before: "b7", Limit: 3}); got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
	h.admin("GET", "/batches?limit=501", "").names("query.limit")
	h.admin("GET", "/batches/b9", "").wants(404)
	h.admin("POST", "/batches", `{"action":"open","zone":"z1"}`, key).wants(422)
	h.admin("POST", "/batches", `{"action":"open","zone":"z1","reason":"x"}`).wants(422)
	h.control.err = refusal(devices.Conflict, "key", "used")
	h.admin("POST", "/batches", `{"action":"open","zone":"z1","reason":"x"}`, key).wants(409)
}
