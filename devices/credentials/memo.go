package credentials

import (
	"sync"
	"sync/atomic"
)

// maxUnknown bounds how many unknown user names are remembered.
const maxUnknown = 4096

// holding is a credential in memory, until it is replaced or taken away. All but
// ended never changes.
type holding struct {
	credential Credential
	key        []byte // command key; nil for integrators
	ended      *atomic.Bool
}

func (h *holding) valid() bool { return !h.ended.Load() }

// memo remembers what the store said. Its epoch rises with every change, so that
// what was read before a change is never remembered after it.
type memo struct {
	mu      sync.Mutex
	changes uint64
	known   map[string]*holding
	ending  map[string]*ending // those of known that are no device's
	unknown map[string]struct{}
}

func (m *memo) epoch() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changes
}

func (m *memo) get(username string) (h *holding, gone bool, epoch uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, gone = m.unknown[username]
	return m.known[username], gone, m.changes
}

// put remembers h and gives it, or the one that was remembered meanwhile; false
// if it may be out of date.
func (m *memo) put(username string, h *holding, epoch uint64) (*holding, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes != epoch {
		return nil, false
	}
	if old := m.known[username]; old != nil {
		return old, true
	}
	m.known[username] = h
	if h.credential.Holder != ForDevice {
		m.ending[username] = &ending{h: h}
	}
	return h, true
}

func (m *memo) putUnknown(username string, epoch uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes != epoch {
		return
	}
	if len(m.unknown) >= maxUnknown {
		clear(m.unknown)
	}
	m.unknown[username] = struct{}{}
}

// widen replaces what is remembered of a credential that lets its holder in by one way
// more, and ends nothing of it.
func (m *memo) widen(c Credential) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	delete(m.unknown, c.Username)
	if h := m.known[c.Username]; h != nil {
		m.known[c.Username] = &holding{credential: c, key: h.key, ended: h.ended}
	}
}

// end ends what is remembered of a user name.
func (m *memo) end(username string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	delete(m.unknown, username)
	h := m.known[username]
	delete(m.known, username)
	delete(m.ending, username)
	if h != nil {
		h.ended.Store(true)
	}
}
