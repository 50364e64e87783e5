package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/operators"
	"gatehouse/devices/shift"
)

// setupNeeded is the code of every answer until there is an administrator.
const setupNeeded devices.Code = "setup_needed"

// factorNeeded is the code of nearly every answer until somebody has the second factor that their role
// needs.
const factorNeeded devices.Code = "factor_needed"

// passwordChangeNeeded is the code of nearly every answer until somebody has
// changed a password that another person chose.
const passwordChangeNeeded devices.Code = "password_change_needed"

// Problem is every error answer: RFC 9457 with a stable code. The console
// translates by Code and Errors; Detail is English, for the curious.
type Problem struct {
	Status int            `json:"status" doc:"the HTTP status" example:"422"`
	Title  string         `json:"title" example:"Unprocessable Entity"`
	Detail string         `json:"detail" doc:"what is wrong, in English"`
	Code   string         `json:"code" enum:"invalid,too_many,not_found,conflict,refused,forbidden,unavailable,internal,setup_needed,password_change_needed,factor_needed,proof_needed,code_needed,outside_hours,shift_open,lane_taken,shift_over,shift_taken,unauthenticated,bad_credentials,bad_token,bad_pin,pin_locked,no_booth,throttled" doc:"stable: decide and translate by it; too_many: a selection has more than is given at once"`
	Ruling *feed.Ruling   `json:"ruling,omitempty" doc:"with code refused: the layer that rules the opening"`
	Errors []ProblemField `json:"errors,omitempty" doc:"which fields are wrong, and what would be right"`

	header http.Header
}

