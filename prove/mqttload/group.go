package main

import (
	"errors"
	"sync"
)

// group is goroutines that end, and their errors.
type group struct {
	wg sync.WaitGroup
	mu sync.Mutex
	es []error
}

func (g *group) run(f func() error) {
	g.wg.Go(func() {
		if err := f(); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			if len(g.es) < 3 { // the first few say what it is
				g.es = append(g.es, err)
			}
		}
	})
}

func (g *group) wait() error {
	g.wg.Wait()
	return errors.Join(g.es...)
}

// parallel calls f for 0 to n-1, some at a time, and stops at an error.
func parallel(n, workers int, f func(int) error) error {
	next := make(chan int)
	var g group
	stop := make(chan struct{})
	var once sync.Once
	for range workers {
		g.run(func() error {
			for k := range next {
				if err := f(k); err != nil {
					once.Do(func() { close(stop) })
					return err
				}
			}
			return nil
		})
	}
feed:
	for k := range n {
		select {
		case next <- k:
		case <-stop:
			break feed
		}
	}
	close(next)
	return g.wait()
}
