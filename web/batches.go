package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// Batches orders many devices about at once; devices.Control does.
type Batches interface {
	SendBatch(ctx context.Context, a devices.Actor, r devices.BatchRequest) (devices.BatchResult, error)
	CancelBatch(ctx context.Context, a devices.Actor, id devices.BatchID) (devices.BatchResult, error)
	Batch(ctx context.Context, id devices.BatchID) (devices.BatchResult, error)
	Batches(ctx context.Context, q devices.BatchQuery) ([]devices.Batch, error)
}

// NewBatch orders many devices of one site to do the same.
type NewBatch struct {
	Action  devices.Action     `json:"action" enum:"open,close,stop,pass,snapshot,record,restart,set_time"`
	Args    map[string]text    `json:"args,omitempty" maxProperties:"8" doc:"pass: direction=in or out; record: seconds=1 to 300"`
	Reason  string             `json:"reason" minLength:"1" maxLength:"200"`
	TTL     int64              `json:"ttlMs,omitempty" minimum:"1" maximum:"30000" doc:"ms that the orders are good for; left out: 5 s"`
	Devices []devices.DeviceID `json:"devices,omitempty" maxItems:"1000" doc:"one of devices, zone and site; a zone or site means its devices that can do it"`
	Zone    devices.ZoneID     `json:"zone,omitempty" maxLength:"64"`
	Site    devices.SiteID     `json:"site,omitempty" maxLength:"64"`
}

// BatchSummary is an order to many devices.
type BatchSummary struct {
	ID      devices.BatchID   `json:"id"`
	Site    devices.SiteID    `json:"site"`
	Zone    devices.ZoneID    `json:"zone" doc:"of an order to a zone; empty: to the site, or to devices that were named"`
	Action  devices.Action    `json:"action"`
	Args    map[string]string `json:"args"`
	Reason  string            `json:"reason"`
	Actor   feed.Actor        `json:"actor"`
	Issued  time.Time         `json:"issued"`
	TTL     int64             `json:"ttlMs"`
	Devices int               `json:"devices" doc:"how many it is for"`
}

// Batch is an order to many devices and what became of it for each.
type Batch struct {
	BatchSummary
	Members []BatchMember `json:"members"`
}

// BatchMember is one device of a batch.
type BatchMember struct {
	Device  devices.DeviceID `json:"device"`
	Command *feed.Command    `json:"command" doc:"null: none was made (problem says why), or not yet (ask again), or the server stopped before"`
	Problem *MemberProblem   `json:"problem" doc:"null: none"`
}

// MemberProblem is why a device of a batch got no command.
type MemberProblem struct {
	Code   string `json:"code" doc:"as in Problem; cancelled: the order was stopped before"`
	Detail string `json:"detail"`
}

// BatchList is orders to many devices, newest first.
type BatchList struct {
	Batches []BatchSummary `json:"batches"`
}

type batchRequest struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"64" pattern:"^[!-~]+$" doc:"made by the caller for this one order: the same key gives the same batch"`
	Body NewBatch
}

type batchesRequest struct {
	Site   devices.SiteID  `query:"site" maxLength:"64"`
	Before devices.BatchID `query:"before" maxLength:"64" doc:"id of the last one that was read: older ones follow"`
	Limit  int             `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type batchID struct {
	ID devices.BatchID `path:"id" minLength:"1" maxLength:"64"`
}

func (s *Server) batchRoutes(a *api) {
	add(a, operation(http.MethodPost, "/batches", "sendBatch", "commands", "Order the devices of a zone or site, or those named, to do the same", 202),
		func(ctx context.Context, i *batchRequest) (*out[Batch], error) {
			b := i.Body
			if b.Action == devices.ActionOpen || b.Action == devices.ActionPass {
				if err := s.fresh(ctx); err != nil {
					return nil, err
				}
			}
			r, err := s.deps.Batches.SendBatch(ctx, actor(ctx), devices.BatchRequest{
				Request: devices.Request{Key: i.Key, Action: b.Action, Args: texts(b.Args), Reason: b.Reason, TTL: time.Duration(b.TTL) * time.Millisecond},
				Devices: b.Devices, Zone: b.Zone, Site: b.Site,
			})
			return batchOut(r, err)
		})
	add(a, operation(http.MethodGet, "/batches", "listBatches", "commands", "Orders to many devices, newest first", 200),
		func(ctx context.Context, i *batchesRequest) (*out[BatchList], error) {
			list, err := s.batchesWithin(ctx, devices.BatchQuery{Site: i.Site, Before: i.Before, Limit: i.Limit})
			return &out[BatchList]{BatchList{each(list, summaryOf)}}, err
		})
	add(a, operation(http.MethodGet, "/batches/{id}", "getBatch", "commands", "An order to many devices, with the command of each", 200),
		func(ctx context.Context, i *batchID) (*out[Batch], error) {
			return batchOut(s.deps.Batches.Batch(ctx, i.ID))
		})
	add(a, operation(http.MethodPost, "/batches/{id}/cancel", "cancelBatch", "commands", "Stop an order to many devices: what is not sent is taken back, what is not made is not made", 200),
		func(ctx context.Context, i *batchID) (*out[Batch], error) {
			return batchOut(s.deps.Batches.CancelBatch(ctx, actor(ctx), i.ID))
		})
}

// mostBatches is how far back a list of orders to many goes for somebody who is limited
// to a part of the property.
const mostBatches = 500

func (s *Server) batchesWithin(ctx context.Context, q devices.BatchQuery) ([]devices.Batch, error) {
	r := reachOf(ctx)
	if r.Everything() {
		return s.deps.Batches.Batches(ctx, q)
	}
	limit := q.Limit
	q.Limit = mostBatches
	all, err := s.deps.Batches.Batches(ctx, q)
	mine := slices.DeleteFunc(all, func(b devices.Batch) bool { return !s.batchWithin(ctx, r, b) })
	return mine[:min(limit, len(mine))], err
}

func summaryOf(b devices.Batch) BatchSummary {
	args := b.Args
	if args == nil {
		args = map[string]string{}
	}
	return BatchSummary{
		ID: b.ID, Site: b.Site, Zone: b.Zone, Action: b.Action, Args: args, Reason: b.Reason,
		Actor:  feed.Actor{Kind: string(b.Actor.Kind), ID: b.Actor.ID, Name: b.Actor.Name},
		Issued: b.Issued.UTC(), TTL: b.TTL.Milliseconds(), Devices: len(b.Members),
	}
}

func batchOut(r devices.BatchResult, err error) (*out[Batch], error) {
	if err != nil {
		return nil, err
	}
	b := Batch{BatchSummary: summaryOf(r.Batch), Members: make([]BatchMember, len(r.Members))}
	for i, m := range r.Members {
		b.Members[i].Device = m.Device
		if r.Commands[i].ID != "" {
			c := feed.CommandOf(r.Commands[i])
			b.Members[i].Command = &c
		}
		if m.Code != "" {
			b.Members[i].Problem = &MemberProblem{Code: string(m.Code), Detail: m.Problem}
		}
	}
	return &out[Batch]{b}, nil
}
