package broker

import "math"

// recheckStep is how many retained messages are looked at while the lock is held.
const recheckStep = 1000

// doubt is a message whose author is to be asked for once more, with who that is
// now.
type doubt struct {
	m  *message
	by author
}

// overseer is who can be asked for those who are not connected, or nil.
func (b *Broker) overseer() Overseer {
	o, _ := b.opts.Authorizer.(Overseer)
	return o
}

// mayStill asks whether who published something may do so now.
func (b *Broker) mayStill(by author, topic string) bool {
	if o := b.overseer(); o != nil {
		return o.MayStillPublish(by.identity, by.client, topic)
	}
	return by.grant == nil || by.grant.Valid() && by.grant.MayPublish(topic)
}

// recheckRestored asks for all that was restored and is retained.
func (b *Broker) recheckRestored() {
	if b.overseer() == nil {
		return
	}
	for _, identity := range b.Identities() {
		b.recheckRetained(identity, b.mayStill)
	}
}

// recheckRetained removes the retained messages of an identity that may answers no
// for. What waits for a handler goes on, and is not retained afterwards.
func (b *Broker) recheckRetained(identity string, may func(by author, topic string) bool) {
	b.unretain(refused(b.inLanes(identity), may))
	removed := 0
	for at := math.MaxInt; at > 0; {
		var list []doubt
		list, at = b.onShelf(identity, at)
		removed += b.removeRetained(refused(list, may))
	}
	if removed > 0 {
		b.notices.say("retained messages removed: the right of their publisher has ended", "identity", identity, "count", removed)
	}
}

// refused asks, outside of the lock.
func refused(list []doubt, may func(by author, topic string) bool) (no []*message) {
	for _, d := range list {
		if !may(d.by, d.m.topic) {
			no = append(no, d.m)
		}
	}
	return no
}

// onShelf gives some of the retained messages of an identity, those before the
// place end, and where they begin. Whoever goes from the last to the first sees
// all: what is removed meanwhile has its place taken by one that was seen.
func (b *Broker) onShelf(identity string, end int) (list []doubt, begin int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	shelf := b.retained.of[identity]
	end = min(end, len(shelf))
	begin = max(0, end-recheckStep)
	for _, m := range shelf[begin:end] {
		list = append(list, doubt{m, b.authorNow(m.from)})
	}
	return list, begin
}

// authorNow is an author with the grant that its client has now.
func (b *Broker) authorNow(a *author) author {
	if s := b.sessions[a.client]; s != nil && s.identity == a.identity && s.grant != nil {
		return *s.author
	}
	return *a
}

// removeRetained removes those of the messages that are still retained.
func (b *Broker) removeRetained(list []*message) (removed int) {
	if len(list) == 0 {
		return 0
	}
	t := b.turn()
	defer t.end()
	for _, m := range list {
		if now, _ := b.retained.names.Get(m.topic); now == m {
			b.retained.remove(m.topic)
			t.dropRetained(m)
			t.lost(nil, m, droppedRetained)
			removed++
		}
	}
	return removed
}

// inLanes gives what clients of an identity published to be retained, and waits for
// a handler. Wills are asked for when their turn comes.
func (b *Broker) inLanes(identity string) (list []doubt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.lanes {
		for i := range l.queue {
			if x := &l.queue[i]; x.will == nil && x.m.retain && x.m.from.identity == identity {
				list = append(list, doubt{x.m, b.authorNow(x.m.from)})
			}
		}
	}
	return list
}

// unretain has those of the messages that still wait for a handler not be retained.
func (b *Broker) unretain(list []*message) {
	if len(list) == 0 {
		return
	}
	t := b.turn()
	defer t.end()
	gone := make(map[*message]bool, len(list))
	for _, m := range list {
		gone[m] = true
	}
	for _, l := range b.lanes {
		for i := range l.queue {
			if x := &l.queue[i]; gone[x.m] {
				x.m = x.m.again()
				x.m.retain = false
				t.lost(nil, x.m, droppedRetained)
			}
		}
	}
}
