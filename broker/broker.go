package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// Broker is an MQTT server inside of a program.
type Broker struct {
	opts    Options
	limits  Limits
	front   *entrance // of a listener that nothing is said about
	log     *slog.Logger
	now     func() time.Time
	notices notices // of what clients did wrong

	idleAfter time.Duration
	endings   endings
	grudges   grudges

	handlers   []*handler
	watchers   []func(Presence)
	presences  *reports
	deliveries *reports
	schedule   *schedule
	tally      tally

	ctx     context.Context // ends when the broker stops
	cancel  context.CancelFunc
	running sync.WaitGroup // connections, and what is spawned for them
	own     sync.WaitGroup // the goroutines that serve all of them
	endAll  chan struct{}  // closed when the commits are to end
	broken  chan struct{}  // closed when the store failed

	rechecks atomic.Uint64 // how often Recheck or Forget began; counted in a turn

	mu            sync.Mutex // held by the turn, which owns everything below
	commit        commit
	sessions      map[ClientID]*session
	identities    map[string]int // sessions of each identity
	conns         map[*conn]struct{}
	addresses     map[netip.Addr]int // connections of each
	routes        topic.Tree[*session, *subscription]
	local         topic.Tree[*session, *subscription] // $local/, by the filter behind it
	attached      topic.Tree[*session, packet.QoS]    // by the program
	groups        map[string]*group                   // that share a subscription, by its filter
	shared        topic.Tree[*group, struct{}]        // the same, by the filter behind the prefix
	owing         int                                 // groups with a backlog
	retained      retained
	queued        queued
	hits          []*session // scratch of route
	groupHits     []*group   // the same
	lanes         map[laneKey]*lane
	contests      map[ClientID]*contest
	fired         map[ClientID][]*will // wills without a handler that are on their way
	stored        map[ClientID]*will   // that the store has
	connected     int                  // sessions with a connection
	mostConnected int
	traces        []*Trace
	watched       *TopicWatch // nil: nobody watches topics
	observed      bool        // there are traces or a watch
	lastNumber    uint64      // of a message
	epoch         uint64
	started       bool
	closing       bool
}

// New makes a broker and loads what the store has. It must be closed.
func New(ctx context.Context, o Options) (*Broker, error) {
	if o.Authorizer == nil {
		return nil, errors.New("broker: Options.Authorizer is missing")
	}
	for _, f := range append(append([]string(nil), o.CommandFilters...), o.VolatileFilters...) {
		if err := plainFilter(f, 0); err != nil {
			return nil, fmt.Errorf("broker: command or volatile filter %q: %w", f, err)
		}
	}
	if err := checkParents(o.PointToPoint); err != nil {
		return nil, err
	}
	b := &Broker{
		opts: o, limits: o.Limits.withDefaults(), log: o.Log, now: o.Now,
		idleAfter: idleAfter, endings: endings{wake: make(chan struct{}, 1)}, schedule: newSchedule(), commit: newCommit(o.Store),
		endAll: make(chan struct{}), broken: make(chan struct{}),
		sessions: make(map[ClientID]*session), identities: make(map[string]int), groups: make(map[string]*group),
		conns: make(map[*conn]struct{}), addresses: make(map[netip.Addr]int),
		lanes: make(map[laneKey]*lane), contests: make(map[ClientID]*contest), fired: make(map[ClientID][]*will), stored: make(map[ClientID]*will),
	}
	b.front = b.entrance(Listener{})
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.now == nil {
		b.now = time.Now
	}
	b.notices.log, b.notices.now = b.log, b.now
	b.presences, b.deliveries = newReports(b.log), newReports(b.log)
	b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := b.load(ctx); err != nil {
		b.cancel()
		return nil, fmt.Errorf("broker: load: %w", err)
	}
	b.recheckRestored()
	b.own.Go(func() { b.runCommit(b.endAll) })
	b.own.Go(func() { b.runEndings(b.endAll) })
	b.own.Go(b.presences.run)
	b.own.Go(b.deliveries.run)
	return b, nil
}

// Handle gives the messages of clients on matching topics to h, before anybody
// else gets them. It must be called before the broker serves, and a topic can
// have one handler only: a filter that overlaps another handler's is refused.
func (b *Broker) Handle(filter string, h Handler) error {
	if err := plainFilter(filter, 0); err != nil {
		return fmt.Errorf("broker: handle %q: %w", filter, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.started {
		return fmt.Errorf("broker: handle %q: the broker serves already", filter)
	}
	for _, other := range b.handlers {
		if topic.Overlaps(filter, other.filter) {
			return fmt.Errorf("broker: handle %q: overlaps the handler of %q", filter, other.filter)
		}
	}
	added := &handler{filter: filter, handler: h}
	if g, ok := h.(Glancer); ok {
		added.glance = g.Glance
	}
	b.handlers = append(b.handlers, added)
	return nil
}

// Watch has f told of every connection that begins and ends, in order, from one
// goroutine. f must not block: the next change waits for it. Watch must be called
// before the broker serves; later calls are ignored and logged.
func (b *Broker) Watch(f func(Presence)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.started {
		b.log.Error("a watcher came too late: the broker serves already")
		return
	}
	b.watchers = append(b.watchers, f)
}

// tell queues a change of presence for the watchers. The lock is held, so the
// order is that of the changes.
func (b *Broker) tell(p Presence) {
	if len(b.watchers) == 0 {
		return
	}
	b.presences.put(func() {
		for _, f := range b.watchers {
			f(p)
		}
	})
}

// start begins what only a broker that serves needs. The turn is held.
func (b *Broker) start() {
	if b.started || b.closing {
		return
	}
	b.started = true
	b.own.Go(func() { b.schedule.run(b.ctx) })
	if b.opts.SysInterval > 0 {
		b.own.Go(func() { newSystem(b).run(b.ctx) })
	}
}

// spawn runs f in a goroutine that Close waits for. It is called only where
// something that Close waits for already runs, or under the lock before closing.
func (b *Broker) spawn(f func()) { b.running.Go(f) }

// Close ends all connections, waits for handlers to return, stores what is still
// to be stored, and ends every goroutine of the broker. It is no goodbye for
// sessions: they are as they were after a crash, and wills wait for the restart.
func (b *Broker) Close() error {
	if !b.beginClose() {
		return nil
	}
	b.cancel()
	b.running.Wait()
	b.presences.end()
	b.deliveries.end()
	close(b.endAll)
	b.own.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.commit.broken
}