// ProblemField is one wrong field of a request.
type ProblemField struct {
	Location string   `json:"location" doc:"body, path, query or header, and the field" example:"body.name"`
	Code     string   `json:"code" enum:"required,unexpected,too_short,too_long,too_small,too_big,too_few,too_many,not_one_of,format,wrong" doc:"stable: translate by it; wrong: only the message says what would be right"`
	Bound    *float64 `json:"bound,omitempty" doc:"with too_…: the number that was crossed"`
	Message  string   `json:"message" doc:"what would be right, in English"`
	Value    any      `json:"value,omitempty" doc:"what was sent; secrets are left out"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// newProblem makes a problem of a known code.
func newProblem(code devices.Code, detail string) *Problem {
	status, known := statusOf(code)
	if !known {
		code = devices.Internal
	}
	return &Problem{Status: status, Title: http.StatusText(status), Detail: detail, Code: string(code)}
}

// retryAfter adds the header of that name, in whole seconds, at least one.
func (p *Problem) retryAfter(d time.Duration) {
	s := max(1, int((d+time.Second-1)/time.Second))
	p.header = http.Header{"Retry-After": {strconv.Itoa(s)}}
}

// statusOf gives the HTTP status of a code.
func statusOf(code devices.Code) (status int, known bool) {
	switch code {
	case devices.Invalid, devices.TooMany:
		return http.StatusUnprocessableEntity, true
	case devices.NotFound:
		return http.StatusNotFound, true
	case devices.Conflict, devices.Refused, shift.AlreadyOn, shift.LaneTaken, shift.Over, shift.TakenAlready:
		return http.StatusConflict, true
	case devices.Forbidden, operators.BadToken, operators.PINLocked, operators.NoBooth, passwordChangeNeeded, factorNeeded, operators.ProofNeeded, outsideHours:
		return http.StatusForbidden, true
	case devices.Unavailable, setupNeeded:
		return http.StatusServiceUnavailable, true
	case operators.Unauthenticated, operators.BadCredentials, operators.BadPIN, operators.CodeNeeded:
		return http.StatusUnauthorized, true
	case operators.Throttled:
		return http.StatusTooManyRequests, true
	case devices.Internal:
		return http.StatusInternalServerError, true
	}
	return http.StatusInternalServerError, false
}

// codeOfStatus is the code of an error that huma or the router made.
func codeOfStatus(status int) devices.Code {
	switch {
	case status == http.StatusNotFound:
		return devices.NotFound
	case status == http.StatusForbidden:
		return devices.Forbidden
	case status >= http.StatusInternalServerError:
		return devices.Internal
	}
	return devices.Invalid
}

// problemOf turns any error of the domain into the answer. Anything that is not a
// devices.Error is logged here, once, and answered without its text.
// part is where the request's fields are: "body" or "query".
func problemOf(ctx context.Context, log *slog.Logger, err error, part string) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var e *devices.Error
	if !errors.As(err, &e) || e.Code == devices.Internal {
		return internalProblem(ctx, log, err)
	}
	p = newProblem(e.Code, e.Message)
	if p.Status == http.StatusInternalServerError {
		return internalProblem(ctx, log, err)
	}
	if e.Code == devices.Unavailable {
		log.WarnContext(ctx, "request could not be served", "request", requestID(ctx), "error", err)
	}
	if p.Detail == "" {
		p.Detail = p.Title
	}
	if w, ok := errors.AsType[operators.Wait](err); ok {
		p.retryAfter(w.After)
	}
	if e.Ruling != nil {
		ruling := feed.RulingOf(*e.Ruling)
		p.Ruling = &ruling
	}
	if e.Field != "" {
		p.Errors = []ProblemField{fieldOf(e, part, p.Detail)}
		p.Detail = e.Field + ": " + p.Detail
	}
	return p
}

// fieldOf is what is wrong with the field of an error.
func fieldOf(e *devices.Error, part, message string) ProblemField {
	f := ProblemField{Location: location(part, e.Field), Code: fieldWrong, Message: message}
	if e.Code == devices.TooMany {
		most := float64(e.Most)
		f.Code, f.Bound = fieldTooMany, &most
	}
	return f
}

// internalProblem logs what nobody foresaw and says nothing of it.
func internalProblem(ctx context.Context, log *slog.Logger, err error) *Problem {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return newProblem(devices.Unavailable, "the request was given up")
	}
	log.ErrorContext(ctx, "request failed", "request", requestID(ctx), "error", err)
	return newProblem(devices.Internal, "something went wrong: the server's log has it under request "+requestID(ctx))
}

// location names a field as huma does: body.name, query.limit, header.Idempotency-Key.
func location(part, field string) string {
	switch field {
	case "key":
		return "header.Idempotency-Key"
	case "ttl":
		field = "ttlMs"
	}
	return part + "." + field
}

// humaProblems is the transformer that turns huma's own errors into problems.
func humaProblems(log *slog.Logger) huma.Transformer {
	return func(c huma.Context, _ string, v any) (any, error) {
		m, ok := v.(*huma.ErrorModel)
		if !ok {
			return v, nil
		}
		if m.Status >= http.StatusInternalServerError { // the body broke off: the client is gone
			log.WarnContext(c.Context(), "request could not be read", "request", requestID(c.Context()), "error", m.Errors)
		}
		return humaProblem(m), nil
	}
}

func humaProblem(m *huma.ErrorModel) *Problem {
	p := newProblem(codeOfStatus(m.Status), m.Detail)
	p.Status, p.Title = m.Status, http.StatusText(m.Status)
	if m.Status >= http.StatusInternalServerError {
		p.Detail = "the request could not be read to its end"
		return p
	}
	for _, d := range m.Errors {
		code, bound := fieldCode(d.Message)
		p.Errors = append(p.Errors, ProblemField{Location: d.Location, Code: code, Bound: bound, Message: d.Message, Value: echo(d.Location, d.Value)})
	}
	return p
}

// echo gives back a value only if it is short and cannot be a secret.
func echo(location string, v any) any {
	l := strings.ToLower(location)
	if l == "body" || strings.Contains(l, "password") || strings.Contains(l, "token") || strings.Contains(l, "code") || strings.HasSuffix(l, ".pin") {
		return nil
	}
	switch v := v.(type) {
	case string:
		if len(v) <= 64 {
			return v
		}
	case float64, bool, int, int64:
		return v
	}
	return nil
}

// writeProblem answers with p outside huma.
func writeProblem(w http.ResponseWriter, p *Problem) {
	b, err := json.Marshal(p)
	if err != nil { // cannot be: every field is plain
		http.Error(w, p.Title, p.Status)
		return
	}
	for k, v := range p.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(b) // the client may be gone
}
