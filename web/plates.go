package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/plates"
)

// Plates has the readings of number plates; plates.Store is one.
type Plates interface {
	Readings(ctx context.Context, q plates.Query) ([]plates.Found, error)
}

// PlateReading is one car before one camera.
type PlateReading struct {
	ID         int64            `json:"id"`
	Device     devices.DeviceID `json:"device" doc:"the camera"`
	DeviceName string           `json:"deviceName"`
	Site       devices.SiteID   `json:"site"`
	Zone       devices.ZoneID   `json:"zone"`
	Plate      string           `json:"plate" doc:"in capitals, without spaces and dots"`
	Text       string           `json:"text" doc:"as the camera wrote it"`
	Form       string           `json:"form" enum:"ordinary,new_energy,learner,police,trailer,hong_kong,macao,consulate,embassy," doc:"of GA 36-2018; empty: none of them"`
	Confidence int              `json:"confidence" doc:"0 to 100: the highest of all events"`
	Colour     string           `json:"colour" doc:"of the plate: blue, yellow, black, white, green, yellow_green, other, or empty"`
	Direction  string           `json:"direction" doc:"in, out, or empty"`
	Event      devices.EventID  `json:"event" doc:"the event that the camera was surest of"`
	Events     int              `json:"events" doc:"how many are this reading"`
	FirstAt    time.Time        `json:"firstAt" doc:"by the camera's clock"`
	LastAt     time.Time        `json:"lastAt" doc:"by the camera's clock"`
	ArrivedAt  time.Time        `json:"arrivedAt" doc:"of the event that arrived first"`
	Picture    devices.EventID  `json:"picture" doc:"event of the camera whose picture shows it; empty: there is none, or not any more"`
	Passage    *PassageOf       `json:"passage" doc:"at most 10 s away, with this plate as its credential"`
}

// PlateList is a page of readings, newest first by the cameras' clocks.
type PlateList struct {
	Readings []PlateReading `json:"readings"`
	Next     int64          `json:"next" doc:"the before of the next page; 0: there is none"`
}

type platesRequest struct {
	Site     devices.SiteID   `query:"site" maxLength:"64"`
	Zone     devices.ZoneID   `query:"zone" maxLength:"64"`
	Device   devices.DeviceID `query:"device" maxLength:"64" doc:"the camera"`
	Plate    string           `query:"plate" maxLength:"16" doc:"any part of the plate"`
	Doubtful bool             `query:"doubtful" doc:"only plates that have no form of GA 36-2018"`
	From     time.Time        `query:"from" doc:"first seen at this time or later"`
	To       time.Time        `query:"to" doc:"first seen before this time"`
	Before   int64            `query:"before" minimum:"0" doc:"next of the page before"`
	Limit    int              `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

func (s *Server) plateRoutes(a *api) {
	add(a, operation(http.MethodGet, "/plates", "listPlates", "events", "Number plates that cameras read, newest first, one row for each car", 200),
		func(ctx context.Context, i *platesRequest) (*out[PlateList], error) {
			found, err := s.deps.Plates.Readings(ctx, plates.Query{
				Site: i.Site, Zone: i.Zone, Device: i.Device, Part: i.Plate, Doubtful: i.Doubtful, From: i.From, To: i.To, Before: i.Before, Limit: i.Limit, Within: within(ctx),
			})
			if err != nil {
				return nil, err
			}
			list := PlateList{Readings: each(found, func(f plates.Found) PlateReading { return s.readingOf(ctx, f) })}
			if len(found) == i.Limit {
				list.Next = found[len(found)-1].ID
			}
			return &out[PlateList]{list}, nil
		})
}

func (s *Server) readingOf(ctx context.Context, f plates.Found) PlateReading {
	r := PlateReading{
		ID: f.ID, Device: f.Device, DeviceName: s.named(ctx, f.Device).Name, Site: f.Site, Zone: f.Zone, Plate: f.Plate, Text: f.Text, Form: string(f.Form),
		Confidence: f.Confidence, Colour: f.Colour, Direction: f.Direction, Event: f.Event, Events: f.Events,
		FirstAt: instant(f.First), LastAt: instant(f.Last), ArrivedAt: instant(f.ArrivedAt), Passage: s.passageOf(ctx, f.Passage),
	}
	if f.Shown {
		r.Picture = f.Picture
	}
	return r
}
