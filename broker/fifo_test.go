package broker

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestFifoIsAPlainList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var q fifo[int]
		var plain []int
		for i := range rapid.IntRange(1, 300).Draw(t, "steps") {
			if len(plain) > 0 && rapid.Bool().Draw(t, "take") {
				if got := q.pop(); got != plain[0] {
					t.Fatalf("took %d, want %d", got, plain[0])
				}
				plain = plain[1:]
			} else {
				q.push(i)
				plain = append(plain, i)
			}
			if q.len() != len(plain) || !slices.Equal(q.all(), plain) {
				t.Fatalf("%v, want %v", q.all(), plain)
			}
		}
	})
}
