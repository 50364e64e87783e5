package feed_test

import (
	"slices"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

func TestAFilterThatIsWiderThanTheReachIsRefused(t *testing.T) {
	t.Parallel()
	clocks := devices.Clocks{"a": time.UTC, "b": time.UTC, "c": time.UTC, "+": time.UTC, "#": time.UTC}
	reach := devices.Scope{Places: []devices.Place{{Site: "a"}, {Site: "b", Zone: "b1"}, {Site: "b", Zone: "b3"}}}.Reach(time.Now(), clocks)
	own := feed.Filters(reach)
	if want := []string{"gatehouse/v1/feed/a/#", "gatehouse/v1/feed/b/b1/#", "gatehouse/v1/feed/b/-/layer/#", "gatehouse/v1/feed/b/b3/#"}; !slices.Equal(own, want) {
		t.Errorf("filters %q", own)
	}
	for _, f := range append(own,
		"gatehouse/v1/feed/a/+/device/+", "gatehouse/v1/feed/a/a1/#", "gatehouse/v1/feed/b/b1/device/d1", "gatehouse/v1/feed/b/-/layer/lockdown.site") {
		if !feed.MayWatch(reach, f) {
			t.Errorf("%s is refused", f)
		}
	}
	for _, f := range []string{
		"", "#", "+/#", "gatehouse/v1/feed", "gatehouse/v1/feed/#", "gatehouse/v1/feed/+/#", "gatehouse/v1/feed//#", "gatehouse/v1/feed/a",
		"gatehouse/v1/feed/b/#", "gatehouse/v1/feed/b/+/#", "gatehouse/v1/feed/b/b1", "gatehouse/v1/feed/b/b2/#", "gatehouse/v1/feed/c/#", "gatehouse/v1/feed/c/b1/#",
		"gatehouse/v1/feed/b/-/#", "gatehouse/v1/feed/b/-/layer", "gatehouse/v1/feed/b/-/+/x", "gatehouse/v1/feed/b/-/today/-", "gatehouse/v1/feed/b/-/alarm/x",
		"gatehouse/v1/devices/a/#", "gatehouse/v1/feedx/a/#", "$share/g/gatehouse/v1/feed/a/#",
	} {
		if feed.MayWatch(reach, f) {
			t.Errorf("%s is granted", f)
		}
	}
	for _, f := range append(own, feed.AllFilter()) {
		if feed.MayWatch(devices.Reach{}, f) {
			t.Errorf("%s is granted to somebody who reaches nothing", f)
		}
		if !feed.MayWatch(devices.Everything(), f) {
			t.Errorf("%s is refused to somebody who reaches everything", f)
		}
	}
	if odd := (devices.Scope{Places: []devices.Place{{Site: "+"}, {Site: "#"}}}).Reach(time.Now(), clocks); feed.MayWatch(odd, "gatehouse/v1/feed/+/#") || feed.MayWatch(odd, "gatehouse/v1/feed/#") {
		t.Error("a site that is called as a wildcard grants everything")
	}
}
