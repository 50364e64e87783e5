package wire

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The words of the contract.
var (
	modes     = []string{"controlled", "held_open", "held_closed", "locked_down", "fire_release"}
	physicals = []string{"open", "opening", "closed", "closing", "stopped", "fault", "unknown"}
	triggers  = []string{"command", "vehicle", "button", "remote", "hand"}
	alarms    = []string{"forced_open", "held_open_too_long"}
	powers    = []string{"mains", "battery", "low"}
	passage   = []string{"in", "out"}
	results   = []string{"granted", "denied"}
	colours   = []string{"blue", "yellow", "black", "white", "green", "yellow_green", "other"}
)

const (
	maxCounters     = 32
	maxCapabilities = 64
	maxArgs         = 16
	maxTTL          = 30_000
	maxAmount       = 1_000_000_000_000_000
	minSignal       = -150 // dBm: below what any radio can hear
	maxHeartbeat    = 60   // s: what the contract asks of every device
)

// Every Decode function gives a *FieldError that names the first wrong field, and
// then a zero payload. Unknown fields are ignored.

// DecodeStatus reads a StatusPayload.
func DecodeStatus(payload []byte) (StatusPayload, error) {
	f := parse(payload)
	return finish(f, StatusPayload{
		Status: f.oneOf("status", true, "online", "offline"),
		Cause:  f.text("cause", false),
	})
}

// DecodeState reads a StatePayload. Capabilities may be null, but must be there.
func DecodeState(payload []byte) (StatePayload, error) {
	f := parse(payload)
	return finish(f, StatePayload{
		At:           f.time("at"),
		Mode:         f.oneOf("mode", false, modes...),
		Modes:        f.modes("modes"),
		Physical:     f.oneOf("physical", false, physicals...),
		Tamper:       f.boolean("tamper"),
		Fault:        f.text("fault", false),
		Counters:     f.counters("counters"),
		Capabilities: f.capabilities("capabilities"),
		Firmware:     f.text("firmware", false),
		Command:      f.id("command", false),
		Alarm:        f.oneOf("alarm", false, alarms...),
		Power:        f.oneOf("power", false, powers...),
		Signal:       f.integer("signal", minSignal, -1, false),
		Heartbeat:    f.integer("heartbeat", 1, maxHeartbeat, false),
		Config:       f.integer("config", 0, maxInt, false),
		Settings:     f.args("settings"),
	})
}

// DecodeEvent reads an EventPayload. A passage must have a result, a movement the
// physical state that it led to, a plate its text and how sure the camera is, a
// fault its code as the reason. Which types a kind of device has is EventTypes' to
// say.
func DecodeEvent(payload []byte) (EventPayload, error) {
	f := parse(payload)
	kind := f.oneOf("type", true, eventTypes()...)
	return finish(f, EventPayload{
		ID:         f.id("id", true),
		Seq:        f.integer("seq", 0, maxInt, true),
		At:         f.time("at"),
		Type:       kind,
		Command:    f.id("command", false),
		Direction:  f.oneOf("direction", false, passage...),
		Result:     f.oneOf("result", kind == "passage", results...),
		Reason:     f.text("reason", kind == EventFault),
		Credential: f.text("credential", false),
		Picture:    f.boolean("picture"),
		Physical:   f.oneOf("physical", kind == "movement", physicals...),
		Trigger:    f.oneOf("trigger", false, triggers...),
		Camera:     f.id("camera", false),
		Plate:      f.plate("plate", kind == "plate"),
		Confidence: int(f.integer("confidence", 0, 100, kind == "plate")),
		Colour:     f.oneOf("colour", false, colours...),
		Snapshot:   f.id("snapshot", false),
	})
}

// DecodeBilling reads a BillingPayload. A negative amount gives money back.
func DecodeBilling(payload []byte) (BillingPayload, error) {
	f := parse(payload)
	return finish(f, BillingPayload{
		ID:       f.id("id", true),
		Seq:      f.integer("seq", 0, maxInt, true),
		At:       f.time("at"),
		Amount:   f.integer("amount", -maxAmount, maxAmount, true),
		Currency: f.currency("currency"),
		For:      f.text("for", true),
		Event:    f.id("event", false),
		Corrects: f.id("corrects", false),
	})
}

