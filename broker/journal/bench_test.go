package journal

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// traffic makes the changes of messages on their way: four for each.
type traffic struct {
	seq     uint64
	payload []byte
	clients []broker.ClientID
	changes []broker.Change
}

func newTraffic(clients int) *traffic {
	tr := &traffic{payload: make([]byte, 200)}
	for n := range clients {
		tr.clients = append(tr.clients, broker.ClientID(fmt.Sprintf("client-%06d", n)))
	}
	return tr
}

func (tr *traffic) next(messages int) []broker.Change {
	tr.changes = tr.changes[:0]
	for range messages {
		tr.seq++
		c := tr.clients[tr.seq%uint64(len(tr.clients))]
		id := broker.MessageID(tr.seq)
		tr.changes = append(tr.changes,
			broker.PutMessage{ID: id, Message: broker.Message{Topic: "site/gate/event", Payload: tr.payload, QoS: 1}},
			broker.Enqueue{Entry: broker.QueueEntry{Client: c, Seq: tr.seq, Message: id, QoS: 1}},
			broker.Advance{Client: c, Seq: tr.seq, State: broker.Sent},
			broker.Dequeue{Client: c, Seq: tr.seq - 64*uint64(len(tr.clients))})
	}
	return tr.changes
}

// BenchmarkApply is one durable Apply of that many changes.
func BenchmarkApply(b *testing.B) {
	for _, changes := range []int{4, 32, 1024} {
		b.Run(fmt.Sprintf("changes=%d", changes), func(b *testing.B) {
			j, err := Open(context.Background(), b.TempDir(), Options{})
			ok(b, err)
			defer func() { ok(b, j.Close()) }()
			run(b, j, changes)
		})
	}
}

// BenchmarkApplyWithoutSync is what the processor does for it.
func BenchmarkApplyWithoutSync(b *testing.B) {
	f, err := newFolder(b.TempDir())
	ok(b, err)
	j, err := open(context.Background(), unsynced{f}, string(f), Options{})
	ok(b, err)
	defer func() { ok(b, j.Close()) }()
	run(b, j, 1024)
}

func run(b *testing.B, j *Journal, changes int) {
	b.Helper()
	tr := newTraffic(100)
	b.ReportAllocs()
	for b.Loop() {
		ok(b, j.Apply(context.Background(), tr.next(changes/4)))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "applies/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*changes), "ns/change")
}

// unsynced is a folder whose files are not synced.
type unsynced struct{ folder }

func (u unsynced) open(name string) (file, error) {
	f, err := u.folder.open(name)
	return unsyncedFile{f}, err
}

func (u unsynced) create(name string) (file, error) {
	f, err := u.folder.create(name)
	return unsyncedFile{f}, err
}

type unsyncedFile struct{ file }

func (unsyncedFile) sync() error { return nil }

// house fills a journal with sessions that have a subscription each, and as many
// retained messages.
func house(t testing.TB, dir string, n int) {
	t.Helper()
	j, err := Open(context.Background(), dir, Options{Log: slog.New(slog.DiscardHandler)})
	ok(t, err)
	var changes []broker.Change
	for i := range n {
		c := broker.ClientID(fmt.Sprintf("device-%06d", i))
		changes = append(changes,
			broker.PutSession{Session: broker.SessionRecord{Client: c, Identity: "device:" + string(c), Version: packet.V5, Expiry: time.Hour}},
			broker.PutSubscription{Client: c, Subscription: packet.Subscription{Filter: fmt.Sprintf("site/%06d/command", i), QoS: 1}},
			broker.PutRetained{Message: broker.Message{Topic: fmt.Sprintf("site/%06d/state", i), Payload: make([]byte, 200), QoS: 1, Retain: true}})
		if len(changes) >= 300 || i == n-1 {
			apply(t, j, changes...)
			changes = changes[:0]
		}
	}
	ok(t, j.closeFiles()) // as a killed process leaves it
}

// openAndLoad gives how many changes were loaded.
func openAndLoad(t testing.TB, dir string) (changes int) {
	t.Helper()
	j, err := Open(context.Background(), dir, Options{Log: slog.New(slog.DiscardHandler)})
	ok(t, err)
	ok(t, j.Load(context.Background(), func(broker.Change) error { changes++; return nil }))
	ok(t, j.Close())
	return changes
}

// BenchmarkOpenAndLoad is a start after a crash with 100,000 sessions, each with a
// subscription, and 100,000 retained messages.
func BenchmarkOpenAndLoad(b *testing.B) {
	dir := b.TempDir()
	house(b, dir, 100_000)
	for b.Loop() {
		if n := openAndLoad(b, dir); n != 300_000 {
			b.Fatalf("%d changes", n)
		}
	}
}

func TestALargeHouseOpensSoon(t *testing.T) {
	n := prove.Size(2_000, 100_000)
	dir := t.TempDir()
	house(t, dir, n)
	start := time.Now()
	if got := openAndLoad(t, dir); got != 3*n {
		t.Errorf("%d changes, want %d", got, 3*n)
	}
	prove.Record(t, "the session store opens and loads after SIGKILL", "100,000 sessions and retained messages in 1.5 s",
		fmt.Sprintf("%d of each in %s", n, time.Since(start).Round(time.Millisecond)))
}
