package web

import (
	"errors"
	"testing"

	"gatehouse/devices/operators"
)

func TestATestTicketIsForWhoeverManagesTheBroker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/broker/test-ticket", "").is(200, `{"clientId":"console-test-1","username":"console","password":"secret","path":"/mqtt","filters":["test/#"],"expires":"2026-11-21T12:00:00Z"}`)
	if h.broker.actor != wang || h.broker.asked != (operators.SessionKey{7}) {
		t.Errorf("for %v by %+v", h.broker.asked, h.broker.actor)
	}
	h.do("POST", "/api/v1/broker/test-ticket", "", as(operators.Manager)).problem(403, "forbidden")
	h.broker.err = errors.New("the trail cannot be written")
	h.admin("POST", "/broker/test-ticket", "").problem(500, "internal")
}
