package sim

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Fleet is the devices of a property.
type Fleet struct {
	devices []*Device
	byID    map[string]*Device
}

// NewFleet makes the devices, each with the options that the function gives for
// it, and shows each gate its camera.
func NewFleet(ids []Identity, options func(Identity) Options) (*Fleet, error) {
	f := &Fleet{byID: map[string]*Device{}}
	for _, id := range ids {
		d, err := New(id, options(id))
		if err != nil {
			return nil, err
		}
		if f.byID[id.ID] != nil {
			return nil, fmt.Errorf("device %s: the id is there twice", id.ID)
		}
		f.byID[id.ID] = d
		f.devices = append(f.devices, d)
	}
	for _, d := range f.devices {
		if d.id.Camera == "" {
			continue
		}
		watching := f.byID[d.id.Camera]
		if watching == nil || watching.id.Kind != Camera {
			return nil, fmt.Errorf("device %s: camera %s: want the id of a camera of the same file", d.id.ID, d.id.Camera)
		}
		d.eye = watching.body.(*camera)
	}
	return f, nil
}

// Devices gives all, in the order they were named in.
func (f *Fleet) Devices() []*Device { return f.devices }

// Device gives one; nil if there is none.
func (f *Fleet) Device(id string) *Device { return f.byID[id] }

// Run is the life of all devices. It ends with ctx.
func (f *Fleet) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, d := range f.devices {
		g.Go(func() error { return d.Run(ctx) })
	}
	return g.Wait()
}
