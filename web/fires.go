package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// Fires releases fire groups; devices.Control is one.
type Fires interface {
	Fires() []devices.FireReport
	PastFires(ctx context.Context, limit int) ([]devices.FireReport, error)
	ReleaseFire(ctx context.Context, a devices.Actor, s devices.SiteID, group, reason string) (devices.FireReport, error)
	EndFire(ctx context.Context, a devices.Actor, s devices.SiteID, group, reason string) (devices.FireReport, error)
	SetFireWiring(ctx context.Context, a devices.Actor, d devices.DeviceID, w devices.FireWiring) (devices.Live, error)
}

// FireState is every release that stands, and reports of those that have ended.
type FireState struct {
	Standing []feed.FireReport `json:"standing"`
	Past     []feed.FireReport `json:"past" doc:"the newest first; empty while the database does not answer"`
	Complete bool              `json:"complete" doc:"false: past could not be read"`
}

// FireOrder releases a fire group, or ends its release.
type FireOrder struct {
	Site   devices.SiteID `json:"site" minLength:"1" maxLength:"64"`
	Group  string         `json:"group" minLength:"1" maxLength:"40"`
	Reason string         `json:"reason" minLength:"1" maxLength:"200"`
}

// NewFireWiring says what a device has to do with fire groups of its site.
type NewFireWiring struct {
	Group string `json:"group" maxLength:"40" doc:"its openings are released with this group; empty: none"`
	Input string `json:"input" maxLength:"40" doc:"its event fire releases this group; empty: none"`
}

type fireRequest struct {
	Past int `query:"past" minimum:"0" maximum:"200" default:"50" doc:"reports that are wanted; with 0 the database is not asked"`
}

type fireWiringRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Body NewFireWiring
}

func (s *Server) fireRoutes(a *api) {
	add(a, operation(http.MethodGet, "/fire", "getFire", "fire", "Fire releases that stand with the proof of each opening, and reports", 200),
		func(ctx context.Context, r *fireRequest) (*out[FireState], error) {
			state := FireState{Standing: each(s.firesWithin(ctx, s.deps.Fires.Fires()), feed.FireReportOf), Complete: true}
			if r.Past > 0 {
				past, err := s.deps.Fires.PastFires(ctx, r.Past)
				if err != nil { // what stands must be seen also without the database
					s.deps.Log.WarnContext(ctx, "reports of fire releases cannot be read", "error", err)
				}
				state.Past, state.Complete = each(s.firesWithin(ctx, past), feed.FireReportOf), err == nil
			}
			return &out[FireState]{state}, nil
		})
	for _, o := range []struct {
		path, id, summary string
		do                func(context.Context, devices.Actor, devices.SiteID, string, string) (devices.FireReport, error)
	}{
		{"/fire/release", "releaseFire", "Release a fire group at once; latched until it is ended", s.deps.Fires.ReleaseFire},
		{"/fire/end", "endFire", "End the release of a fire group; the layers below rule again", s.deps.Fires.EndFire},
	} {
		add(a, operation(http.MethodPost, o.path, o.id, "fire", o.summary, 200),
			func(ctx context.Context, i *in[FireOrder]) (*out[feed.FireReport], error) {
				f, err := o.do(ctx, actor(ctx), i.Body.Site, i.Body.Group, i.Body.Reason)
				if err != nil {
					return nil, err
				}
				return &out[feed.FireReport]{feed.FireReportOf(f)}, nil
			})
	}
	add(a, operation(http.MethodPut, "/devices/{id}/fire", "setFireWiring", "fire", "What a device has to do with fire groups", 200),
		func(ctx context.Context, i *fireWiringRequest) (*out[feed.Device], error) {
			l, err := s.deps.Fires.SetFireWiring(ctx, actor(ctx), i.ID, devices.FireWiring{Group: i.Body.Group, Input: i.Body.Input})
			if err != nil {
				return nil, err
			}
			return &out[feed.Device]{feed.DeviceOf(l)}, nil
		})
}

// firesWithin are the releases of sites in reach, with the openings that are.
func (s *Server) firesWithin(ctx context.Context, all []devices.FireReport) (mine []devices.FireReport) {
	r := reachOf(ctx)
	if r.Everything() {
		return all
	}
	for _, f := range all {
		if !r.Site(f.Site) {
			f.Openings = inReach(ctx, f.Openings, func(p devices.FireProof) (devices.SiteID, devices.ZoneID) { return s.placeOf(ctx, p.Device) })
		}
		if r.Part(f.Site) && (r.Site(f.Site) || len(f.Openings) > 0) {
			mine = append(mine, f)
		}
	}
	return mine
}
