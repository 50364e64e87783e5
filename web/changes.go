package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
)

// Changes has what devices reported otherwise than before; devices.Control is one.
type Changes interface {
	Changes(ctx context.Context, d devices.DeviceID, q devices.ChangeQuery) ([]devices.StateChange, error)
}

// StateChange is one thing that a device reported otherwise than before.
type StateChange struct {
	ID         int64     `json:"id"`
	Device     string    `json:"device" doc:"the device itself, or one whose place it took"`
	Field      string    `json:"field" doc:"what changed: see the parameter field; a setting is settings.{name}"`
	Was        string    `json:"was" doc:"empty: nothing, or not said"`
	Now        string    `json:"now" doc:"empty: nothing, or not said"`
	DeviceTime time.Time `json:"deviceTime" doc:"by the device's own clock"`
	ArrivedAt  time.Time `json:"arrivedAt"`
	Command    string    `json:"command" doc:"the command that the device named as the cause; empty: none"`
	Revision   int64     `json:"revision"`
}

// ChangeList is a page of changes, newest first.
type ChangeList struct {
	Changes []StateChange `json:"changes"`
	Next    int64         `json:"next" doc:"before, for the next page; 0: there is none"`
}

type changesRequest struct {
	ID     devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Field  string           `query:"field" maxLength:"80" pattern:"^[A-Za-z0-9._-]*$" doc:"mode, mode.in, mode.out, physical, alarm, tamper, fault, power, firmware, capabilities, heartbeat, config, settings (all of them), settings.{name}"`
	From   time.Time        `query:"from" doc:"arrived at this time or later"`
	To     time.Time        `query:"to" doc:"arrived before this time"`
	Before int64            `query:"before" minimum:"0" doc:"next of the page before"`
	Limit  int              `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) changeRoutes(a *api) {
	add(a, operation(http.MethodGet, "/devices/{id}/changes", "listChanges", "devices",
		"What a device, and those whose place it took, reported otherwise than before, newest first", 200),
		func(ctx context.Context, i *changesRequest) (*out[ChangeList], error) {
			list, err := s.deps.Changes.Changes(ctx, i.ID, devices.ChangeQuery{
				Field: i.Field, From: i.From, To: i.To, Before: i.Before, Limit: i.Limit + 1,
			})
			if err != nil {
				return nil, err
			}
			page := ChangeList{}
			if len(list) > i.Limit {
				list = list[:i.Limit]
				page.Next = list[len(list)-1].ID
			}
			mine := inReach(ctx, list, func(c devices.StateChange) (devices.SiteID, devices.ZoneID) { return s.placeOf(ctx, c.Device) })
			page.Changes = each(mine, changeOf)
			return &out[ChangeList]{page}, nil
		})
}

func changeOf(c devices.StateChange) StateChange {
	return StateChange{
		ID: c.ID, Device: string(c.Device), Field: c.Field, Was: c.Was, Now: c.Now, DeviceTime: instant(c.DeviceTime),
		ArrivedAt: instant(c.ArrivedAt), Command: string(c.Command), Revision: int64(c.Revision),
	}
}
