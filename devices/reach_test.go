package devices_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/prove"
)

// What two reaches have in common is never more than either of them, and nothing less.
func TestWhatTwoReachesHaveInCommonIsWhatIsInBoth(t *testing.T) {
	t.Parallel()
	sites, zones := []devices.SiteID{"a", "b", "c"}, []devices.ZoneID{"", "1", "2"}
	clocks := devices.Clocks{"a": time.UTC, "b": time.UTC, "c": time.UTC}
	random := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 0))
	some := func() devices.Reach {
		var s devices.Scope
		for _, site := range sites {
			for _, zone := range zones {
				if random.IntN(3) == 0 {
					s.Places = append(s.Places, devices.Place{Site: site, Zone: zone})
				}
			}
		}
		if random.IntN(20) == 0 {
			return devices.Reach{}
		}
		return s.Reach(time.Now(), clocks)
	}
	for range prove.Size(2000, 200_000) {
		x, y := some(), some()
		both := x.And(y)
		if both.Key() != y.And(x).Key() {
			t.Fatalf("%q and %q: %q, the other way round %q", x.Key(), y.Key(), both.Key(), y.And(x).Key())
		}
		nothing := true
		for _, site := range sites {
			if both.Site(site) != (x.Site(site) && y.Site(site)) {
				t.Fatalf("%q and %q: the whole of %s is in it: %v", x.Key(), y.Key(), site, both.Site(site))
			}
			for _, zone := range zones {
				want := x.Place(site, zone) && y.Place(site, zone)
				if both.Place(site, zone) != want {
					t.Fatalf("%q and %q: %s/%s is in it: %v", x.Key(), y.Key(), site, zone, !want)
				}
				nothing = nothing && !want
			}
		}
		if both.Nothing() != nothing || both.Everything() != (x.Everything() && y.Everything()) {
			t.Fatalf("%q and %q: nothing %v, everything %v", x.Key(), y.Key(), both.Nothing(), both.Everything())
		}
	}
}
