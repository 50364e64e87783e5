package lobby

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"gatehouse/devices"
)

// The limits of a lobby.
const (
	Shortest = time.Minute
	Longest  = 4 * time.Hour

	maxEntries   = 200
	maxPerSource = 20
	maxPerSecond = 10 // new entries
)

// Knock is one attempt of a device that nobody knows.
type Knock struct {
	Client, Username string
	Address          string // network address, with or without a port
	Protocol         string // for example MQTT 5.0
	Door             string // the way in
	Fingerprint      string // of a certificate that was verified; empty: none
}

// Entry is an unknown device.
type Entry struct {
	ID          string
	Knock       // texts are clean; the address has no port
	First, Last time.Time
	Count       int
	Device      devices.DeviceID // it was registered as; empty: it was not
}

// State is what people see of the lobby.
type State struct {
	Until   time.Time // while it is open; zero: it is shut
	Entries []Entry   // the newest first
	Missed  int       // attempts that did not fit into the list since it was opened
}

// Registry makes devices, and the audit trail of the lobby; devices.Control is one.
type Registry interface {
	AddDevice(ctx context.Context, a devices.Actor, zone devices.ZoneID, kind devices.KindName, name string) (devices.Live, error)
	Record(ctx context.Context, a devices.Actor, verb, object string, detail map[string]any) error
}

// Lobby is the list. It is safe for concurrent use.
type Lobby struct {
	registry Registry
	edit     sync.Mutex // one registration at a time; taken before mu

	mu      sync.Mutex
	until   time.Time
	list    map[key]*entry
	sources map[string]int // entries of an address
	missed  int
	second  time.Time // that newOnes were counted in
	newOnes int
}

// key is what tells two devices apart: all that they say, however long it is.
type key [sha256.Size]byte

type entry struct {
	Entry
	dismissed bool // stays, so that it is not listed again
}

// New makes a Lobby that is shut.
func New(r Registry) *Lobby {
	return &Lobby{registry: r, list: map[key]*entry{}, sources: map[string]int{}}
}

// Open opens the lobby for so long, from now on, and empties it if it was shut. Invalid
// names the field minutes.
func (l *Lobby) Open(ctx context.Context, by devices.Actor, d time.Duration) (State, error) {
	if d < Shortest || d > Longest {
		return State{}, &devices.Error{Op: "lobby.open", Code: devices.Invalid, Field: "minutes",
			Message: fmt.Sprintf("must be %d to %d", int(Shortest.Minutes()), int(Longest.Minutes()))}
	}
	l.edit.Lock()
	defer l.edit.Unlock()
	if err := l.registry.Record(ctx, by, "lobby.open", "lobby:devices", map[string]any{"minutes": int(d.Minutes())}); err != nil {
		return State{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.openAt(now) {
		clear(l.list)
		clear(l.sources)
		l.missed = 0
	}
	l.until = now.Add(d)
	return l.state(now), nil
}

// Close shuts the lobby; what stands in it stays.
func (l *Lobby) Close(ctx context.Context, by devices.Actor) error {
	l.edit.Lock()
	defer l.edit.Unlock()
	if err := l.registry.Record(ctx, by, "lobby.close", "lobby:devices", nil); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
	return nil
}

// State gives the list.
func (l *Lobby) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state(time.Now())
}

func (l *Lobby) state(now time.Time) State {
	s := State{Missed: l.missed, Entries: []Entry{}}
	if l.openAt(now) {
		s.Until = l.until
	}
	for _, e := range l.list {
		if !e.dismissed {
			s.Entries = append(s.Entries, e.Entry)
		}
	}
	slices.SortFunc(s.Entries, func(a, b Entry) int { return b.First.Compare(a.First) })
	return s
}

func (l *Lobby) openAt(now time.Time) bool { return now.Before(l.until) }

// Knock notes an attempt, if the lobby is open. It takes no time.
func (l *Lobby) Knock(k Knock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.openAt(now) {
		return
	}
	k.Address = host(k.Address)
	id := keyOf(k)
	if e := l.list[id]; e != nil {
		e.Last, e.Count, e.Door = now, e.Count+1, clean(k.Door)
		return
	}
	from := source(k.Address)
	if second := now.Truncate(time.Second); !second.Equal(l.second) {
		l.second, l.newOnes = second, 0
	}
	if len(l.list) >= maxEntries || l.sources[from] >= maxPerSource || l.newOnes >= maxPerSecond {
		l.missed++
		return
	}
	l.newOnes++
	l.sources[from]++
	l.list[id] = &entry{Entry: Entry{ID: rand.Text(), Knock: k.cleaned(), First: now, Last: now, Count: 1}}
}

// Dismiss takes an entry off the list; it is not listed again before the lobby is
// emptied. NotFound.
func (l *Lobby) Dismiss(ctx context.Context, by devices.Actor, id string) error {
	l.edit.Lock()
	defer l.edit.Unlock()
	e, err := l.find(id)
	if err != nil {
		return err
	}
	if err := l.registry.Record(ctx, by, "lobby.dismiss", "lobby:devices", e.detail()); err != nil {
		return err
	}
	l.change(id, func(e *entry) { e.dismissed = true })
	return nil
}

// Register makes a device of an entry, which names it from then on. It is let in once
// it has a credential of its own. NotFound; Conflict: it is a device already.
func (l *Lobby) Register(ctx context.Context, by devices.Actor, id string, zone devices.ZoneID, kind devices.KindName, name string) (devices.Device, error) {
	l.edit.Lock()
	defer l.edit.Unlock()
	e, err := l.find(id)
	if err != nil {
		return devices.Device{}, err
	}
	if e.Device != "" {
		return devices.Device{}, &devices.Error{Op: "lobby.register", Code: devices.Conflict, Message: "it is registered already, as device " + string(e.Device) + ": issue that one's credential"}
	}
	made, err := l.registry.AddDevice(ctx, by, zone, kind, name)
	if err != nil {
		return devices.Device{}, err
	}
	l.change(id, func(e *entry) { e.Device = made.Device.ID })
	return made.Device, nil
}

// find needs edit.
func (l *Lobby) find(id string) (Entry, error) {
	var found Entry
	if !l.change(id, func(e *entry) { found = e.Entry }) {
		return Entry{}, &devices.Error{Op: "lobby.find", Code: devices.NotFound, Message: "there is no such entry in the list of unknown devices"}
	}
	return found, nil
}

func (l *Lobby) change(id string, f func(*entry)) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.list {
		if e.ID == id && !e.dismissed {
			f(e)
			return true
		}
	}
	return false
}

// detail is an entry for the audit trail.
func (e Entry) detail() map[string]any {
	return map[string]any{"client": e.Client, "username": e.Username, "address": e.Address}
}
