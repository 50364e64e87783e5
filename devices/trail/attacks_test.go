package trail_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/trail"
	"gatehouse/prove"
)

// memory is a trail that an attacker holds in their hands.
type memory struct {
	rows []trail.Row
	ever int64
}

func (m *memory) Rows(_ context.Context, after int64, limit int) (out []trail.Row, err error) {
	for i, r := range m.rows {
		// Rows come by their numbers, as those of a table do.
		if r.ID > after && len(out) < limit && (i == 0 || m.rows[i-1].ID <= r.ID) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) LastOf(_ context.Context, verb string) (*trail.Row, error) {
	for _, r := range slices.Backward(m.rows) {
		if r.Verb == verb {
			return &r, nil
		}
	}
	return nil, nil
}

func (m *memory) Ever(context.Context) (int64, error) { return m.ever, nil }

// attack changes a trail in one of the ways that there are; it says which.
type attack struct {
	name string
	do   func(r *rand.Rand, m *memory)
}

// attacks are what somebody with the file in their hands can do. Those with rehash know
// how hashes are made, and make every later one anew.
var attacks = []attack{
	{"change a field", func(r *rand.Rand, m *memory) { change(r, &m.rows[r.IntN(len(m.rows))]) }},
	{"delete a row", func(r *rand.Rand, m *memory) {
		i := r.IntN(len(m.rows) - 1)
		m.rows = slices.Delete(m.rows, i, i+1)
	}},
	{"delete a row and close the gap", func(r *rand.Rand, m *memory) {
		i := r.IntN(len(m.rows) - 1)
		m.rows = slices.Delete(m.rows, i, i+1)
		for k := i; k < len(m.rows); k++ {
			m.rows[k].ID--
		}
	}},
	{"put a row in", func(r *rand.Rand, m *memory) {
		i := r.IntN(len(m.rows))
		row := m.rows[r.IntN(len(m.rows))]
		row.ID = m.rows[i].ID
		m.rows = slices.Insert(m.rows, i, row)
		for k := i + 1; k < len(m.rows); k++ {
			m.rows[k].ID++
		}
	}},
	{"exchange two rows", func(r *rand.Rand, m *memory) {
		i := r.IntN(len(m.rows) - 1)
		k := i + 1 + r.IntN(len(m.rows)-i-1)
		m.rows[i], m.rows[k] = m.rows[k], m.rows[i]
		m.rows[i].ID, m.rows[k].ID = m.rows[k].ID, m.rows[i].ID
	}},
	{"cut the beginning", func(r *rand.Rand, m *memory) { m.rows = m.rows[1+r.IntN(len(m.rows)-1):] }},
	{"cut the tail", func(r *rand.Rand, m *memory) { m.rows = m.rows[:1+r.IntN(len(m.rows)-1)] }},
	{"cut the tail and what remembers it", func(r *rand.Rand, m *memory) {
		m.rows = m.rows[:1+r.IntN(len(m.rows)-1)]
		m.ever = m.rows[len(m.rows)-1].ID
	}},
	{"change a field and hash anew", func(r *rand.Rand, m *memory) {
		i := r.IntN(len(m.rows))
		change(r, &m.rows[i])
		rehash(m, i)
	}},
	{"delete a row and hash anew", func(r *rand.Rand, m *memory) {
		i := 1 + r.IntN(len(m.rows)-2)
		m.rows = slices.Delete(m.rows, i, i+1)
		for k := i; k < len(m.rows); k++ {
			m.rows[k].ID--
		}
		rehash(m, i)
		m.ever = m.rows[len(m.rows)-1].ID
	}},
	{"move the hash", func(r *rand.Rand, m *memory) {
		i, k := r.IntN(len(m.rows)), r.IntN(len(m.rows))
		if k == i {
			k = (i + 1) % len(m.rows)
		}
		m.rows[i].Hash = m.rows[k].Hash
	}},
}

func change(r *rand.Rand, row *trail.Row) {
	fields := []*string{&row.At, &row.Actor.ID, &row.Actor.Name, &row.Actor.Address, &row.Actor.Session, &row.Verb, &row.Site, &row.Object, &row.Detail, &row.Outcome}
	switch n := r.IntN(len(fields) + 3); {
	case n < len(fields):
		*fields[n] += "x"
	case n == len(fields):
		row.ActorSealed.Text = append(slices.Clone(row.ActorSealed.Text), 1)
	case n == len(fields)+1:
		row.ActorSealed.Key++
	default: // a border between two fields is moved: the text as a whole stays
		row.Verb, row.Site = row.Verb+row.Site, ""
		if row.Site == "" {
			row.Object, row.Detail = row.Object+row.Detail[:1], row.Detail[1:]
		}
	}
}

func rehash(m *memory, from int) {
	var prev trail.Hash
	if from > 0 {
		prev = m.rows[from-1].Hash
	}
	for i := from; i < len(m.rows); i++ {
		m.rows[i].Hash = m.rows[i].Next(prev)
		prev = m.rows[i].Hash
	}
}

func TestEveryAttackOnTheTrailIsFound(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	h := newHouse(t)
	h.write(30)
	_, err := h.service.Rotate(t.Context(), guard)
	h.must(err)
	h.write(30)
	checkpoint := h.head("elsewhere.json")
	whole, err := h.db.Trail().Rows(t.Context(), 0, 1000)
	h.must(err)
	intact := &memory{rows: whole, ever: int64(len(whole))}
	if _, err := trail.Verify(t.Context(), intact, []trail.Named{checkpoint}, nil); err != nil {
		t.Fatalf("nobody touched it: %v", err)
	}
	const n = 1000
	undetected := 0
	for i := range n {
		a := attacks[i%len(attacks)]
		m := &memory{rows: slices.Clone(whole), ever: int64(len(whole))}
		a.do(r, m)
		_, err := trail.Verify(t.Context(), m, []trail.Named{checkpoint}, nil)
		var broken *trail.Broken
		if !errors.As(err, &broken) {
			undetected++
			t.Errorf("%s: %v", a.name, err)
		}
	}
	prove.Record(t, "audit chain: random attacks (change, delete, insert, reorder, cut; also with hashes made anew) that nobody finds", "0 of 1000", fmt.Sprintf("%d of %d", undetected, n))
}

func TestManyWritersMakeOneChain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const writers = 50
	each := prove.Size(20, 400)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				a := devices.Actor{Kind: devices.ActorOperator, ID: fmt.Sprintf("op-%d", w), Name: fmt.Sprintf("Person %d", w)}
				if err := h.db.Trail().Add(context.Background(), devices.Audited(h.clock(), a, "device.command", "", fmt.Sprintf("device:%d", i), nil)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	report, err := h.verify()
	h.must(err)
	want := int64(writers*each + 1) // and the row of the key
	if report.Last.Row != want {
		t.Errorf("%d rows, want %d", report.Last.Row, want)
	}
	prove.Record(t, "audit chain: forks with 50 writers at once", "0", fmt.Sprintf("0 in %d rows", report.Last.Row))
}

func TestAMillionRowsAreVerifiedInTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := prove.Size(2000, 1_000_000)
	fill(h, n)
	start := time.Now()
	report, err := h.verify()
	took := time.Since(start)
	h.must(err)
	if report.Last.Row != int64(n)+1 {
		t.Errorf("%d rows", report.Last.Row)
	}
	prove.Record(t, "audit chain: time to verify 1,000,000 rows", "10 s", fmt.Sprintf("%.2f s for %d rows", took.Seconds(), n))
	if prove.Full() && took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

// fill writes n rows, many at once, so that they share their commits.
func fill(h *house, n int) {
	h.t.Helper()
	var group sync.WaitGroup
	const writers = 500
	for w := range writers {
		group.Go(func() {
			for i := w; i < n; i += writers {
				if err := h.db.Trail().Add(context.Background(), devices.Audited(began, guard, "device.command", "site-1", "device:0190b5a0-7c3f-7e2a-9d1e-0d6f5a7b8c9d",
					map[string]any{"action": "open", "command": i, "reason": "a visitor", "ttlMs": 10000})); err != nil {
					h.t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}
