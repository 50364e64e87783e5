package topic

import (
	"strconv"
	"testing"
)

func BenchmarkTreeMatch(b *testing.B) {
	var tree Tree[int, int]
	for k := range 10_000 {
		tree.Set("gatehouse/v1/devices/s/d"+strconv.Itoa(k)+"/command", k, k)
	}
	tree.Set("gatehouse/v1/devices/+/+/+", -1, 0)
	n := 0
	f := func(int, int) { n++ }
	b.ReportAllocs()
	for b.Loop() {
		tree.Match("gatehouse/v1/devices/s/d77/command", f)
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
