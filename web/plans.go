package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/plans"
)

// Plans keeps site plans; plans.Service does.
type Plans interface {
	List(ctx context.Context) ([]plans.Plan, error)
	Get(ctx context.Context, id plans.ID) (plans.Plan, error)
	// Open gives a plan and its picture, which the caller closes.
	Open(ctx context.Context, id plans.ID) (plans.Plan, io.ReadSeekCloser, error)
	Create(ctx context.Context, by devices.Actor, site devices.SiteID, name string, picture []byte) (plans.Plan, error)
	Change(ctx context.Context, by devices.Actor, id plans.ID, base plans.Revision, d plans.Draft) (plans.Plan, error)
	SetPicture(ctx context.Context, by devices.Actor, id plans.ID, base plans.Revision, picture []byte) (plans.Plan, error)
	Remove(ctx context.Context, by devices.Actor, id plans.ID, base plans.Revision) error
	Order(ctx context.Context, by devices.Actor, site devices.SiteID, ids []plans.ID) error
}

// PlanPin is the place of a device on a plan.
type PlanPin struct {
	Device devices.DeviceID `json:"device" minLength:"1" maxLength:"64"`
	X      float64          `json:"x" minimum:"0" maximum:"1" doc:"from the left, in parts of the picture"`
	Y      float64          `json:"y" minimum:"0" maximum:"1" doc:"from the top, in parts of the picture"`
	Turn   *int             `json:"turn" required:"false" minimum:"0" maximum:"359" doc:"whither it leads or looks, in degrees clockwise from the top; null: nowhere"`
}

// PlanPicture says what the picture of a plan is.
type PlanPicture struct {
	Format plans.Format `json:"format" enum:"png,jpeg,webp,svg"`
	Bytes  int64        `json:"bytes"`
	Width  int          `json:"width" doc:"pixels; of an SVG units"`
	Height int          `json:"height"`
	SHA256 string       `json:"sha256" doc:"of its bytes, in hex: another one means another picture"`
}

// Plan is a picture of a site with devices on it.
type Plan struct {
	ID       plans.ID       `json:"id"`
	Site     devices.SiteID `json:"site"`
	Name     string         `json:"name"`
	Revision plans.Revision `json:"revision" doc:"a change names the one that it was made of"`
	Changed  time.Time      `json:"changed"`
	Picture  PlanPicture    `json:"picture"`
	Pins     []PlanPin      `json:"pins" doc:"of devices that you may see"`
}

// PlanList is plans, by site and in their order.
type PlanList struct {
	Plans []Plan `json:"plans"`
}

// PlanChange gives a plan another name and other pins.
type PlanChange struct {
	Base plans.Revision `json:"base" minimum:"1" doc:"the revision that this was made of: with another one by now nothing is changed, and the answer is 409"`
	Name string         `json:"name" minLength:"1" maxLength:"80"`
	Pins []PlanPin      `json:"pins" maxItems:"500" doc:"all of them, each device once"`
}

// PlanOrder is an order of the plans of a site.
type PlanOrder struct {
	Plans []plans.ID `json:"plans" maxItems:"50" doc:"all of them, each once"`
}

type (
	planID struct {
		ID plans.ID `path:"id" minLength:"1" maxLength:"64"`
	}
	newPlan struct {
		Site    devices.SiteID `path:"site" minLength:"1" maxLength:"64"`
		Name    string         `query:"name" required:"true" minLength:"1" maxLength:"80"`
		RawBody []byte         `contentType:"image/png" doc:"PNG, JPEG, WebP or SVG, up to 10 MiB: what it is, is seen from its bytes"`
	}
	changePlan struct {
		ID   plans.ID `path:"id" minLength:"1" maxLength:"64"`
		Body PlanChange
	}
	planPicture struct {
		ID      plans.ID       `path:"id" minLength:"1" maxLength:"64"`
		Base    plans.Revision `query:"base" required:"true" minimum:"1" doc:"the revision that you saw"`
		RawBody []byte         `contentType:"image/png" doc:"as of a new plan; the pins stay where they are"`
	}
	removePlan struct {
		ID   plans.ID       `path:"id" minLength:"1" maxLength:"64"`
		Base plans.Revision `query:"base" required:"true" minimum:"1" doc:"the revision that you saw"`
	}
	orderPlans struct {
		Site devices.SiteID `path:"site" minLength:"1" maxLength:"64"`
		Body PlanOrder
	}
)

