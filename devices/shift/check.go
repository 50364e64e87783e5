package shift

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gatehouse/devices"
)

// The bounds of what somebody says.
const (
	mostDevices    = 6 // as many as keys of the booth
	mostCurrencies = 10
	mostAmount     = 1_000_000_000_000 // minor units
	// MaxText is how many characters a note, a remark or a reason may have.
	MaxText = 500
	// offerLife is how long a handed-over shift can be taken over.
	offerLife = 24 * time.Hour
)

func invalid(op, field, message string) error {
	return &devices.Error{Op: op, Code: devices.Invalid, Field: field, Message: message}
}

// text is a text of a person as it is kept. Invalid.
func text(op, field, said string, needed bool) (string, error) {
	said = strings.TrimSpace(said)
	odd := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	switch {
	case said == "" && needed:
		return "", invalid(op, field, `must say something, for example "driver says the ticket was lost"`)
	case !utf8.ValidString(said) || strings.ContainsFunc(said, odd):
		return "", invalid(op, field, "must be text")
	case utf8.RuneCountInString(said) > MaxText:
		return "", invalid(op, field, fmt.Sprintf("must have at most %d characters", MaxText))
	}
	return said, nil
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

// counted is what was counted as it is kept: by currency, each once. Invalid.
func counted(op string, said []Money) ([]Money, error) {
	if len(said) > mostCurrencies {
		return nil, invalid(op, "counted", fmt.Sprintf("must have at most %d currencies", mostCurrencies))
	}
	for i, m := range said {
		switch {
		case !currencyForm.MatchString(m.Currency):
			return nil, invalid(op, "counted", fmt.Sprintf(`%.10q is not a currency of ISO 4217, for example "CNY"`, m.Currency))
		case m.Amount < 0 || m.Amount > mostAmount:
			return nil, invalid(op, "counted", fmt.Sprintf("must be 0 to %d in minor units, for example 1250 for 12.50", int64(mostAmount)))
		case slices.ContainsFunc(said[:i], func(o Money) bool { return o.Currency == m.Currency }):
			return nil, invalid(op, "counted", m.Currency+" must stand there once")
		}
	}
	return slices.Clone(said), nil
}

// chosen checks the devices of a new shift, and gives their site. Invalid with Field devices.
func (s *Service) chosen(op string, list []devices.DeviceID) (devices.SiteID, error) {
	if len(list) < 1 || len(list) > mostDevices {
		return "", invalid(op, "devices", fmt.Sprintf("must be 1 to %d gates or turnstiles", mostDevices))
	}
	var site devices.SiteID
	for i, id := range list {
		d, ok := s.d.Device(id)
		switch {
		case !ok || d.Kind == devices.Camera:
			return "", invalid(op, "devices", fmt.Sprintf("%.64q is not a gate or a turnstile in service", string(id)))
		case slices.Contains(list[:i], id):
			return "", invalid(op, "devices", "must name each device once: "+d.Name)
		case i > 0 && d.Site != site:
			return "", invalid(op, "devices", "must be of one site: "+d.Name+" is of another one")
		}
		site = d.Site
	}
	return site, nil
}

// person is who acts, who must be a person.
func person(op string, by devices.Actor) (Person, error) {
	if by.Kind != devices.ActorOperator || by.ID == "" {
		return Person{}, &devices.Error{Op: op, Code: devices.Forbidden, Message: "only a person has a shift"}
	}
	return Person{ID: by.ID, Name: by.Name}, nil
}
