package main

import (
	"context"
	"errors"
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

// StartTrace implements web.Tracer. The broker is asked before the audit trail is
// written: what it does not take was not done.
func (t *tracer) StartTrace(ctx context.Context, by devices.Actor, q web.NewTrace) (web.Trace, error) {
	const op = "trace.start"
	if q.Client == "" && q.Filter == "" {
		return web.Trace{}, &devices.Error{Op: op, Code: devices.Invalid, Field: "filter", Message: "a trace needs a client, a topic filter, or both"}
	}
	if q.Filter != "" {
		if err := checkFilter(op, q.Filter); err != nil {
			return web.Trace{}, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil && !t.current.ended {
		return web.Trace{}, &devices.Error{Op: op, Code: devices.Conflict, Message: "a trace of " + t.current.by + " runs: stop it first"}
	}
	trace, err := t.broker.Trace(broker.TraceQuery{Client: broker.ClientID(q.Client), Filter: q.Filter, Limit: q.Limit})
	if err != nil {
		return web.Trace{}, refusedTrace(op, err)
	}
	object := "client:" + q.Client
	if q.Client == "" {
		object = "topic:" + q.Filter
	}
	if err := t.audit.Record(ctx, by, op, object, map[string]any{"client": q.Client, "filter": q.Filter, "seconds": q.Seconds}); err != nil {
		trace.Stop()
		return web.Trace{}, err
	}
	return t.follow(trace, q, by), nil
}

// refusedTrace says whose fault it is that the broker does not follow.
func refusedTrace(op string, err error) error {
	if errors.Is(err, broker.ErrTraces) {
		return &devices.Error{Op: op, Code: devices.Conflict, Message: "as many traces run as there may be: stop one first"}
	}
	return &devices.Error{Op: op, Code: devices.Invalid, Field: "filter", Message: strings.TrimPrefix(err.Error(), "broker: trace: ")}
}

// checkFilter refuses a filter that is none, and one that no topic can match.
func checkFilter(op, filter string) error {
	message := ""
	if err := topic.ValidFilter(filter, 0); err != nil {
		message = err.Error()
	} else if topic.Prefixed(filter) {
		plain, _ := topic.Plain(filter)
		if message = "write the filter behind the prefix: " + plain; plain == filter || plain == "" {
			message = "no topic begins with $share, $queue or $local"
		}
	}
	if message == "" {
		return nil
	}
	return &devices.Error{Op: op, Code: devices.Invalid, Field: "filter", Message: message}
}

// follow makes a trace that has begun the present one. The lock is held.
func (t *tracer) follow(trace *broker.Trace, q web.NewTrace, by devices.Actor) web.Trace {
	life, now := time.Duration(q.Seconds)*time.Second, time.Now()
	c := &tracing{Trace: trace, asked: q, by: by.Name, started: now, ends: now.Add(life)}
	c.timer = time.AfterFunc(life, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		c.end(c.ends)
	})
	t.current = c
	return c.shown()
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
