package topic

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxLength is the largest size of a name or filter in bytes (MQTT-4.7.3-3).
const MaxLength = 65_535

// What can be wrong with a topic name, a filter or a level. The errors of ValidName,
// ValidFilter and ValidLevel wrap these.
var (
	ErrEmpty    = errors.New("is empty")                                 // MQTT-4.7.3-1
	ErrTooLong  = errors.New("is longer than 65,535 bytes")              // MQTT-4.7.3-3
	ErrNull     = errors.New("holds U+0000")                             // MQTT-4.7.3-2
	ErrUTF8     = errors.New("is not well-formed UTF-8")                 // MQTT-1.5.4-1
	ErrWildcard = errors.New("has a wildcard in it")                     // MQTT-4.7.0-1
	ErrHash     = errors.New("has a # that is not the whole last level") // MQTT-4.7.1-1
	ErrPlus     = errors.New("has a + that is not a whole level")        // MQTT-4.7.1-2
	ErrLevels   = errors.New("has too many levels")
	ErrSlash    = errors.New("has a / in it")
	ErrSystem   = errors.New("begins with $")
)

// ValidName checks a topic name of at most maxLevels levels; 0 means any number.
func ValidName(s string, maxLevels int) error {
	if err := valid(s, maxLevels); err != nil {
		return fmt.Errorf("topic name %w", err)
	}
	if strings.ContainsAny(s, "+#") {
		return fmt.Errorf("topic name %w", ErrWildcard)
	}
	return nil
}

// ValidFilter checks a topic filter of at most maxLevels levels; 0 means any
// number.
func ValidFilter(s string, maxLevels int) error {
	err := valid(s, maxLevels)
	if err == nil {
		err = validWildcards(s)
	}
	if err != nil {
		return fmt.Errorf("topic filter %w", err)
	}
	return nil
}

// ValidLevel checks a word, as a client identifier or a user name, that is to stand
// for one level of a name or filter: with a wildcard, a "/" or a "$" at its begin it
// would stand for more than its owner. Rights that are made of such words must not
// be made of any other.
func ValidLevel(s string) error {
	err := valid(s, 0)
	switch {
	case err != nil:
		return fmt.Errorf("topic level %w", err)
	case strings.ContainsAny(s, "+#"):
		return fmt.Errorf("topic level %w", ErrWildcard)
	case strings.Contains(s, "/"):
		return fmt.Errorf("topic level %w", ErrSlash)
	case s[0] == '$':
		return fmt.Errorf("topic level %w", ErrSystem)
	}
	return nil
}

func valid(s string, maxLevels int) error {
	switch {
	case s == "":
		return ErrEmpty
	case len(s) > MaxLength:
		return ErrTooLong
	case strings.IndexByte(s, 0) >= 0:
		return ErrNull
	case !utf8.ValidString(s):
		return ErrUTF8
	case maxLevels > 0 && strings.Count(s, "/") >= maxLevels:
		return ErrLevels
	}
	return nil
}

func validWildcards(s string) error {
	for more := true; more; {
		var level string
		level, s, more = cut(s)
		if strings.Contains(level, "#") && (level != "#" || more) {
			return ErrHash
		}
		if strings.Contains(level, "+") && level != "+" {
			return ErrPlus
		}
	}
	return nil
}

// cut splits off the first level; more is false if it was the last one.
func cut(s string) (level, rest string, more bool) {
	if i := strings.IndexByte(s, '/'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}
