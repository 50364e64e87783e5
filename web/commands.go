package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// Commander sends commands and has what became of them; devices.Control is one.
type Commander interface {
	Send(ctx context.Context, a devices.Actor, d devices.DeviceID, r devices.Request) (devices.Command, error)
	Cancel(ctx context.Context, a devices.Actor, id devices.CommandID) (devices.Command, error)
	Command(ctx context.Context, id devices.CommandID) (devices.Command, error)
	Commands(ctx context.Context, q devices.CommandQuery) ([]devices.Command, error)
}

// NewCommand orders a device to do something.
type NewCommand struct {
	Action devices.Action  `json:"action" enum:"open,close,stop,pass,snapshot,record,restart,set_time"`
	Args   map[string]text `json:"args,omitempty" maxProperties:"8" doc:"pass: direction=in or out; record: seconds=1 to 300"`
	Reason string          `json:"reason,omitempty" maxLength:"200" doc:"required for what is risky: see risky of the snapshot"`
	TTL    int64           `json:"ttlMs,omitempty" minimum:"1" maximum:"30000" doc:"ms that the order is good for; left out: 5 s"`
}

// CommandList is a device's commands, newest first.
type CommandList struct {
	Commands []feed.Command `json:"commands"`
	Next     string         `json:"next" doc:"the olderThan of the next page; empty: there is none"`
}

type commandRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Key  string           `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"64" pattern:"^[!-~]+$" doc:"made by the caller for this one order: the same key gives the same command"`
	Body NewCommand
}

type commandsRequest struct {
	ID     devices.DeviceID  `path:"id" minLength:"1" maxLength:"64"`
	Action devices.Action    `query:"action" maxLength:"64" doc:"only orders to do this; left out: any"`
	By     devices.ActorKind `query:"by" enum:"operator,schedule,token,system" doc:"what ordered it; left out: anybody"`
	From   time.Time         `query:"from" doc:"issued at this time or later"`
	Before time.Time         `query:"before" doc:"issued before this time"`
	Older  devices.CommandID `query:"olderThan" maxLength:"64" doc:"next of the page before"`
	Limit  int               `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type commandID struct {
	ID devices.CommandID `path:"id" minLength:"1" maxLength:"64"`
}

func (s *Server) commandRoutes(a *api) {
	add(a, operation(http.MethodPost, "/devices/{id}/commands", "sendCommand", "commands", "Order a device to do something", 202),
		func(ctx context.Context, i *commandRequest) (*out[feed.Command], error) {
			c, err := s.deps.Commander.Send(ctx, actor(ctx), i.ID, devices.Request{
				Key: i.Key, Action: i.Body.Action, Args: texts(i.Body.Args), Reason: i.Body.Reason,
				TTL: time.Duration(i.Body.TTL) * time.Millisecond,
			})
			return commandOut(c, err)
		})
	add(a, operation(http.MethodGet, "/devices/{id}/commands", "listCommands", "commands", "A device's commands, newest first", 200),
		func(ctx context.Context, i *commandsRequest) (*out[CommandList], error) {
			list, err := s.deps.Commander.Commands(ctx, devices.CommandQuery{
				Device: i.ID, Action: i.Action, By: i.By, From: i.From, Before: i.Before, Older: i.Older, Limit: i.Limit,
			})
			mine := inReach(ctx, list, func(c devices.Command) (devices.SiteID, devices.ZoneID) { return c.Site, c.Zone })
			page := CommandList{Commands: each(mine, feed.CommandOf)}
			if len(list) >= i.Limit {
				page.Next = string(list[len(list)-1].ID)
			}
			return &out[CommandList]{page}, err
		})
	add(a, operation(http.MethodGet, "/commands/{id}", "getCommand", "commands", "A command and its ladder", 200),
		func(ctx context.Context, i *commandID) (*out[feed.Command], error) {
			return commandOut(s.deps.Commander.Command(ctx, i.ID))
		})
	add(a, operation(http.MethodPost, "/commands/{id}/cancel", "cancelCommand", "commands", "Take a command back that is not sent yet; afterwards the answer is a conflict that names the step", 200),
		func(ctx context.Context, i *commandID) (*out[feed.Command], error) {
			return commandOut(s.deps.Commander.Cancel(ctx, actor(ctx), i.ID))
		})
}

func commandOut(c devices.Command, err error) (*out[feed.Command], error) {
	if err != nil {
		return nil, err
	}
	return &out[feed.Command]{feed.CommandOf(c)}, nil
}

// each converts every element; the result is never nil.
func each[A, B any](list []A, convert func(A) B) []B {
	made := make([]B, 0, len(list))
	for _, e := range list {
		made = append(made, convert(e))
	}
	return made
}
