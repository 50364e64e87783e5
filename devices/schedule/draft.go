package schedule

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gatehouse/devices"
)

// Draft is what a person says about a schedule; the rest is the service's.
type Draft struct {
	Device   devices.DeviceID
	Name     string // 1 to 100 characters
	Cron     string // see ParseCron
	TimeZone string // empty: that of the device's site
	Action   devices.Action
	Args     map[string]string
	Paused   bool
	SkipLate time.Duration // 10 s to 24 h; 0: DefaultSkipLate
}

// DefaultSkipLate is how late a run may be unless the schedule says otherwise.
const DefaultSkipLate = 5 * time.Minute

const (
	minSkipLate = 10 * time.Second
	maxSkipLate = 24 * time.Hour
	maxName     = 100
)

func invalid(field, message string) *devices.Error {
	return &devices.Error{Op: "schedule.check", Code: devices.Invalid, Field: field, Message: message}
}

// check makes a Schedule, without id and times, of a draft that can be kept.
func (s *Service) check(ctx context.Context, d Draft) (Schedule, error) {
	name := strings.TrimSpace(d.Name)
	if n := utf8.RuneCountInString(name); n < 1 || n > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return Schedule{}, invalid("name", fmt.Sprintf("must have 1 to %d characters in one line, for example \"Main gate, workday mornings\"", maxName))
	}
	device, err := s.device(ctx, d.Device)
	if err != nil {
		return Schedule{}, err
	}
	if d.TimeZone == "" {
		site, err := s.d.Registry.Site(ctx, device.Site)
		if err != nil {
			return Schedule{}, fmt.Errorf("schedule.check: %w", err)
		}
		d.TimeZone = site.TimeZone
	}
	if _, err := ParseCron(d.Cron, d.TimeZone); err != nil {
		return Schedule{}, err
	}
	if err := s.d.Registry.CheckAction(device.Kind, d.Action, d.Args); err != nil {
		return Schedule{}, fmt.Errorf("schedule.check: %w", err)
	}
	if d.SkipLate == 0 {
		d.SkipLate = DefaultSkipLate
	}
	if d.SkipLate < minSkipLate || d.SkipLate > maxSkipLate {
		return Schedule{}, invalid("skipLateSeconds", fmt.Sprintf("must be %.0f to %.0f, for example %.0f (five minutes)",
			minSkipLate.Seconds(), maxSkipLate.Seconds(), DefaultSkipLate.Seconds()))
	}
	return Schedule{
		Site: device.Site, Device: device.ID, Name: name,
		Cron: strings.Join(strings.Fields(d.Cron), " "), TimeZone: d.TimeZone,
		Action: d.Action, Args: maps.Clone(d.Args), Paused: d.Paused, SkipLate: d.SkipLate,
	}, nil
}

func (s *Service) device(ctx context.Context, id devices.DeviceID) (devices.Device, error) {
	device, err := s.d.Registry.Device(ctx, id)
	if devices.CodeOf(err) == devices.NotFound {
		e := invalid("device", fmt.Sprintf("there is no device %.64q; it must be the id of a device, for example one of GET /api/v1/live/snapshot", id))
		e.Err = err
		return devices.Device{}, e
	}
	if err != nil {
		return devices.Device{}, fmt.Errorf("schedule.check: %w", err)
	}
	return device, nil
}

// audited is a schedule as the audit trail shows it.
type audited struct {
	Device   devices.DeviceID  `json:"device"`
	Name     string            `json:"name"`
	Cron     string            `json:"cron"`
	TimeZone string            `json:"timeZone"`
	Action   devices.Action    `json:"action"`
	Args     map[string]string `json:"args,omitempty"`
	Paused   bool              `json:"paused"`
	SkipLate int64             `json:"skipLateSeconds"`
}

func (s *Service) audit(by devices.Actor, verb string, before, after *Schedule) devices.AuditEntry {
	detail := make(map[string]any, 2)
	for when, x := range map[string]*Schedule{"before": before, "after": after} {
		if x != nil {
			detail[when] = audited{x.Device, x.Name, x.Cron, x.TimeZone, x.Action, x.Args, x.Paused, int64(x.SkipLate / time.Second)}
		}
	}
	of := cmp.Or(after, before)
	return devices.Audited(s.now(), by, verb, of.Site, "schedule:"+string(of.ID), detail)
}
