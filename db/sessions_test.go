package db

import (
	"context"
	"path/filepath"
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
)

func openedSessions(t testing.TB, path string) *Sessions {
	t.Helper()
	s, err := OpenSessions(context.Background(), path, nil)
	ok(t, err)
	return s
}

func TestSessionsPassTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) (broker.Store, func() broker.Store) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		s := openedSessions(t, path)
		t.Cleanup(func() { ok(t, s.Close()) })
		return s, func() broker.Store {
			ok(t, s.Close())
			s = openedSessions(t, path)
			return s
		}
	})
}

func TestApplyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := openedSessions(t, filepath.Join(t.TempDir(), "sessions.db"))
	defer func() { ok(t, s.Close()) }()
	entry := broker.Enqueue{Entry: broker.QueueEntry{Client: "c", Seq: 1, Message: 1, QoS: 1}}
	message := broker.PutMessage{ID: 1, Message: broker.Message{Topic: "t"}}
	count := func() (n int) {
		ok(t, s.Load(context.Background(), func(broker.Change) error { n++; return nil }))
		return n
	}
	if err := s.Apply(context.Background(), []broker.Change{message, entry, entry}); err == nil {
		t.Fatal("the same place in a queue was given twice")
	}
	if n := count(); n != 0 {
		t.Errorf("%d changes of a set that failed", n)
	}
	ok(t, s.Apply(context.Background(), []broker.Change{message, entry}))
	if n := count(); n != 2 {
		t.Errorf("%d changes after a good set, want 2", n)
	}
}
