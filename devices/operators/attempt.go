package operators

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
)

// attempt is one sign-in as the throttles count it.
type attempt struct {
	s       *Service
	name    string // key of the account that was tried
	lane    string // key by which its failures are counted
	address string
}

// begin counts a sign-in before it is judged; Throttled if it is not to be judged now. Failures are counted
// by account and by address. An address from which somebody signed in before counts apart from the
// others: whoever guesses from elsewhere does not keep them out.
func (s *Service) begin(name, address string) (attempt, error) {
	a := attempt{s: s, name: accountKey(name), address: address}
	a.lane = a.name
	if s.homes.knows(a.name, address) {
		a.lane += address
	}
	now := s.d.Now()
	if wait := s.sources.begin(address, a.name, now); wait > 0 {
		return a, throttled("session.create", wait)
	}
	if wait := s.accounts.begin(a.lane, "", now); wait > 0 {
		s.sources.undo(address, a.name)
		return a, throttled("session.create", wait)
	}
	return a, nil
}

// undo is for what was not judged.
func (a attempt) undo() {
	a.s.accounts.undo(a.lane, "")
	a.s.sources.undo(a.address, a.name)
}

// right is for what let somebody in: their own failures are forgotten. Of their address those of
// other accounts stay: whoever has one account tries no others by signing in between.
func (a attempt) right() {
	a.s.accounts.clear(a.lane)
	a.s.sources.forgive(a.address, a.name)
	a.s.homes.add(a.name, a.address)
}

// accountKey is of a fixed size, whatever somebody sends as a name.
func accountKey(name string) string {
	h := sha256.Sum256([]byte(strings.ToLower(name)))
	return string(h[:])
}

const (
	homesOf  = 8 // addresses that are remembered of an account; the oldest goes first
	maxHomes = 10_000
)

// homes are the addresses from which people signed in, in this run.
type homes struct {
	mu sync.Mutex
	of map[string][]string
}

func (h *homes) knows(account, address string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.of[account], address)
}

func (h *homes) add(account, address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := slices.DeleteFunc(h.of[account], func(a string) bool { return a == address })
	if len(list) >= homesOf {
		list = list[1:]
	}
	if len(h.of) >= maxHomes {
		clear(h.of)
	}
	h.of[account] = append(list, address)
}
