package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
)

// Tracer follows messages through the MQTT broker, one trace at a time; cmd/server
// joins one to it.
type Tracer interface {
	// StartTrace begins one and writes it into the audit trail, both or neither. It
	// takes the place of one that has ended; while one runs it is a Conflict.
	StartTrace(ctx context.Context, by devices.Actor, q NewTrace) (Trace, error)
	// Trace gives the one that runs, or ran last; false if there was none.
	Trace() (Trace, bool)
	// StopTrace ends the one that runs. Its events stay.
	StopTrace(ctx context.Context, by devices.Actor) error
}

// NewTrace says which messages to follow, and for how long.
type NewTrace struct {
	Client  string `json:"client,omitempty" maxLength:"65535" doc:"messages that this client publishes or receives; left out: any"`
	Filter  string `json:"filter,omitempty" maxLength:"4096" doc:"messages on topics that this filter matches; left out: any, but then a client is needed"`
	Seconds int    `json:"seconds,omitempty" minimum:"10" maximum:"600" default:"120" doc:"after which it ends by itself"`
	Limit   int    `json:"limit,omitempty" minimum:"10" maximum:"2000" default:"500" doc:"steps that are kept, the newest"`
}

// TraceState is the trace that runs or ran last.
type TraceState struct {
	Trace *Trace `json:"trace" doc:"null: none was started"`
}

// Trace is what happened to messages.
type Trace struct {
	Client    string      `json:"client"`
	Filter    string      `json:"filter"`
	StartedBy string      `json:"startedBy" doc:"name of the operator"`
	Started   time.Time   `json:"started"`
	Ends      time.Time   `json:"ends" doc:"when it ends, or ended"`
	Running   bool        `json:"running"`
	Missed    uint64      `json:"missed" doc:"steps that came before those in events and are not kept"`
	Events    []TraceStep `json:"events" doc:"oldest first"`
}

// TraceStep is one thing that happened to a message.
type TraceStep struct {
	At        time.Time `json:"at"`
	Message   uint64    `json:"message" doc:"number of the message in this run of the server; the same in all of its steps"`
	Step      string    `json:"step" doc:"received, refused, handed_over, retained, matched; for each receiver queued, sent, acknowledged, dropped"`
	From      string    `json:"from" doc:"client that published it; empty: the server"`
	Client    string    `json:"client" doc:"the receiver, at the steps of one"`
	Topic     string    `json:"topic"`
	QoS       int       `json:"qos" doc:"of the publisher"`
	Size      int       `json:"size" doc:"bytes of the payload"`
	Receivers int       `json:"receivers" doc:"with matched"`
	Reason    string    `json:"reason" doc:"in English; empty: nothing to say"`
}

func (s *Server) brokerTraceRoutes(a *api) {
	add(a, operation(http.MethodGet, "/broker/trace", "getTrace", "broker", "The message trace that runs or ran last", 200),
		func(context.Context, *none) (*out[TraceState], error) {
			if t, ok := s.deps.Tracer.Trace(); ok {
				return &out[TraceState]{TraceState{&t}}, nil
			}
			return &out[TraceState]{}, nil
		})
	add(a, operation(http.MethodPost, "/broker/trace", "startTrace", "broker", "Follow the messages of a client or of topics", 201),
		func(ctx context.Context, i *in[NewTrace]) (*out[Trace], error) {
			t, err := s.deps.Tracer.StartTrace(ctx, actor(ctx), i.Body)
			return &out[Trace]{t}, err
		})
	add(a, operation(http.MethodDelete, "/broker/trace", "stopTrace", "broker", "End the message trace that runs; its events stay", 204),
		func(ctx context.Context, _ *none) (*none, error) {
			return nil, s.deps.Tracer.StopTrace(ctx, actor(ctx))
		})
}