// The limits of requests about plans.
const (
	maxPlanChange = 128 << 10 // bytes: 500 pins
	// planTimeout is how long a picture may be on its way: within the server's own limit.
	planTimeout = 25 * time.Second
)

// planBody is the most that the body of a request to a path about plans may have; 0: it is about
// none.
func planBody(path string) int64 {
	switch rest, plan := strings.CutPrefix(path, apiPrefix+"/plans/"); {
	case plan && strings.HasSuffix(rest, "/picture"), strings.HasPrefix(path, apiPrefix+"/sites/") && strings.HasSuffix(path, "/plans"):
		return plans.MaxBytes
	case plan:
		return maxPlanChange
	}
	return 0
}

func (s *Server) planRoutes(a *api) {
	create := operation(http.MethodPost, "/sites/{site}/plans", "createPlan", "plans", "Make a plan of a site of a picture", 201)
	picture := operation(http.MethodPut, "/plans/{id}/picture", "setPlanPicture", "plans", "Give a plan another picture", 200)
	change := operation(http.MethodPut, "/plans/{id}", "changePlan", "plans", "Give a plan another name, and its devices other places", 200)
	create.MaxBodyBytes, picture.MaxBodyBytes, change.MaxBodyBytes = plans.MaxBytes, plans.MaxBytes, maxPlanChange
	create.BodyReadTimeout, picture.BodyReadTimeout = planTimeout, planTimeout

	add(a, operation(http.MethodGet, "/plans", "listPlans", "plans", "Plans of sites, with the places of devices on them", 200),
		func(ctx context.Context, _ *none) (*out[PlanList], error) {
			all, err := s.deps.Plans.List(ctx)
			all = slices.DeleteFunc(all, func(p plans.Plan) bool { return !s.reachesPlan(ctx, p) })
			return &out[PlanList]{PlanList{each(all, func(p plans.Plan) Plan { return s.planOf(ctx, p) })}}, err
		})
	add(a, operation(http.MethodGet, "/plans/{id}", "getPlan", "plans", "One plan", 200),
		func(ctx context.Context, i *planID) (*out[Plan], error) {
			p, err := s.deps.Plans.Get(ctx, i.ID)
			return s.planOut(ctx, p, err)
		})
	add(a, create, func(ctx context.Context, i *newPlan) (*out[Plan], error) {
		p, err := s.deps.Plans.Create(ctx, actor(ctx), i.Site, i.Name, i.RawBody)
		return s.planOut(ctx, p, err)
	})
	add(a, change, func(ctx context.Context, i *changePlan) (*out[Plan], error) {
		p, err := s.deps.Plans.Change(ctx, actor(ctx), i.ID, i.Body.Base, plans.Draft{Name: i.Body.Name, Pins: each(i.Body.Pins, PlanPin.pin)})
		return s.planOut(ctx, p, err)
	})
	add(a, picture, func(ctx context.Context, i *planPicture) (*out[Plan], error) {
		p, err := s.deps.Plans.SetPicture(ctx, actor(ctx), i.ID, i.Base, i.RawBody)
		return s.planOut(ctx, p, err)
	})
	add(a, operation(http.MethodDelete, "/plans/{id}", "removePlan", "plans", "Remove a plan with its picture; its devices stay as they are", 204),
		func(ctx context.Context, i *removePlan) (*none, error) {
			return nil, s.deps.Plans.Remove(ctx, actor(ctx), i.ID, i.Base)
		})
	add(a, operation(http.MethodPut, "/sites/{site}/plans", "orderPlans", "plans", "Put the plans of a site in an order", 204),
		func(ctx context.Context, i *orderPlans) (*none, error) {
			return nil, s.deps.Plans.Order(ctx, actor(ctx), i.Site, i.Body.Plans)
		})
}

