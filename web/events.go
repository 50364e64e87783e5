package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// Events has what devices said; devices.Control is one.
type Events interface {
	Events(ctx context.Context, q devices.EventQuery) ([]devices.Event, error)
	ExportEvents(ctx context.Context, q devices.EventQuery) ([]devices.Event, error)
}

// EventList is a page of events, newest first.
type EventList struct {
	Events []feed.Event `json:"events"`
	Next   string       `json:"next" doc:"the olderThan of the next page; empty: there is none"`
}

// EventSelection says which events are meant.
type EventSelection struct {
	Site   devices.SiteID   `query:"site" maxLength:"64"`
	Device devices.DeviceID `query:"device" maxLength:"64"`
	Zone   devices.ZoneID   `query:"zone" maxLength:"64" doc:"where the device stood"`
	Type   string           `query:"type" maxLength:"64"`
	From   time.Time        `query:"from" doc:"arrived at this time or later"`
	Before time.Time        `query:"before" doc:"arrived before this time"`
}

func (e EventSelection) query(ctx context.Context) devices.EventQuery {
	return devices.EventQuery{Site: e.Site, Device: e.Device, Zone: e.Zone, Type: e.Type, From: e.From, Before: e.Before, Within: within(ctx)}
}

type eventsRequest struct {
	EventSelection
	Older cursor `query:"olderThan" maxLength:"129" doc:"next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) eventRoutes(a *api) {
	add(a, operation(http.MethodGet, "/events", "listEvents", "events", "What devices said, newest first", 200),
		func(ctx context.Context, i *eventsRequest) (*out[EventList], error) {
			q := i.query(ctx)
			q.Older, q.Limit = keyIn(i.Older), i.Limit
			list, err := s.deps.Events.Events(ctx, q)
			page := EventList{Events: each(list, feed.EventOf)}
			if len(list) == i.Limit {
				last := list[len(list)-1]
				page.Next = cursorOf(last.Device, last.ID)
			}
			return &out[EventList]{page}, err
		})
	s.eventExportRoute(a)
}

// cursor names the event, or the picture of an event, that a page ends with.
type cursor string

// cursorOf is how a page names the event, or the picture of an event, that it ends with.
func cursorOf(d devices.DeviceID, e devices.EventID) string { return string(d) + "/" + string(e) }

// keyIn is what a cursor names.
func keyIn(c cursor) devices.EventKey {
	device, event, _ := strings.Cut(string(c), "/")
	return devices.EventKey{Device: devices.DeviceID(device), ID: devices.EventID(event)}
}
