package devices

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/devices/arbiter"
)

// Code says what kind of error it is; decisions are made by it, never by text.
type Code string

// The codes of errors.
const (
	Invalid     Code = "invalid" // the request is wrong: Field and Message say what would be right
	NotFound    Code = "not_found"
	Conflict    Code = "conflict" // the same key or id with other content
	Forbidden   Code = "forbidden"
	Unavailable Code = "unavailable" // cannot be done now; try again
	Internal    Code = "internal"
	Cancelled   Code = "cancelled" // of a member of a batch: the batch was stopped before
	Refused     Code = "refused"   // a layer rules the opening: Ruling says which
	TooMany     Code = "too_many"  // a selection has more than is given at once: Most says how many that is
)

// Error is the error of the domain.
type Error struct {
	Op      string // operation, for the log: "command.send"
	Code    Code
	Field   string // the field that is wrong, if one is
	Message string // for people, in English; the console translates by Code and Field
	Err     error  // cause
	// Ruling is the layer that refuses, with Refused.
	Ruling *arbiter.Setting
	// Most is how many are given at once, with TooMany.
	Most int
}

// Error implements error.
func (e *Error) Error() string {
	s := e.Op + ": " + string(e.Code)
	if e.Field != "" {
		s += ": " + e.Field
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s = fmt.Sprintf("%s: %v", s, e.Err)
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of the first *Error in err's chain; Internal for any other
// error, empty for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

func invalid(op, field, message string) error {
	return &Error{Op: op, Code: Invalid, Field: field, Message: message}
}

// takeFor is take for somebody who is answered if ctx ends first: what is still being
// recorded.
func (b baton) takeFor(ctx context.Context, op, what string) error {
	if err := b.take(ctx); err != nil {
		return &Error{Op: op, Code: Unavailable, Message: what + " is still being recorded", Err: err}
	}
	return nil
}

func notFound(op, what string) error {
	return &Error{Op: op, Code: NotFound, Message: what + " does not exist"}
}
