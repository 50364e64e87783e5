package journal

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
)

// FuzzLoad: a log whose frames are whole, as checksums go, and hold any bytes is
// opened or refused. What is opened can be read, goes on, and reads the same when
// it is opened again.
func FuzzLoad(f *testing.F) {
	history := storetest.NewHistory(1)
	var all []byte
	for range 20 {
		next := recordsOf(f, history.Next())
		f.Add(all, next)
		all = append(all[:len(all):len(all)], next...)
	}
	f.Add([]byte{}, []byte{0xff})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		disk := newSimDisk(rand.New(rand.NewPCG(1, 1)))
		j, err := openSim(disk)
		ok(t, err)
		apply(t, j, retained("known", 10))
		at := j.segments.newest().end
		for n, payload := range [][]byte{first, second} {
			frame := append(make([]byte, frameHeader), payload...)
			seal(frame, j.frame+1+uint64(n), j.segments.newest().salt)
			_, err := j.segments.newest().file.WriteAt(frame, at)
			ok(t, err)
			at += int64(len(frame))
		}
		disk = disk.afterKill()
		if j, err = openSim(disk); err != nil {
			return
		}
		model := copyOf(t, j)
		if model == nil {
			return
		}
		if j.Apply(context.Background(), []broker.Change{retained("after", 20)}) == nil {
			apply(t, model, retained("after", 20))
		}
		if j, err = openSim(disk.afterKill()); err != nil {
			t.Fatalf("it opened once, and then not: %v", err)
		}
		if d, err := storetest.Diff(j, model); err != nil || d != "" {
			t.Fatalf("it reads otherwise when it is opened again: %v -want +got\n%s", err, d)
		}
	})
}

func openSim(d *simDisk) (*Journal, error) {
	return open(context.Background(), d, "/sim", Options{SegmentSize: MinSegmentSize, Log: slog.New(slog.DiscardHandler)})
}

func recordsOf(t testing.TB, changes []broker.Change) (b []byte) {
	for _, c := range changes {
		var err error
		b, err = appendChange(b, c)
		ok(t, err)
	}
	return b
}

// copyOf is the plainest store with the same in it; nil if it is found damaged now,
// or says what no program ever stored, as an entry without its message.
func copyOf(t testing.TB, j *Journal) *broker.MemoryStore {
	t.Helper()
	var all []broker.Change
	err := j.Load(context.Background(), func(c broker.Change) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		if !errors.As(err, new(*DamageError)) {
			t.Fatalf("what cannot be read is refused with %v, want a *DamageError", err)
		}
		return nil
	}
	model := broker.NewMemoryStore()
	if model.Apply(context.Background(), all) != nil {
		return nil
	}
	return model
}
