package devices

import (
	"sync"
	"time"
)

const (
	// keyMemory is how long the key of a command is remembered beside the store: 20
	// times what an order may live. Within it a repetition is known at once, also when
	// the store says nothing.
	keyMemory = 20 * MaxTTL
	// mostKeys is how many keys of before a start are read.
	mostKeys = 200_000
)

// keyring remembers which keys made which commands, for keyMemory.
type keyring struct {
	mu    sync.Mutex // guards what follows
	byKey map[deviceKey]CommandID
	order []agingKey // oldest first
}

type deviceKey struct {
	device DeviceID
	key    string
}

type agingKey struct {
	deviceKey
	until time.Time
}

func newKeyring() *keyring { return &keyring{byKey: map[deviceKey]CommandID{}} }

// note remembers a key until keyMemory after at, and forgets what is older than now.
func (k *keyring) note(d DeviceID, key string, id CommandID, at, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.order) > 0 && !now.Before(k.order[0].until) {
		delete(k.byKey, k.order[0].deviceKey)
		k.order = k.order[1:]
	}
	kept := deviceKey{d, key}
	if _, known := k.byKey[kept]; !known {
		k.order = append(k.order, agingKey{kept, at.Add(keyMemory)})
	}
	k.byKey[kept] = id
}

func (k *keyring) find(d DeviceID, key string) (CommandID, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	id, ok := k.byKey[deviceKey{d, key}]
	return id, ok
}
