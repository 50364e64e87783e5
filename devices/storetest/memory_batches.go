package storetest

import (
	"context"
	"slices"

	"gatehouse/devices"
)

func copyBatch(b devices.Batch) devices.Batch {
	b.Members = slices.Clone(b.Members)
	return b
}

// AddBatch implements devices.Store.
func (m *Memory) AddBatch(_ context.Context, b devices.Batch, a devices.AuditEntry) (devices.Batch, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.batches {
		if o.Key == b.Key {
			return copyBatch(o), true, nil
		}
	}
	m.batches = append(m.batches, copyBatch(b))
	m.log(a)
	return copyBatch(b), false, nil
}

// SaveBatch implements devices.Store.
func (m *Memory) SaveBatch(_ context.Context, b devices.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.batches {
		if m.batches[i].ID == b.ID {
			m.batches[i].Members = slices.Clone(b.Members)
			return nil
		}
	}
	return missing("store.save_batch", "batch "+string(b.ID))
}

// Batch implements devices.Store.
func (m *Memory) Batch(_ context.Context, id devices.BatchID) (devices.Batch, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.batches {
		if b.ID == id {
			return copyBatch(b), nil
		}
	}
	return devices.Batch{}, missing("store.batch", "batch "+string(id))
}

// Batches implements devices.Store.
func (m *Memory) Batches(_ context.Context, q devices.BatchQuery) ([]devices.Batch, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []devices.Batch
	reached := q.Before == ""
	for _, b := range slices.Backward(m.batches) {
		if reached && (q.Site == "" || b.Site == q.Site) {
			found = append(found, copyBatch(b))
		}
		reached = reached || b.ID == q.Before
	}
	return first(found, q.Limit), nil
}
