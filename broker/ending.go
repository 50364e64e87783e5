package broker

import (
	"sync"

	"gatehouse/broker/packet"
)

// endings are the connections whose readers have found their end. One goroutine
// ends them, all that wait in one turn: when a line breaks, thousands end at once,
// and their wills leave together.
type endings struct {
	mu   sync.Mutex // a leaf
	list []ending
	wake chan struct{} // holds a token while there may be work
}

// ending is the end of one connection, as its reader saw it.
type ending struct {
	c      *conn
	cause  Cause
	reason packet.ReasonCode
	why    string // for the client; empty if the reason says it all
}

// maxEndings bounds how long the ends of others keep the turn.
const maxEndings = 256

func (e *endings) put(x ending) {
	e.mu.Lock()
	e.list = append(e.list, x)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *endings) take() []ending {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := min(len(e.list), maxEndings)
	some := e.list[:n:n]
	if e.list = e.list[n:]; len(e.list) == 0 {
		e.list = nil
	}
	return some
}

// runEndings ends what waits until end is closed.
func (b *Broker) runEndings(end <-chan struct{}) {
	for {
		select {
		case <-b.endings.wake:
			for some := b.endings.take(); len(some) > 0; some = b.endings.take() {
				b.endSome(some)
			}
		case <-end:
			return
		}
	}
}

func (b *Broker) endSome(list []ending) {
	t := b.turn()
	defer t.end()
	for _, x := range list {
		t.dropSaying(x.c, x.cause, x.reason, x.why)
	}
}
