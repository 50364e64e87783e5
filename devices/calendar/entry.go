package calendar

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a day is.
type Kind string

// The kinds of days.
const (
	Workday Kind = "workday"
	Rest    Kind = "rest"
	Holiday Kind = "holiday" // a public one
)

// MaxName is how many characters the name of a day may have.
const MaxName = 40

// Entry is what somebody says of one day.
type Entry struct {
	Day  Day
	Kind Kind
	Name string // up to MaxName characters in one line; may be empty
}

// check gives the entry as it can be kept. Errors are Invalid with Field day, kind or name.
func (e Entry) check() (Entry, error) {
	if _, err := ParseDay("day", string(e.Day)); err != nil {
		return e, err
	}
	if message := e.Kind.wrong(); message != "" {
		return e, invalid("kind", message)
	}
	e.Name = strings.TrimSpace(e.Name)
	if message := nameWrong(e.Name); message != "" {
		return e, invalid("name", message)
	}
	return e, nil
}

func (k Kind) wrong() string {
	switch k {
	case Workday, Rest, Holiday:
		return ""
	}
	return fmt.Sprintf("%.40q is not workday, rest or holiday", string(k))
}

func nameWrong(name string) string {
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "must be text in one line"
	case utf8.RuneCountInString(name) > MaxName:
		return fmt.Sprintf("has more than %d characters", MaxName)
	}
	return ""
}
