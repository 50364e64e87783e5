package schedule

import (
	"context"
	"fmt"

	"gatehouse/devices"
)

// Outlook says what would become of an order; devices.Control does.
type Outlook interface {
	Outlook(d devices.DeviceID, r devices.Request) (devices.Outlook, error)
}

// Would is what would become of a schedule's command for one device.
type Would struct {
	Device devices.DeviceID
	devices.Outlook
	Invalid error // why the device cannot do it; nil: it can
}

// DryRun is what would be sent to whom if a draft ran now, and what would become of it.
// Nothing is sent or kept. Errors are those of Create.
func (s *Service) DryRun(ctx context.Context, d Draft) (Schedule, []Would, error) {
	x, err := s.check(ctx, d)
	if err != nil {
		return Schedule{}, nil, err
	}
	return x, s.would(x), nil
}

// DryRunOf is DryRun of a schedule that is kept; NotFound.
func (s *Service) DryRunOf(ctx context.Context, id ID) (Schedule, []Would, error) {
	x, err := s.d.Store.Schedule(ctx, id)
	if err != nil {
		return Schedule{}, nil, fmt.Errorf("schedule.dry_run: %w", err)
	}
	return x, s.would(x), nil
}

func (s *Service) would(x Schedule) []Would {
	all := make([]Would, len(x.Targets))
	for i, t := range x.Targets {
		o, err := s.d.Outlook.Outlook(t.Device, requestOf(x, "schedule:dry-run"))
		all[i] = Would{Device: t.Device, Outlook: o, Invalid: err}
	}
	return all
}
