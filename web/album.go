package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
)

// Picture is a picture that is there, and what it belongs to.
type Picture struct {
	Device     devices.DeviceID  `json:"device" doc:"the camera"`
	DeviceName string            `json:"deviceName"`
	Event      devices.EventID   `json:"event" doc:"GET /api/v1/devices/{device}/events/{event}/picture has it"`
	Site       devices.SiteID    `json:"site"`
	Zone       devices.ZoneID    `json:"zone"`
	ArrivedAt  time.Time         `json:"arrivedAt"`
	TakenAt    *time.Time        `json:"takenAt" doc:"by the camera's clock; null if its event did not come"`
	Size       int64             `json:"size" doc:"bytes"`
	Width      int               `json:"width" doc:"pixels"`
	Height     int               `json:"height" doc:"pixels"`
	Command    devices.CommandID `json:"command" doc:"that it was taken for; empty: none"`
	Passage    *PassageOf        `json:"passage"`
	Plate      string            `json:"plate" doc:"that it shows; empty: none is known"`
	Alarm      string            `json:"alarm" doc:"id of the newest alarm that came of its event or passage; empty: none"`
	Kept       bool              `json:"kept" doc:"it is not removed by age or for space"`
}

// PassageOf is the passage that a picture or a plate belongs to.
type PassageOf struct {
	Device     devices.DeviceID `json:"device" doc:"the gate or turnstile"`
	DeviceName string           `json:"deviceName"`
	Event      devices.EventID  `json:"event"`
	Direction  string           `json:"direction"`
	Result     string           `json:"result"`
	Reason     string           `json:"reason"`
	Credential string           `json:"credential"`
	DeviceTime time.Time        `json:"deviceTime"`
}

// PictureList is a page of pictures, newest first by arrival.
type PictureList struct {
	Pictures []Picture `json:"pictures"`
	Next     string    `json:"next" doc:"the before of the next page; empty: there is none"`
}

// PictureRetention says how long pictures are kept, and what there is.
type PictureRetention struct {
	KeepHours int64      `json:"keepHours" doc:"the configuration's pictures.keep"`
	Space     int64      `json:"space" doc:"bytes that all may take: the configuration's pictures.space"`
	Pictures  int64      `json:"pictures"`
	Bytes     int64      `json:"bytes" doc:"that all take"`
	Oldest    *time.Time `json:"oldest" doc:"arrival; null: there is none"`
}

type picturesRequest struct {
	Site    devices.SiteID    `query:"site" maxLength:"64"`
	Zone    devices.ZoneID    `query:"zone" maxLength:"64" doc:"that the camera stands in"`
	Device  devices.DeviceID  `query:"device" maxLength:"64" doc:"the camera"`
	Command devices.CommandID `query:"command" maxLength:"64"`
	Plate   string            `query:"plate" maxLength:"16" doc:"any part of the plate that it shows"`
	From    time.Time         `query:"from" doc:"arrived at this time or later"`
	To      time.Time         `query:"to" doc:"arrived before this time"`
	Before  cursor            `query:"before" maxLength:"129" doc:"next of the page before"`
	Limit   int               `query:"limit" minimum:"1" maximum:"100" default:"48"`
}

func (s *Server) albumRoutes(a *api) {
	add(a, operation(http.MethodGet, "/pictures", "listPictures", "events", "Pictures of cameras, newest first, with what they belong to", 200),
		func(ctx context.Context, i *picturesRequest) (*out[PictureList], error) {
			before := keyIn(i.Before)
			found, err := s.deps.Pictures.Find(ctx, pictures.Query{
				Site: i.Site, Zone: i.Zone, Device: i.Device, Command: i.Command, Plate: i.Plate, From: i.From, To: i.To,
				Before: pictures.Key{Device: before.Device, Event: before.ID}, Limit: i.Limit, Within: within(ctx),
			})
			if err != nil {
				return nil, err
			}
			list := PictureList{Pictures: each(found, func(f pictures.Found) Picture { return s.pictureOf(ctx, f) })}
			if len(found) == i.Limit {
				last := found[len(found)-1]
				list.Next = cursorOf(last.Device, last.Event)
			}
			return &out[PictureList]{list}, nil
		})
	add(a, operation(http.MethodGet, "/pictures/retention", "getPictureRetention", "events", "How long pictures are kept, and how many there are", 200),
		func(ctx context.Context, _ *none) (*out[PictureRetention], error) {
			u, err := s.deps.Pictures.Usage(ctx)
			r := s.deps.Pictures.Retention()
			return &out[PictureRetention]{PictureRetention{
				KeepHours: int64(r.Age / time.Hour), Space: r.Bytes, Pictures: u.Pictures, Bytes: u.Bytes, Oldest: instantOrNull(u.Oldest),
			}}, err
		})
}

func (s *Server) pictureOf(ctx context.Context, f pictures.Found) Picture {
	d := s.named(ctx, f.Device)
	p := Picture{
		Device: f.Device, DeviceName: d.Name, Event: f.Event, Site: f.Site, Zone: d.Zone, ArrivedAt: instant(f.ArrivedAt),
		Size: f.Size, Width: f.Width, Height: f.Height, Passage: s.passageOf(ctx, f.Passage), Plate: f.Plate, Alarm: f.Alarm, Kept: f.Kept,
	}
	if f.Of != nil {
		p.TakenAt, p.Command = instantOrNull(f.Of.DeviceTime), f.Of.Command
	}
	return p
}

func (s *Server) passageOf(ctx context.Context, e *devices.Event) *PassageOf {
	if e == nil || !reachOf(ctx).Place(e.Site, e.Zone) {
		return nil
	}
	return &PassageOf{
		Device: e.Device, DeviceName: s.named(ctx, e.Device).Name, Event: e.ID, Direction: e.Direction, Result: e.Result, Reason: e.Reason,
		Credential: e.Credential, DeviceTime: instant(e.DeviceTime),
	}
}
