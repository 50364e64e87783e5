package devices

import (
	"context"
	"sync"
)

// queue hands each waiting thing to one worker. A thing that is added again while
// it waits is handed out once.
type queue[T comparable] struct {
	wake chan struct{} // holds one token while something may wait

	mu      sync.Mutex // guards waiting and order
	waiting map[T]bool
	order   []T
}

func newQueue[T comparable]() *queue[T] {
	return &queue[T]{wake: make(chan struct{}, 1), waiting: map[T]bool{}}
}

// add never blocks.
func (q *queue[T]) add(v T) {
	q.mu.Lock()
	if !q.waiting[v] {
		q.waiting[v] = true
		q.order = append(q.order, v)
	}
	q.mu.Unlock()
	q.signal()
}

func (q *queue[T]) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next waits for a thing; false when ctx has ended.
func (q *queue[T]) next(ctx context.Context) (T, bool) {
	for {
		select {
		case <-ctx.Done():
			var none T
			return none, false
		case <-q.wake:
		}
		if v, ok := q.take(); ok {
			return v, true
		}
	}
}

func (q *queue[T]) take() (v T, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 {
		return v, false
	}
	v, q.order = q.order[0], q.order[1:]
	delete(q.waiting, v)
	if len(q.order) > 0 {
		q.signal() // for the next worker
	}
	return v, true
}
