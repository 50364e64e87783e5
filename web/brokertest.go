package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// TestTickets lets people try the MQTT broker from their browser; cmd/server joins one
// to it.
type TestTickets interface {
	// IssueTest makes a ticket for a session, after it was written into the audit
	// trail; what it lets in ends with the session. Path is left empty.
	IssueTest(ctx context.Context, by devices.Actor, session operators.Session) (Ticket, error)
}

func (s *Server) brokerTestRoutes(a *api) {
	add(a, operation(http.MethodPost, "/broker/test-ticket", "createTestTicket", "broker", "A ticket to try the broker at /mqtt, below test/ only", 200),
		func(ctx context.Context, _ *none) (*out[Ticket], error) {
			t, err := s.deps.TestTickets.IssueTest(ctx, actor(ctx), visitorOf(ctx).session)
			t.Path = mqttPath
			return &out[Ticket]{t}, err
		})
}