// DecodeTime reads a TimePayload.
func DecodeTime(payload []byte) (TimePayload, error) {
	f := parse(payload)
	return finish(f, TimePayload{Now: f.integer("now", 1, maxTime, true)})
}

// DecodeCommand reads a CommandPayload. It does not verify the signature: see
// Verify.
func DecodeCommand(payload []byte) (CommandPayload, error) {
	f := parse(payload)
	return finish(f, CommandPayload{
		ID:        f.id("id", true),
		Seq:       f.integer("seq", 1, maxInt, true),
		Action:    f.id("action", true),
		Args:      f.args("args"),
		Issued:    f.integer("issued", 1, maxTime, true),
		TTL:       f.integer("ttl", 1, maxTTL, true),
		Signature: f.signature("signature"),
	})
}

// DecodeAnswer reads an AnswerPayload.
func DecodeAnswer(payload []byte) (AnswerPayload, error) {
	f := parse(payload)
	return finish(f, AnswerPayload{
		ID:      f.id("id", true),
		Outcome: f.oneOf("outcome", true, "done", "refused"),
		Reason:  f.text("reason", false),
		At:      f.time("at"),
	})
}

// finish gives the payload, or the first problem and nothing else.
func finish[T any](f *fields, payload T) (T, error) {
	if f.err != nil {
		var none T
		return none, f.err
	}
	return payload, nil
}

// modes reads the modes of a turnstile by direction.
func (f *fields) modes(name string) map[string]string {
	form := "an object of in and out, each one of " + strings.Join(modes, ", ")
	var of map[string]string
	if !f.read(name, form, false, &of) {
		return nil
	}
	for direction, mode := range of {
		if !slices.Contains(passage, direction) || !slices.Contains(modes, mode) {
			f.fail(name, "must be "+form)
			return nil
		}
	}
	return of
}

func (f *fields) counters(name string) map[string]int64 {
	form := fmt.Sprintf("an object of at most %d counters, each an integer from 0 to %d", maxCounters, int64(maxInt))
	var counters map[string]int64
	if !f.read(name, form, false, &counters) {
		return nil
	}
	for key, n := range counters {
		if len(counters) > maxCounters || !ValidID(key) || n < 0 || n > maxInt {
			f.fail(name, "must be "+form)
			return nil
		}
	}
	return counters
}

func (f *fields) capabilities(name string) []string {
	form := fmt.Sprintf("a list of at most %d actions", maxCapabilities)
	if _, present := f.members[name]; !present {
		f.fail(name, "is missing; it must be "+form)
		return nil
	}
	var actions []string
	f.read(name, form, false, &actions)
	if len(actions) > maxCapabilities || slices.ContainsFunc(actions, func(a string) bool { return !ValidID(a) }) {
		f.fail(name, "must be "+form)
		return nil
	}
	return actions
}

func (f *fields) args(name string) map[string]string {
	form := fmt.Sprintf("an object of at most %d texts", maxArgs)
	var args map[string]string
	if !f.read(name, form, false, &args) {
		return nil
	}
	for key, value := range args {
		if len(args) > maxArgs || !ValidID(key) || !plain(value) {
			f.fail(name, "must be "+form)
			return nil
		}
	}
	return args
}

// maxPlate is the length of a plate in characters: none anywhere has as many.
const maxPlate = 16

func (f *fields) plate(name string, required bool) string {
	s := f.text(name, required)
	if utf8.RuneCountInString(s) > maxPlate {
		f.fail(name, fmt.Sprintf("must be a number plate of at most %d characters", maxPlate))
		return ""
	}
	return s
}

func (f *fields) currency(name string) string {
	const form = "an ISO 4217 code of three capital letters, for example CNY"
	var s string
	if !f.read(name, form, true, &s) {
		return ""
	}
	if len(s) != 3 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' || s[2] < 'A' || s[2] > 'Z' {
		f.fail(name, "must be "+form)
		return ""
	}
	return s
}

func (f *fields) signature(name string) string {
	const form = "64 hexadecimal digits in lower case"
	var s string
	if !f.read(name, form, true, &s) {
		return ""
	}
	if len(s) != 64 || slices.ContainsFunc([]byte(s), func(c byte) bool { return (c < '0' || c > '9') && (c < 'a' || c > 'f') }) {
		f.fail(name, "must be "+form)
		return ""
	}
	return s
}
