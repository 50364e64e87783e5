package main

import (
	"context"
	"strings"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/web"
)

// What a test client of the console may do: publish and subscribe below a level that
// nothing else uses. Doors are opened by orders only, which are written down, and
// never by a message that somebody types.
const (
	testRoot    = "test/"
	testPayload = 64 << 10 // bytes
)

// testers lets people try the broker from their browser.
type testers struct {
	tickets *operators.Tickets
	audit   auditor
}

// IssueTest implements web.TestTickets.
func (t testers) IssueTest(ctx context.Context, by devices.Actor, session operators.Session) (web.Ticket, error) {
	if err := t.audit.Record(ctx, by, "broker.test", "topic:"+testRoot+"#", nil); err != nil {
		return web.Ticket{}, err
	}
	x := t.tickets.IssueTest(session)
	return web.Ticket{ClientID: x.ClientID, Username: x.Username, Password: x.Password, Filters: []string{testRoot + "#"}, Expires: milliseconds(x.Expires)}, nil
}

// testGrant is the right of a test client.
func testGrant(c operators.Claim) broker.Grant {
	below := func(s string) bool { return len(s) > len(testRoot) && strings.HasPrefix(s, testRoot) }
	return tested{grant{identity: c.Identity, valid: c.Valid, publish: below, subscribe: below}}
}

type tested struct{ grant }

// Limit implements broker.Limiter. What is retained would stay when the test is over,
// so nothing is.
func (tested) Limit(size int, retain bool) packet.ReasonCode {
	switch {
	case retain:
		return packet.NotAuthorized
	case size > testPayload:
		return packet.QuotaExceeded
	}
	return packet.Success
}
