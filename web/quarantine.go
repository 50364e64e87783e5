package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
)

// Quarantine has the messages that could not be understood; devices.Control is one.
type Quarantine interface {
	Quarantined(ctx context.Context, limit int) ([]devices.Quarantined, error)
}

// QuarantinedMessage is one message with its bytes and what is wrong with it.
type QuarantinedMessage struct {
	ID        int64            `json:"id"`
	Device    devices.DeviceID `json:"device"`
	Site      devices.SiteID   `json:"site"`
	Topic     string           `json:"topic"`
	Payload   []byte           `json:"payload"`
	Problem   string           `json:"problem" doc:"which field is wrong, and what would be right"`
	Why       devices.Why      `json:"why" enum:"malformed,oversized,wrong_kind,wrong_channel,other_content,unknown_answer,stranger"`
	ArrivedAt time.Time        `json:"arrivedAt"`
}

// QuarantineList is the newest messages first.
type QuarantineList struct {
	Messages []QuarantinedMessage `json:"messages"`
}

type quarantineRequest struct {
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) quarantineRoutes(a *api) {
	add(a, operation(http.MethodGet, "/quarantine", "listQuarantine", "devices", "Messages that could not be understood, newest first", 200),
		func(ctx context.Context, i *quarantineRequest) (*out[QuarantineList], error) {
			list, err := s.quarantinedWithin(ctx, i.Limit)
			return &out[QuarantineList]{QuarantineList{each(list, quarantinedOf)}}, err
		})
}

// mostQuarantined is how far back the list goes for somebody who is limited to a part
// of the property.
const mostQuarantined = 500

func (s *Server) quarantinedWithin(ctx context.Context, limit int) ([]devices.Quarantined, error) {
	if reachOf(ctx).Everything() {
		return s.deps.Quarantine.Quarantined(ctx, limit)
	}
	all, err := s.deps.Quarantine.Quarantined(ctx, mostQuarantined)
	mine := inReach(ctx, all, func(q devices.Quarantined) (devices.SiteID, devices.ZoneID) {
		if d := s.named(ctx, q.Device); d.Site == q.Site {
			return d.Site, d.Zone
		}
		return q.Site, "" // of a stranger: whoever has the whole site
	})
	return mine[:min(limit, len(mine))], err
}

func quarantinedOf(q devices.Quarantined) QuarantinedMessage {
	payload := q.Payload
	if payload == nil {
		payload = []byte{}
	}
	return QuarantinedMessage{
		ID: q.ID, Device: q.Device, Site: q.Site, Topic: q.Topic,
		Payload: payload, Problem: q.Problem, Why: q.Why, ArrivedAt: instant(q.Arrived),
	}
}
