package broker

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// schedule runs functions at their time, one after the other, from one
// goroutine: the ends of sessions, of wills' delays and of waiting commands. It
// has one timer however many wait.
type schedule struct {
	mu    sync.Mutex // a leaf
	tasks taskHeap
	wake  chan struct{}
}

// task is one function that waits. It belongs to whoever made it, who cancels it
// when it is not wanted any more.
type task struct {
	at    time.Time
	f     func()
	index int // in the heap; -1 outside of it
}

func newSchedule() *schedule { return &schedule{wake: make(chan struct{}, 1)} }

// at makes f run once, not before the time.
func (s *schedule) at(t time.Time, f func()) *task {
	k := &task{at: t, f: f}
	s.mu.Lock()
	heap.Push(&s.tasks, k)
	first := k.index == 0
	s.mu.Unlock()
	if first {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return k
}

// cancel forgets a task, which may be nil. One that has begun goes on: its
// function looks at the state again.
func (s *schedule) cancel(k *task) {
	if k == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.index >= 0 {
		heap.Remove(&s.tasks, k.index)
	}
}

// run serves the tasks until ctx ends.
func (s *schedule) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		f, wait := s.next()
		if f != nil {
			f()
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// next takes the task that is due, or says how long none is.
func (s *schedule) next() (f func(), wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tasks) == 0 {
		return nil, time.Hour
	}
	if wait = time.Until(s.tasks[0].at); wait > 0 {
		return nil, wait
	}
	k, _ := heap.Pop(&s.tasks).(*task)
	return k.f, 0
}

// taskHeap implements heap.Interface: the next task is the first.
type taskHeap []*task

func (h taskHeap) Len() int           { return len(h) }
func (h taskHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h taskHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *taskHeap) Push(x any) {
	if k, ok := x.(*task); ok {
		k.index = len(*h)
		*h = append(*h, k)
	}
}

// Pop implements heap.Interface.
func (h *taskHeap) Pop() any {
	old := *h
	k := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	k.index = -1
	return k
}
