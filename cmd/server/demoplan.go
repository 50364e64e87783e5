package main

import (
	"context"
	"embed"
	"fmt"

	"gatehouse/devices"
	"gatehouse/devices/plans"
)

//go:embed demo/*.svg
var demoDrawings embed.FS

// demoPlan is the plan of a demo site: a drawing, and where devices stand on it by name.
type demoPlan struct {
	name, drawing string
	pins          map[string]demoPin
}

// demoPin is a place in parts of the drawing, and a direction in degrees from the top.
type demoPin struct {
	x, y float64
	turn int
}

var demoPlans = map[string]demoPlan{
	"滨江花园 Riverside Garden": {"总平面 Site plan", "demo/riverside.svg", map[string]demoPin{
		"北门进口相机 North in camera":  {0.305, 0.06, 135},
		"北门进口 North in":           {0.365, 0.215, 180},
		"北门出口相机 North out camera": {0.645, 0.06, 225},
		"北门出口 North out":          {0.585, 0.215, 0},
		"北门人行一 North walk 1":      {0.228, 0.215, plans.NoTurn},
		"北门人行二 North walk 2":      {0.72, 0.215, plans.NoTurn},
		"车库相机 Garage camera":      {0.235, 0.465, 180},
		"车库进口 Garage in":          {0.12, 0.62, 180},
		"车库出口 Garage out":         {0.205, 0.75, 0},
		"车库电梯厅 Garage lift hall":  {0.295, 0.62, plans.NoTurn},
	}},
	"Harbour Square 海港广场": {"Site plan 总平面", "demo/harbour.svg", map[string]demoPin{
		"Main in camera 主入口相机":    {0.265, 0.5, 180},
		"Main in 主入口":             {0.2, 0.72, 0},
		"Main out 主出口":            {0.33, 0.72, 180},
		"Lobby left 大堂左":          {0.455, 0.56, plans.NoTurn},
		"Lobby right 大堂右":         {0.555, 0.56, plans.NoTurn},
		"Yard camera 卸货场相机":       {0.72, 0.3, 90},
		"Yard sliding gate 卸货场大门": {0.9, 0.72, 0},
		"Yard exit 卸货场出口":         {0.9, 0.45, 180},
		"Staff passage 员工通道":      {0.69, 0.6, plans.NoTurn},
	}},
}

// planner makes site plans.
type planner interface {
	List(ctx context.Context) ([]plans.Plan, error)
	Create(ctx context.Context, by devices.Actor, site devices.SiteID, name string, picture []byte) (plans.Plan, error)
	Change(ctx context.Context, by devices.Actor, id plans.ID, base plans.Revision, d plans.Draft) (plans.Plan, error)
}

// plan draws the plan of a site that has its devices, if it has none yet.
func (d demo) plan(ctx context.Context, site devices.Site) error {
	draft, ok := demoPlans[site.Name]
	if !ok {
		return nil
	}
	all, err := d.plans.List(ctx)
	if err != nil {
		return err
	}
	p, made := find(all, func(p plans.Plan) bool { return p.Site == site.ID })
	if !made {
		drawing, err := demoDrawings.ReadFile(draft.drawing)
		if err != nil {
			return err
		}
		if p, err = d.plans.Create(ctx, demoActor, site.ID, draft.name, drawing); err != nil {
			return err
		}
	}
	if len(p.Pins) > 0 {
		return nil
	}
	var pins []plans.Pin
	for _, l := range d.registry.Devices() {
		if at, ok := draft.pins[l.Device.Name]; ok && l.Device.Site == site.ID {
			pins = append(pins, plans.Pin{Device: l.Device.ID, X: at.x, Y: at.y, Turn: at.turn})
		}
	}
	if len(pins) != len(draft.pins) {
		return fmt.Errorf("plan of %q: %d devices of %d are there", site.Name, len(pins), len(draft.pins))
	}
	_, err = d.plans.Change(ctx, demoActor, p.ID, p.Revision, plans.Draft{Name: draft.name, Pins: pins})
	return err
}
