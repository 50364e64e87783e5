package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxPayload bounds a JSON payload in bytes. Pictures are not JSON and have their
// own limit.
const MaxPayload = 64 << 10

const (
	maxText = 200             // characters of a text for people
	maxTime = 253402300799999 // end of the year 9999, Unix ms
	maxInt  = 1<<53 - 1       // what JSON numbers carry exactly everywhere
)

// FieldError names the field of a message that is wrong and says what would be
// right.
type FieldError struct {
	Field   string // "payload" if it is not a JSON object at all, "topic" for topics
	Problem string
}

// Error implements error.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// fields reads the members of one JSON object and keeps the first problem.
// Members that nobody asks for are ignored: devices may say more than the
// contract knows.
type fields struct {
	members map[string]json.RawMessage
	err     error
}

// parse accepts one JSON object in UTF-8, and one NUL byte before it, which some
// devices send.
func parse(payload []byte) *fields {
	f := &fields{}
	if len(payload) > 0 && payload[0] == 0 {
		payload = payload[1:]
	}
	switch {
	case len(payload) > MaxPayload:
		f.fail("payload", fmt.Sprintf("must be at most %d bytes", MaxPayload))
	case !utf8.Valid(payload):
		f.fail("payload", "must be UTF-8")
	default:
		if err := json.Unmarshal(payload, &f.members); err != nil {
			f.fail("payload", "must be one JSON object: "+err.Error())
		} else if f.members == nil {
			f.fail("payload", "must be one JSON object")
		}
	}
	return f
}

func (f *fields) fail(field, problem string) {
	if f.err == nil {
		f.err = &FieldError{field, problem}
	}
}

// raw is a member that is there and not null.
func (f *fields) raw(name string) (json.RawMessage, bool) {
	m, ok := f.members[name]
	return m, ok && !bytes.Equal(m, []byte("null"))
}

// read decodes a member into v; false if it is absent or wrong.
func (f *fields) read(name, form string, required bool, v any) bool {
	m, ok := f.raw(name)
	if !ok {
		if required {
			f.fail(name, "is missing; it must be "+form)
		}
		return false
	}
	if err := json.Unmarshal(m, v); err != nil {
		f.fail(name, "must be "+form)
		return false
	}
	return true
}

func (f *fields) integer(name string, low, high int64, required bool) int64 {
	form := fmt.Sprintf("an integer from %d to %d", low, high)
	var n int64
	if f.read(name, form, required, &n) && (n < low || n > high) {
		f.fail(name, "must be "+form)
		return 0
	}
	return n
}

// measure reads a number that may be absent.
func (f *fields) measure(name string, low, high float64) *float64 {
	form := fmt.Sprintf("a number from %g to %g", low, high)
	var n float64
	if !f.read(name, form, false, &n) {
		return nil
	}
	if n < low || n > high {
		f.fail(name, "must be "+form)
		return nil
	}
	return &n
}

func (f *fields) time(name string) int64 { return f.integer(name, 0, maxTime, true) }

func (f *fields) boolean(name string) bool {
	var b bool
	f.read(name, "true or false", false, &b)
	return b
}

func (f *fields) text(name string, required bool) string {
	form := fmt.Sprintf("a text of at most %d characters without control characters", maxText)
	if required {
		form = fmt.Sprintf("a text of 1 to %d characters without control characters", maxText)
	}
	var s string
	if f.read(name, form, required, &s) && (!plain(s) || required && s == "") {
		f.fail(name, "must be "+form)
		return ""
	}
	return s
}

// id reads an id; an optional one may be absent or empty.
func (f *fields) id(name string, required bool) string {
	var s string
	if f.read(name, idForm, required, &s) && !ValidID(s) && (required || s != "") {
		f.fail(name, "must be "+idForm)
		return ""
	}
	return s
}

// oneOf reads a word of a list; an optional one may be absent or empty.
func (f *fields) oneOf(name string, required bool, words ...string) string {
	form := "one of " + strings.Join(words, ", ")
	var s string
	if !f.read(name, form, required, &s) || s == "" && !required {
		return ""
	}
	for _, w := range words {
		if s == w {
			return s
		}
	}
	f.fail(name, "must be "+form)
	return ""
}

func plain(s string) bool {
	if utf8.RuneCountInString(s) > maxText {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
