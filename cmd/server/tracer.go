package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/topic"
	"gatehouse/devices"
	"gatehouse/web"
)

// tracer follows messages through the broker: one trace at a time, which ends by
// itself.
type tracer struct {
	broker *broker.Broker
	audit  auditor

	mu      sync.Mutex
	current *tracing // runs or ran last; nil before the first
}

// auditor writes what is about to be done; devices.Control is one.
type auditor interface {
	Record(ctx context.Context, a devices.Actor, verb, object string, detail map[string]any) error
}

// tracing is one trace.
type tracing struct {
	*broker.Trace
	asked   web.NewTrace
	by      string
	started time.Time
	ends    time.Time // or ended
	timer   *time.Timer
	ended   bool
}

// StartTrace implements web.Tracer.
func (t *tracer) StartTrace(ctx context.Context, by devices.Actor, q web.NewTrace) (web.Trace, error) {
	const op = "trace.start"
	wrong := func(field, message string) error {
		return &devices.Error{Op: op, Code: devices.Invalid, Field: field, Message: message}
	}
	object := "client:" + q.Client
	if q.Client == "" {
		object = "topic:" + q.Filter
	}
	if q.Client == "" && q.Filter == "" {
		return web.Trace{}, wrong("filter", "a trace needs a client, a topic filter, or both")
	}
	if q.Filter != "" {
		if err := topic.ValidFilter(q.Filter, 0); err != nil {
			return web.Trace{}, wrong("filter", err.Error())
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil && !t.current.ended {
		return web.Trace{}, &devices.Error{Op: op, Code: devices.Conflict, Message: "a trace of " + t.current.by + " runs: stop it first"}
	}
	if err := t.audit.Record(ctx, by, op, object, map[string]any{"client": q.Client, "filter": q.Filter, "seconds": q.Seconds}); err != nil {
		return web.Trace{}, err
	}
	return t.begin(q, by)
}

// begin starts a trace. The lock is held.
func (t *tracer) begin(q web.NewTrace, by devices.Actor) (web.Trace, error) {
	trace, err := t.broker.Trace(broker.TraceQuery{Client: broker.ClientID(q.Client), Filter: q.Filter, Limit: q.Limit})
	if err != nil {
		return web.Trace{}, err
	}
	life, now := time.Duration(q.Seconds)*time.Second, time.Now()
	c := &tracing{Trace: trace, asked: q, by: by.Name, started: now, ends: now.Add(life)}
	c.timer = time.AfterFunc(life, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		c.end(c.ends)
	})
	t.current = c
	return c.shown(), nil
}

// Trace implements web.Tracer.
func (t *tracer) Trace() (web.Trace, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == nil {
		return web.Trace{}, false
	}
	return t.current.shown(), true
}

// StopTrace implements web.Tracer.
func (t *tracer) StopTrace(ctx context.Context, by devices.Actor) error {
	const op = "trace.stop"
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == nil || t.current.ended {
		return &devices.Error{Op: op, Code: devices.NotFound, Message: "no trace runs"}
	}
	if err := t.audit.Record(ctx, by, op, "operator:"+t.current.by, nil); err != nil {
		return err
	}
	t.current.end(time.Now())
	return nil
}

// Close ends the trace that runs.
func (t *tracer) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil {
		t.current.end(time.Now())
	}
	return nil
}

func (c *tracing) end(at time.Time) {
	if !c.ended {
		c.ended, c.ends = true, at
		c.timer.Stop()
		c.Stop()
	}
}

func (c *tracing) shown() web.Trace {
	events, missed := c.Events()
	t := web.Trace{
		Client: c.asked.Client, Filter: c.asked.Filter, StartedBy: c.by, Started: milliseconds(c.started), Ends: milliseconds(c.ends),
		Running: !c.ended, Missed: missed, Events: make([]web.TraceStep, len(events)),
	}
	for i, e := range events {
		t.Events[i] = web.TraceStep{
			At: milliseconds(e.At), Message: e.Message, Step: strings.ReplaceAll(string(e.Step), " ", "_"),
			From: string(e.From), Client: string(e.Client), Topic: e.Topic, QoS: int(e.QoS), Size: e.Size, Receivers: e.Receivers, Reason: e.Reason,
		}
	}
	return t
}

// milliseconds is a time as the API writes it.
func milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
