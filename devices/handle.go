package devices

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/devices/wire"
)

// HandleReports takes messages of devices, in their order, and answers for each:
// nil means that it is owned durably, as a state, an event, a step of a command,
// or in quarantine, or that it is older than what is known. An error is
// temporary: that message and all after it were not taken, and must be offered
// again. It handles the channels status, state, telemetry, event and answer; a message
// of any other goes into quarantine.
func (c *Control) HandleReports(ctx context.Context, reports []Report) []error {
	return c.Owing(c.handleAll)(ctx, reports)
}

func (c *Control) handleAll(ctx context.Context, reports []Report) []error {
	answers := make([]error, len(reports))
	for i, r := range reports {
		if err := c.handle(ctx, r); err != nil {
			for j := i; j < len(answers); j++ {
				answers[j] = err
			}
			break
		}
	}
	return answers
}

// Owing gives take, which owns other messages of devices, so that a device whose
// messages wait there is not held to be silent.
func (c *Control) Owing(take func(context.Context, []Report) []error) func(context.Context, []Report) []error {
	return func(ctx context.Context, reports []Report) []error {
		for _, r := range reports {
			if u, known := c.places.unit(r.Device); known {
				u.offered(r.Channel, r.Epoch, c.d.Now())
			}
		}
		answers := take(ctx, reports)
		if slices.ContainsFunc(answers, func(err error) bool { return err != nil }) {
			return answers
		}
		for _, r := range reports {
			if u, known := c.places.unit(r.Device); known {
				u.taken(r.Channel, c.d.Now())
			}
		}
		return answers
	}
}

func (c *Control) handle(ctx context.Context, r Report) error {
	r.Arrived = r.Arrived.UTC().Truncate(time.Millisecond)
	u, problem := c.sender(r)
	why := Stranger
	if problem == "" {
		var err error
		switch r.Channel {
		case wire.Status:
			err = c.handleStatus(u, r)
		case wire.State:
			err = c.handleState(ctx, u, r)
		case wire.Telemetry:
			err = c.handleTelemetry(u, r)
		case wire.Event:
			err = c.handleEvent(ctx, u, r)
		case wire.Answer:
			err = c.handleAnswer(ctx, u, r)
		default:
			err = refuse(WrongChannel, "topic", fmt.Sprintf("nothing is expected on channel %q", r.Channel))
		}
		if why = whyOf(err, r.Payload); why == "" {
			return err
		}
		problem = err.Error()
	}
	c.d.Log.Warn("message quarantined", "device", r.Device, "topic", r.Topic, "problem", problem)
	return c.Quarantine(ctx, Quarantined{
		Device: r.Device, Site: r.Site, Topic: r.Topic, Payload: r.Payload, Problem: problem, Why: why, Arrived: r.Arrived,
	})
}

// refusal is the error of a message that is well-formed and goes into quarantine.
type refusal struct {
	why Why
	wire.FieldError
}

func refuse(why Why, field, problem string) error {
	return &refusal{why, wire.FieldError{Field: field, Problem: problem}}
}

// whyOf is why a message goes into quarantine; empty: it does not, the error is a
// temporary one or none.
func whyOf(err error, payload []byte) Why {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.why
	}
	if _, ok := errors.AsType[*wire.FieldError](err); !ok {
		return ""
	}
	if len(payload) > wire.MaxPayload {
		return Oversized
	}
	return Malformed
}

func (c *Control) sender(r Report) (u *unit, problem string) {
	u, ok := c.places.unit(r.Device)
	switch {
	case !ok:
		return nil, fmt.Sprintf("device: %q is not registered", r.Device)
	case u.device.Site != r.Site:
		return nil, fmt.Sprintf("site: the device is registered at %q", u.device.Site)
	}
	return u, ""
}

// keptBytes is how much of one message the quarantine keeps: more than any
// message of the contract has, but for pictures.
const keptBytes = 64 << 10

// Quarantine keeps a message that could not be understood, and says so if it keeps
// its beginning only.
func (c *Control) Quarantine(ctx context.Context, q Quarantined) error {
	if n := len(q.Payload); n > keptBytes {
		q.Payload = q.Payload[:keptBytes]
		q.Problem += fmt.Sprintf(" (the first %d of %d bytes are kept)", keptBytes, n)
	}
	if q.Why == "" {
		q.Why = Malformed
	}
	if err := c.d.Store.Quarantine(ctx, q); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	c.TodayChanged(q.Site)
	return nil
}
