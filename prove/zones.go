package prove

import (
	_ "embed"
	"math/rand/v2"
	"strings"
)

// zones has one name of each history of clocks between 2005 and 2037 that a region of the IANA
// time zone database (2025c) has; other names tell the same time as one of these.
//
//go:embed zones.txt
var zones string

// Zones are the names of every time zone in use whose clocks differ from those of all others.
func Zones() []string { return strings.Fields(zones) }

// SomeZones are all Zones at full size, otherwise a few of them in random order; the given ones,
// whose clocks do what few others do, come first.
func SomeZones(r *rand.Rand, few int, first ...string) []string {
	all := Zones()
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if Full() {
		return all
	}
	return append(first, all...)[:few]
}
