package topic

import (
	"strconv"
	"testing"
)

func TestMatchingAllocatesNothingHoweverManyFiltersThereAre(t *testing.T) {
	for _, size := range sizes() {
		tree, n := commands(size), 0
		f := func(int, int) { n++ }
		if a := testing.AllocsPerRun(100, func() { tree.Match("gatehouse/v1/devices/s/d0/command", f) }); a != 0 {
			t.Errorf("%d filters: %v allocations", size, a)
		}
		if a := testing.AllocsPerRun(100, func() { tree.Match("somewhere/else", f) }); a != 0 {
			t.Errorf("%d filters, none of which matches: %v allocations", size, a)
		}
	}
}

func TestFindingNamesAllocatesNothingHoweverManyThereAre(t *testing.T) {
	for _, size := range sizes() {
		var names Names[int]
		for k := range size {
			names.Put("gatehouse/v1/feed/s/z/device/"+strconv.Itoa(k), k)
		}
		n := 0
		f := func(string, int) { n++ }
		for _, filter := range []string{"gatehouse/v1/feed/s/#", "gatehouse/v1/feed/+/+/device/0", "gatehouse/v1/feed/s/z/device/0"} {
			if a := testing.AllocsPerRun(10, func() { names.Match(filter, f) }); a != 0 {
				t.Errorf("%d names, %s: %v allocations", size, filter, a)
			}
		}
	}
}
