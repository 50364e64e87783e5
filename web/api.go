package web

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

// maxBody is the most that a request may carry, in bytes: every body of the API
// is a small form.
const maxBody = 64 << 10

// bodyTimeout is how long a client may take to send a body.
const bodyTimeout = 10 * time.Second

// api is the JSON part: huma on the router.
type api struct {
	huma huma.API
	log  *slog.Logger
	let  func(context.Context) *Problem      // whether whoever asks still may, once the body is there
	aims func(context.Context, any) *Problem // whether what they name is theirs to name

	inputs map[route]reflect.Type
}

// newAPI puts huma on the router with this house's errors and formats.
func newAPI(r *gin.Engine, log *slog.Logger, let func(context.Context) *Problem, aims func(context.Context, any) *Problem) *api {
	const prefix = "#/components/schemas/"
	registry := huma.NewMapRegistry(prefix, huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorDetail](), reflect.TypeFor[ProblemField]())
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "Gatehouse", Version: "1", Description: apiDescription},
			Components: &huma.Components{Schemas: registry},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{humaProblems(log)},
	}
	return &api{huma: humagin.New(r, c), log: log, let: let, aims: aims, inputs: map[route]reflect.Type{}}
}

// apiDescription introduces the document.
const apiDescription = `The HTTP API of Gatehouse. Errors are application/problem+json objects with a stable code. Times are
RFC 3339 in UTC. Unknown body fields are refused. Live changes come over MQTT 5 on WebSocket at /mqtt, with a ticket
from POST /api/v1/live/ticket, on topics gatehouse/v1/feed/{site}/{zone}/{kind}/{id}: kind device carries Device, command
Command, alarm Alarm, today Today, heartbeat Heartbeat.`

// in is a request that has a body only.
type in[T any] struct{ Body T }

// out is an answer that has a body only.
type out[T any] struct{ Body T }

// none is a request without input, or an answer without a body.
type none struct{}

// operation describes one route of the API; path is below apiPrefix.
func operation(method, path, id, tag, summary string, status int) huma.Operation {
	return huma.Operation{
		Method: method, Path: apiPrefix + path, OperationID: id, Tags: []string{tag}, Summary: summary,
		DefaultStatus: status, MaxBodyBytes: maxBody, BodyReadTimeout: bodyTimeout,
	}
}

// add registers one operation. Errors of the handler become problems here.
func add[I, O any](a *api, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	part := "query"
	if op.Method != http.MethodGet && op.Method != http.MethodDelete {
		part = "body"
	}
	a.inputs[route{op.Method, op.Path}] = reflect.TypeFor[I]()
	huma.Register(a.huma, op, func(ctx context.Context, i *I) (*O, error) {
		if part == "body" {
			if p := a.let(ctx); p != nil {
				return nil, p
			}
		}
		if p := a.aims(ctx, i); p != nil {
			return nil, p
		}
		o, err := handle(ctx, i)
		if err != nil {
			return nil, problemOf(ctx, a.log, err, part)
		}
		return o, nil
	})
}

// instant is a time as the API writes it: UTC, whole milliseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// instantOrNull is instant, or nil for the zero time.
func instantOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = instant(t)
	return &t
}
