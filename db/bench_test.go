package db

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"gatehouse/broker"
)

// BenchmarkAddEvent is the whole path of an event: how many callers share a
// commit decides the rate.
func BenchmarkAddEvent(b *testing.B) {
	for _, callers := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			d := opened(b)
			register(b, d, gate)
			var n atomic.Int64
			b.SetParallelism(callers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, _, err := d.Devices().AddEvent(context.Background(), passage(int(n.Add(1)))); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkApply is one change set of n queued messages: put, sent, done.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			s, err := OpenSessions(context.Background(), filepath.Join(b.TempDir(), "sessions.db"), nil)
			ok(b, err)
			defer func() { ok(b, s.Close()) }()
			seq := uint64(0)
			for b.Loop() {
				changes := make([]broker.Change, 0, 3*n)
				for range n {
					seq++
					changes = append(changes,
						broker.PutMessage{ID: broker.MessageID(seq), Message: broker.Message{Topic: "a/b", Payload: make([]byte, 200)}},
						broker.Enqueue{Entry: broker.QueueEntry{Client: "c", Seq: seq, Message: broker.MessageID(seq), QoS: 1}},
						broker.Dequeue{Client: "c", Seq: seq - 100})
				}
				ok(b, s.Apply(context.Background(), changes))
			}
		})
	}
}

// BenchmarkOpen is the start on an existing database, with its integrity check.
func BenchmarkOpen(b *testing.B) {
	for _, rows := range []int{0, 10_000} {
		b.Run(fmt.Sprintf("events=%d", rows), func(b *testing.B) {
			dir := filledFast(b, rows)
			b.ResetTimer()
			for b.Loop() {
				d, err := Open(context.Background(), Options{Dir: dir})
				ok(b, err)
				b.StopTimer()
				ok(b, d.Close())
				b.StartTimer()
			}
		})
	}
}

// filledFast makes a database with many rows.
func filledFast(b *testing.B, rows int) string {
	b.Helper()
	dir := b.TempDir()
	d, err := Open(context.Background(), Options{Dir: dir})
	ok(b, err)
	register(b, d, gate)
	results := make(chan error, 256)
	for w := range 256 {
		go func() {
			var failed error
			for n := w; n < rows && failed == nil; n += 256 {
				_, _, failed = d.Devices().AddEvent(context.Background(), passage(n))
			}
			results <- failed
		}()
	}
	for range 256 {
		ok(b, <-results)
	}
	ok(b, d.Close())
	return dir
}
