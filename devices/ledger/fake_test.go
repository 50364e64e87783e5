package ledger_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
	"gatehouse/devices/ledger/storetest"
)

// memory is a Store in memory; fail, if set, is what it answers.
type memory struct {
	mu   sync.Mutex
	rows []ledger.Entry
	fail error
}

func (m *memory) AddEntries(_ context.Context, entries []ledger.Entry) ([]ledger.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return nil, m.fail
	}
	results := make([]ledger.Result, len(entries))
	for i, e := range entries {
		at := slices.IndexFunc(m.rows, func(r ledger.Entry) bool { return r.Device == e.Device && r.EventID == e.EventID })
		if at >= 0 {
			same := m.rows[at].SameContent(e)
			results[i] = ledger.Result{Existed: same, Conflict: !same, Revision: m.rows[at].Revision}
			continue
		}
		e.ID = int64(len(m.rows) + 1)
		e.Revision = devices.Revision(e.ID)
		m.rows = append(m.rows, e)
		results[i] = ledger.Result{Revision: e.Revision}
	}
	return results, nil
}

func (m *memory) Entries(_ context.Context, q ledger.Query) ([]ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var got []ledger.Entry
	for _, e := range m.rows {
		if fits(e, q) {
			got = append(got, e)
		}
	}
	slices.SortFunc(got, func(a, b ledger.Entry) int { return compare(q.Order, a, b) })
	if q.Before > 0 {
		at := slices.IndexFunc(got, func(e ledger.Entry) bool { return e.ID == q.Before })
		switch {
		case at >= 0:
			got = got[at+1:]
		case q.Order == ledger.Newest || q.Order == "":
			got = slices.DeleteFunc(got, func(e ledger.Entry) bool { return e.ID >= q.Before })
		case q.Order == ledger.Oldest:
			got = slices.DeleteFunc(got, func(e ledger.Entry) bool { return e.ID <= q.Before })
		default:
			return nil, &devices.Error{Code: devices.Invalid, Field: "before"}
		}
	}
	return got[:min(len(got), q.Limit)], nil
}

func compare(by ledger.Order, a, b ledger.Entry) int {
	newest := cmp.Compare(b.ID, a.ID)
	switch by {
	case ledger.Oldest:
		return -newest
	case ledger.Largest:
		return cmp.Or(cmp.Compare(a.Amount.Currency, b.Amount.Currency), cmp.Compare(b.Amount.Amount, a.Amount.Amount), newest)
	case ledger.Smallest:
		return cmp.Or(cmp.Compare(a.Amount.Currency, b.Amount.Currency), cmp.Compare(a.Amount.Amount, b.Amount.Amount), newest)
	case ledger.ByLane:
		return cmp.Or(cmp.Compare(a.Device, b.Device), newest)
	}
	return newest
}

func (m *memory) Totals(_ context.Context, q ledger.Query) (rows int64, sums []ledger.Money, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.rows {
		if !fits(e, q) {
			continue
		}
		rows++
		at := slices.IndexFunc(sums, func(s ledger.Money) bool { return s.Currency == e.Amount.Currency })
		if at < 0 {
			sums = append(sums, ledger.Money{Currency: e.Amount.Currency})
			at = len(sums) - 1
		}
		sums[at].Amount += e.Amount.Amount
	}
	return rows, sums, nil
}

func fits(e ledger.Entry, q ledger.Query) bool {
	return q.Within.Admits(e.Site, e.Zone) && (q.Site == "" || e.Site == q.Site) && (q.Device == "" || e.Device == q.Device) &&
		(q.From.IsZero() || !e.ArrivedAt.Before(q.From)) && (q.To.IsZero() || e.ArrivedAt.Before(q.To))
}

func TestMemoryStoreKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	storetest.RunStoreTests(t, func(*testing.T, ...devices.Device) ledger.Store { return &memory{} })
}

// quarantine is a Quarantine that fails from its failFrom-th message on, if set.
type quarantine struct {
	kept     []devices.Quarantined
	failFrom int
	fail     error
}

func (q *quarantine) Quarantine(_ context.Context, m devices.Quarantined) error {
	if q.fail != nil && len(q.kept) >= q.failFrom {
		return q.fail
	}
	q.kept = append(q.kept, m)
	return nil
}
