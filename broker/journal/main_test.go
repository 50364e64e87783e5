package journal

import (
	"context"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"gatehouse/broker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// opened opens the journal in a folder; segments are small, so that tests have
// many. It ends with the test.
func opened(t testing.TB, dir string) *Journal {
	t.Helper()
	j, err := Open(context.Background(), dir, Options{SegmentSize: MinSegmentSize, Log: slog.New(slog.DiscardHandler)})
	ok(t, err)
	t.Cleanup(func() { ok(t, j.Close()) })
	return j
}

func apply(t testing.TB, s broker.Store, changes ...broker.Change) {
	t.Helper()
	ok(t, s.Apply(context.Background(), changes))
}
