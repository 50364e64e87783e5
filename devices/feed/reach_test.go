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

// A reader of some kinds of feeds gets those and the heartbeat, and nothing by a filter that is wider.
func TestAReaderOfSomeKindsOfFeedsMayAskForNoOthers(t *testing.T) {
	t.Parallel()
	sites, kinds := []devices.SiteID{"s1"}, []string{"alarm", "today"}
	for _, filter := range feed.KindFilters("s1", kinds) {
		if !feed.MayReadKinds(sites, kinds, filter) {
			t.Errorf("%s is its own and refused", filter)
		}
	}
	const root = "gatehouse/v1/feed/"
	for filter, may := range map[string]bool{
		"s1/z1/alarm/a1": true, "s1/+/alarm/+": true, "s1/-/today/-": true, "s1/z1/heartbeat/-": true,
		"s1/#": false, "s1/z1/#": false, "s1/+/#": false, "s1/+/+/#": false, "s1/+/+/a1": false, "s1/+": false, "s1": false,
		"s1/+/device/#": false, "s1/z1/command/c1": false, "s1/+/layer/#": false, "s1/#/alarm": false, "s1/+/alarmed/#": false,
		"s2/+/alarm/#": false, "+/+/alarm/#": false, "#": false,
	} {
		if feed.MayReadKinds(sites, kinds, root+filter) != may {
			t.Errorf("%s: %v", filter, !may)
		}
		if may && !feed.MayReadKinds(sites, nil, root+filter) {
			t.Errorf("a reader of all kinds may not ask for %s", filter)
		}
	}
	if feed.MayReadKinds(sites, kinds, "gatehouse/v1/devices/s1/alarm/x") || !feed.MayReadKinds(sites, nil, root+"s1/#") {
		t.Error("sites are judged otherwise")
	}
}
