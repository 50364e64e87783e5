package topic

import (
	"maps"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestCursorFindsWhatMatchFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var names Names[int]
		for i, n := range rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return drawName(t, "name") }), 0, 60).Draw(t, "names") {
			names.Put(n, i)
		}
		filter := drawFilter(t, "filter")
		want, got := map[string]int{}, map[string]int{}
		names.Match(filter, func(n string, v int) { want[n] = v })
		c := names.Find(filter)
		for more := true; more; {
			more = c.Next(rapid.IntRange(1, 5).Draw(t, "steps"), func(n string, v int) {
				if _, twice := got[n]; twice {
					t.Fatalf("%q twice for %q", n, filter)
				}
				got[n] = v
			})
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%q: got %v, want %v", filter, got, want)
		}
	})
}

// What is there all the time is given, whatever comes and goes between the steps.
func TestCursorMissesNothingThatStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var names Names[int]
		draw := func(label string) string {
			if rapid.Bool().Draw(t, label+" of many") { // enough children of one node to be indexed and shrunk
				return "a/" + strconv.Itoa(rapid.IntRange(0, 30).Draw(t, label+" number"))
			}
			return drawName(t, label)
		}
		for range rapid.IntRange(0, 80).Draw(t, "count") {
			names.Put(draw("name"), 0)
		}
		filter := drawFilter(t, "filter")
		stays, ever, got := map[string]bool{}, map[string]bool{}, map[string]bool{}
		names.Match(filter, func(n string, _ int) { stays[n], ever[n] = true, true })
		c := names.Find(filter)
		for c.Next(rapid.IntRange(1, 8).Draw(t, "steps"), func(n string, _ int) { got[n] = true }) {
			for range rapid.IntRange(0, 6).Draw(t, "changes") {
				n := draw("changed")
				if rapid.Bool().Draw(t, "deleted") {
					names.Delete(n)
					delete(stays, n)
				} else {
					names.Put(n, 0)
					ever[n] = true
				}
			}
		}
		for n := range stays {
			if !got[n] {
				t.Fatalf("%q missed %q", filter, n)
			}
		}
		for n := range got {
			if !ever[n] || !naiveMatch(filter, n) {
				t.Fatalf("%q gave %q", filter, n)
			}
		}
	})
}
