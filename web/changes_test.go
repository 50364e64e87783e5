package web

import (
	"context"
	"testing"

	"gatehouse/devices"
)

func (c *control) Changes(_ context.Context, id devices.DeviceID, q devices.ChangeQuery) ([]devices.StateChange, error) {
	c.asked = q
	if id != "d1" {
		return nil, refusal(devices.NotFound, "", "there is no such device")
	}
	list := []devices.StateChange{
		{ID: 9, Device: "d1", Field: "physical", Was: "closed", Now: "open", DeviceTime: noon, ArrivedAt: noon, Command: "k1", Revision: 7},
		{ID: 5, Device: "d0", Field: "settings.pulse", Now: "500", DeviceTime: noon, ArrivedAt: noon, Revision: 3},
	}
	return list[:min(len(list), q.Limit)], c.err
}

func TestChangesOfADeviceArePagedAndSelected(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const first = `{"id":9,"device":"d1","field":"physical","was":"closed","now":"open","deviceTime":"2026-11-21T12:00:00Z",
		"arrivedAt":"2026-11-21T12:00:00Z","command":"k1","revision":7}`
	h.admin("GET", "/devices/d1/changes?limit=1&field=physical&from=2026-11-21T00:00:00Z&before=20", "").is(200, `{"changes":[`+first+`],"next":9}`)
	q, _ := h.control.asked.(devices.ChangeQuery)
	if q.Field != "physical" || q.Before != 20 || q.From.IsZero() || !q.To.IsZero() || q.Limit != 2 {
		t.Errorf("asked %+v", q)
	}
	h.admin("GET", "/devices/d1/changes", "").is(200, `{"changes":[`+first+`,{"id":5,"device":"d0","field":"settings.pulse","was":"","now":"500",
		"deviceTime":"2026-11-21T12:00:00Z","arrivedAt":"2026-11-21T12:00:00Z","command":"","revision":3}],"next":0}`)
	h.admin("GET", "/devices/d9/changes", "").problem(404, "not_found")
	h.admin("GET", "/devices/d1/changes?field=a%20b", "").problem(422, "invalid")
}