func (p PlanPin) pin() plans.Pin {
	turn := plans.NoTurn
	if p.Turn != nil {
		turn = *p.Turn
	}
	return plans.Pin{Device: p.Device, X: p.X, Y: p.Y, Turn: turn}
}

func (s *Server) planOut(ctx context.Context, p plans.Plan, err error) (*out[Plan], error) {
	return &out[Plan]{s.planOf(ctx, p)}, err
}

// planOf is a plan with what whoever asks may see on it.
func (s *Server) planOf(ctx context.Context, p plans.Plan) Plan {
	seen := slices.DeleteFunc(slices.Clone(p.Pins), func(x plans.Pin) bool { return !s.reachesPin(ctx, x) })
	return Plan{
		ID: p.ID, Site: p.Site, Name: p.Name, Revision: p.Revision, Changed: instant(p.Changed),
		Picture: PlanPicture{Format: p.Picture.Format, Bytes: p.Picture.Size, Width: p.Picture.Width, Height: p.Picture.Height, SHA256: hex.EncodeToString(p.Picture.Hash[:])},
		Pins:    each(seen, pinOf),
	}
}

func pinOf(p plans.Pin) PlanPin {
	pin := PlanPin{Device: p.Device, X: p.X, Y: p.Y}
	if p.Turn != plans.NoTurn {
		pin.Turn = &p.Turn
	}
	return pin
}

func (s *Server) reachesPin(ctx context.Context, p plans.Pin) bool {
	r := reachOf(ctx)
	return r.Everything() || s.findDevice(ctx, r, p.Device) == nil
}

// reachesPlan is whether whoever asks may see a plan: the whole site, or a device on it. The
// picture of a floor where somebody has nothing to do is not theirs.
func (s *Server) reachesPlan(ctx context.Context, p plans.Plan) bool {
	if reachOf(ctx).Site(p.Site) {
		return true
	}
	return slices.ContainsFunc(p.Pins, func(x plans.Pin) bool { return s.reachesPin(ctx, x) })
}

// findPlan is nil if a plan may be seen; to change one the whole site must be in reach.
func (s *Server) findPlan(ctx context.Context, r devices.Reach, id plans.ID) error {
	p, err := s.deps.Plans.Get(ctx, id)
	if err := orHere(err, s.reachesPlan(ctx, p)); err != nil {
		return err
	}
	if visitorOf(ctx).rule.verb != devices.SeeDevices && !r.Site(p.Site) {
		return newProblem(devices.Forbidden, "a plan is of the whole site: your rights are for a part of it")
	}
	return nil
}

// planPolicy keeps a browser that is shown a plan as a page from doing anything with it but
// drawing it; an SVG has styles of its own, and pictures that are written into it.
const planPolicy = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

func (s *Server) planPictureRoute(r *gin.Engine) {
	r.GET(apiPrefix+"/plans/:id/picture", s.servePlan)
}

// servePlan answers with the picture of a plan. A browser may keep it for its user, but asks each
// time whether it may still be shown, and gets a short 304.
func (s *Server) servePlan(c *gin.Context) {
	ctx, id := c.Request.Context(), plans.ID(c.Param("id"))
	if p := s.aims(ctx, id); p != nil {
		writeProblem(c.Writer, p)
		return
	}
	p, f, err := s.deps.Plans.Open(ctx, id)
	if err != nil {
		writeProblem(c.Writer, problemOf(ctx, s.deps.Log, err, "path"))
		return
	}
	defer f.Close()
	h := c.Writer.Header()
	h.Set("Content-Type", p.Picture.Format.ContentType())
	h.Set("Content-Disposition", fmt.Sprintf(`inline; filename="plan.%s"`, p.Picture.Format))
	h.Set("Content-Security-Policy", planPolicy)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(p.Picture.Hash[:16])+`"`)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, f)
}
