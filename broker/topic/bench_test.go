package topic

import (
	"strconv"
	"testing"
)

// sizes are how many filters a name is matched with: few, some, a large property.
func sizes() []int { return []int{1, 100, 10_000} }

// commands is a tree with the filter of n devices for their commands, and one of
// somebody who sees everything.
func commands(n int) *Tree[int, int] {
	var tree Tree[int, int]
	for k := range n {
		tree.Set("gatehouse/v1/devices/s/d"+strconv.Itoa(k)+"/command", k, k)
	}
	tree.Set("gatehouse/v1/devices/+/+/+", -1, 0)
	return &tree
}

func BenchmarkTreeMatch(b *testing.B) {
	for _, size := range sizes() {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			tree, n := commands(size), 0
			f := func(int, int) { n++ }
			b.ReportAllocs()
			for b.Loop() {
				tree.Match("gatehouse/v1/devices/s/d0/command", f)
			}
		})
	}
}

func BenchmarkTreeSetDelete(b *testing.B) {
	for _, size := range sizes() {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			tree := commands(size)
			b.ReportAllocs()
			for b.Loop() {
				tree.Set("gatehouse/v1/devices/s/new/command", 0, 0)
				tree.Delete("gatehouse/v1/devices/s/new/command", 0)
			}
		})
	}
}

func BenchmarkTreeMatchFanout500(b *testing.B) {
	var tree Tree[int, int]
	for k := range 500 {
		tree.Set("gatehouse/v1/feed/#", k, k)
	}
	n := 0
	f := func(int, int) { n++ }
	b.ReportAllocs()
	for b.Loop() {
		tree.Match("gatehouse/v1/feed/s/z/device/1", f)
	}
}

func BenchmarkNamesMatch(b *testing.B) {
	var names Names[int]
	for k := range 50_000 {
		names.Put("gatehouse/v1/feed/s/z/device/"+strconv.Itoa(k), k)
	}
	n := 0
	f := func(string, int) { n++ }
	b.ReportAllocs()
	for b.Loop() {
		names.Match("gatehouse/v1/feed/s/#", f)
	}
}
