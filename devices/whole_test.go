package devices_test

import (
	"context"
	"errors"
	"testing"

	"gatehouse/devices"
)

// counted gives the numbers from 1 to n page by page; most is the most that it was asked for at once.
func counted(n int, most *int) func(context.Context, *int, int) ([]int, error) {
	return func(_ context.Context, after *int, limit int) (page []int, err error) {
		*most = max(*most, limit)
		next := 1
		if after != nil {
			next = *after + 1
		}
		for ; next <= n && len(page) < limit; next++ {
			page = append(page, next)
		}
		return page, nil
	}
}

func TestASelectionIsGivenWholeAndInShortReadsOrNotAtAll(t *testing.T) {
	t.Parallel()
	const most = 2000
	for _, n := range []int{0, 1, 999, 1000, 1001, most} {
		read := 0
		all, err := devices.Whole(t.Context(), "count", most, counted(n, &read))
		if err != nil || len(all) != n || read > 1000 {
			t.Fatalf("of %d there are %d, read %d at once at most (%v)", n, len(all), read, err)
		}
		for i, got := range all {
			if got != i+1 {
				t.Fatalf("of %d there is %d at %d", n, got, i)
			}
		}
	}
	for _, n := range []int{most + 1, 10 * most} {
		read := 0
		all, err := devices.Whole(t.Context(), "count", most, counted(n, &read))
		var e *devices.Error
		if !errors.As(err, &e) || e.Code != devices.TooMany || e.Most != most || e.Field != "from" || all != nil {
			t.Errorf("%d give %d and %v", n, len(all), err)
		}
	}
}

func TestASelectionThatCannotBeReadToItsEndIsNotGiven(t *testing.T) {
	t.Parallel()
	broken, read := errors.New("the disk is gone"), 0
	page := counted(5000, &read)
	all, err := devices.Whole(t.Context(), "count", 9000, func(ctx context.Context, after *int, limit int) ([]int, error) {
		if after != nil {
			return nil, broken
		}
		return page(ctx, after, limit)
	})
	if !errors.Is(err, broken) || all != nil {
		t.Errorf("%d and %v", len(all), err)
	}
}
