package devices

import (
	"context"
	"fmt"
)

// wholePage is how many one read of a store gives to whoever wants all: no read is long.
const wholePage = 1000

// Walk goes through everything of a selection, in its order, read in short parts: page gives
// those after one (nil: the first), at most limit of them. More than most are the error
// TooMany: part of them would be taken for all.
func Walk[T any](ctx context.Context, op string, most int, page func(ctx context.Context, after *T, limit int) ([]T, error), each func(*T)) error {
	var last *T
	for seen := 0; ; {
		part, err := page(ctx, last, wholePage)
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		if seen += len(part); seen > most {
			return &Error{Op: op, Code: TooMany, Field: "from", Most: most, Message: fmt.Sprintf("more than %d: choose less time, or narrow it by the other filters", most)}
		}
		for i := range part {
			each(&part[i])
		}
		if len(part) < wholePage {
			return nil
		}
		last = &part[len(part)-1]
	}
}

// Whole is Walk that gives all of them, or none.
func Whole[T any](ctx context.Context, op string, most int, page func(ctx context.Context, after *T, limit int) ([]T, error)) (all []T, err error) {
	if err := Walk(ctx, op, most, page, func(one *T) { all = append(all, *one) }); err != nil {
		return nil, err
	}
	return all, nil
}
