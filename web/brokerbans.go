package web

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/bans"
	"gatehouse/devices/lobby"
	"gatehouse/devices/presence"
)

// Bans keeps people's bans of the broker; bans.Service does.
type Bans interface {
	List() []bans.Ban
	Of(c bans.Client) []bans.Ban
	Add(ctx context.Context, by devices.Actor, d bans.Draft) (bans.Ban, error)
	Lift(ctx context.Context, by devices.Actor, id bans.ID, reason string) (bans.Ban, error)
}

// Ban keeps somebody out of the MQTT broker.
type Ban struct {
	ID     bans.ID    `json:"id"`
	Kind   bans.Kind  `json:"kind" enum:"client,address,username" doc:"what it goes by"`
	Value  string     `json:"value" doc:"the client identifier, the prefix of addresses or the user name" example:"192.0.2.7/32"`
	Reason string     `json:"reason"`
	By     string     `json:"by" doc:"who banned"`
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until" doc:"null: it has no end of its own"`

	State       string     `json:"state" enum:"in_force,ended,lifted"`
	Over        *time.Time `json:"over" doc:"since when it does not act any more; null: it acts"`
	LiftedBy    string     `json:"liftedBy" doc:"empty: it was not lifted"`
	LiftReason  string     `json:"liftReason"`
	Refused     int64      `json:"refused" doc:"connections that it refused"`
	LastRefused *time.Time `json:"lastRefused" doc:"null: it has refused none"`
}

// BanList has those in force, the newest first, and behind them those that were over in the last
// 30 days.
type BanList struct {
	Bans []Ban `json:"bans"`
}

// NewBan bans a client of the broker.
type NewBan struct {
	Kind   bans.Kind  `json:"kind" enum:"client,address,username"`
	Value  string     `json:"value" minLength:"1" maxLength:"500" doc:"a client identifier or a user name to the letter; of addresses 192.0.2.7, 192.0.2.0/24, 2001:db8::7 (which means its /64) or 2001:db8::/48" example:"192.0.2.7"`
	Reason string     `json:"reason" minLength:"1" maxLength:"200"`
	Until  *time.Time `json:"until" required:"false" doc:"null or left out: without an end"`
}

type liftRequest struct {
	ID   bans.ID `path:"id" minLength:"1" maxLength:"64"`
	Body Why
}

func (s *Server) brokerBanRoutes(a *api) {
	add(a, operation(http.MethodGet, "/broker/bans", "listBans", "broker", "Who is banned from the MQTT broker, and who was", 200),
		func(context.Context, *none) (*out[BanList], error) {
			return &out[BanList]{BanList{s.bansOut(s.deps.Bans.List())}}, nil
		})
	add(a, operation(http.MethodPost, "/broker/bans", "createBan", "broker",
		"Ban from the MQTT broker: whoever it is about is disconnected now, and let in no more", 201),
		func(ctx context.Context, i *in[NewBan]) (*out[Ban], error) {
			d := bans.Draft{Kind: i.Body.Kind, Value: i.Body.Value, Reason: i.Body.Reason}
			if i.Body.Until != nil {
				d.Until = *i.Body.Until
			}
			b, err := s.deps.Bans.Add(ctx, actor(ctx), d)
			if err != nil {
				return nil, err
			}
			return &out[Ban]{s.banOut(b)}, nil
		})
	add(a, operation(http.MethodPost, "/broker/bans/{id}/lift", "liftBan", "broker", "Lift a ban: whoever it is about may connect again", 200),
		func(ctx context.Context, i *liftRequest) (*out[Ban], error) {
			b, err := s.deps.Bans.Lift(ctx, actor(ctx), i.ID, i.Body.Reason)
			if err != nil {
				return nil, err
			}
			return &out[Ban]{s.banOut(b)}, nil
		})
}

func (s *Server) bansOut(all []bans.Ban) []Ban { return each(all, s.banOut) }

func (s *Server) banOut(b bans.Ban) Ban {
	over := b.Over(s.deps.Now())
	state := "in_force"
	switch {
	case !b.Lifted.IsZero():
		state = "lifted"
	case !over.IsZero():
		state = "ended"
	}
	return Ban{
		ID: b.ID, Kind: b.Kind, Value: b.Value, Reason: b.Reason, By: b.By.Name, Since: instant(b.Since), Until: instantOrNull(b.Until),
		State: state, Over: instantOrNull(over), LiftedBy: b.LiftedBy.Name, LiftReason: b.LiftReason, Refused: b.Refused, LastRefused: instantOrNull(b.LastRefused),
	}
}

// bansOf are the bans that keep a device out: of its id, and of the address that it, or
// whoever called itself so, was refused at last, while it is not connected.
func (s *Server) bansOf(l devices.Live) []Ban {
	id := l.Device.ID
	c := bans.Client{ID: string(id), Username: string(id)}
	if last, ok := s.deps.Doorman.LastRefusal(id); ok && last.Why == lobby.Banned && l.Link.Status != presence.Online {
		c.Address, _ = netip.ParseAddr(last.Address) // the zero one fits no ban
	}
	return s.bansOut(s.deps.Bans.Of(c))
}
