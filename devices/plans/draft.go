package plans

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/devices"
)

// Draft is what somebody makes of a plan.
type Draft struct {
	Name string
	Pins []Pin
}

// check gives a draft as it can be kept. Errors are Invalid with Field name or pins[n].
func (d Draft) check(site devices.SiteID, registry Registry) (Draft, error) {
	name, err := checkName(d.Name)
	if err != nil {
		return d, err
	}
	if len(d.Pins) > MaxPins {
		return d, invalid("pins", fmt.Sprintf("has %d devices; a plan may have %d: divide it into several, for example one for each floor", len(d.Pins), MaxPins))
	}
	pins := slices.Clone(d.Pins)
	seen := map[devices.DeviceID]bool{}
	for i, p := range pins {
		field := fmt.Sprintf("pins[%d]", i)
		if err := checkPin(field, p); err != nil {
			return d, err
		}
		if seen[p.Device] {
			return d, invalid(field+".device", fmt.Sprintf("%.64q stands on the plan twice: give each device one place", p.Device))
		}
		seen[p.Device] = true
		if x, ok := registry.Registered(p.Device); !ok || x.Site != site {
			return d, invalid(field+".device", fmt.Sprintf("%.64q is not in service at the site of the plan: take it off the plan", p.Device))
		}
		pins[i].X, pins[i].Y = rounded(p.X), rounded(p.Y)
	}
	slices.SortFunc(pins, func(a, b Pin) int { return cmp.Compare(a.Device, b.Device) })
	return Draft{Name: name, Pins: pins}, nil
}

func checkPin(field string, p Pin) error {
	for axis, v := range map[string]float64{".x": p.X, ".y": p.Y} {
		if !(v >= 0 && v <= 1) { // also what is no number
			return invalid(field+axis, fmt.Sprintf("is %g; it must be a part of the picture from 0 to 1, for example 0.5 for its middle", v))
		}
	}
	if p.Turn != NoTurn && (p.Turn < 0 || p.Turn > 359) {
		return invalid(field+".turn", fmt.Sprintf("is %d; it must be 0 to 359 degrees clockwise from the top, for example 90 for the right", p.Turn))
	}
	return nil
}

// rounded is a place as it is kept: to a hundred-thousandth of the picture, which no screen shows.
func rounded(v float64) float64 { return math.Round(v*1e5) / 1e5 }

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0 || n > MaxName:
		return "", invalid("name", fmt.Sprintf("has %d characters; it must have 1 to %d, for example \"Ground floor\"", n, MaxName))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", invalid("name", "must be text in one line, for example \"Ground floor\"")
	}
	return name, nil
}

func invalid(field, message string) error {
	return &devices.Error{Op: "plan.check", Code: devices.Invalid, Field: field, Message: message}
}
