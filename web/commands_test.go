package web

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"gatehouse/devices"
)

func TestOrdersOfADeviceAreSelectedAndPaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const page = "/devices/d1/commands?limit=1&action=open&by=operator&from=2026-11-21T00:00:00Z&before=2026-11-22T00:00:00Z&olderThan=k7"
	h.admin("GET", page, "").is(200, `{"commands":[`+commandJSON+`],"next":"k1"}`)
	from := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	want := devices.CommandQuery{Device: "d1", Action: devices.ActionOpen, By: devices.ActorOperator, From: from, Before: from.AddDate(0, 0, 1), Older: "k7", Limit: 1}
	if !reflect.DeepEqual(h.control.asked, want) {
		t.Errorf("asked %+v", h.control.asked)
	}
	h.control.err = refusal(devices.Invalid, "olderThan", "must be the next of the page before")
	h.admin("GET", "/devices/d1/commands?olderThan=k9", "").problem(http.StatusUnprocessableEntity, "invalid")
}
