package prove

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestEveryZoneOfTheListIsKnown(t *testing.T) {
	t.Parallel()
	all := Zones()
	for _, name := range all {
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(slices.Compact(all)) < 150 {
		t.Errorf("only %d zones", len(all))
	}
}
