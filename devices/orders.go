package devices

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// orders finds the commands in memory: the open ones, and those that ended less
// than afterglow ago.
type orders struct {
	mu   sync.Mutex // guards what follows
	byID map[CommandID]*execution
	wait int // how many of them are record pending
	most int // how many may be
	// running are batches whose commands are being made; halts are those of their
	// commands that are not to be sent any more.
	running map[BatchID]bool
	halts   map[CommandID]bool
	// withdrawn is what each person who lost the right to order lost: one entry for
	// each account at most.
	withdrawn map[giver]withdrawal
}

func newOrders() *orders {
	return &orders{byID: map[CommandID]*execution{}, most: mostPending, running: map[BatchID]bool{}, halts: map[CommandID]bool{}, withdrawn: map[giver]withdrawal{}}
}

func (o *orders) find(id CommandID) (*execution, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	x, ok := o.byID[id]
	return x, ok
}

func (o *orders) get(id CommandID) (Command, bool) {
	x, ok := o.find(id)
	if !ok {
		return Command{}, false
	}
	return x.shown(), true
}

// all gives every command in memory as it is shown, oldest first.
func (o *orders) all() []Command {
	o.mu.Lock()
	list := make([]*execution, 0, len(o.byID))
	for _, x := range o.byID {
		list = append(list, x)
	}
	o.mu.Unlock()
	all := make([]Command, len(list))
	for i, x := range list {
		all[i] = x.shown()
	}
	slices.SortFunc(all, func(a, b Command) int {
		return cmp.Or(a.Issued.Compare(b.Issued), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// begin notes that the commands of a batch are being made.
func (o *orders) begin(b BatchID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running[b] = true
}

// finish notes that all of them are made, or will not be.
func (o *orders) finish(b Batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.running, b.ID)
	for _, m := range b.Members {
		delete(o.halts, m.Command)
	}
}

// stop keeps the commands of a batch from being sent that are not sent yet.
func (o *orders) stop(b Batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range b.Members {
		if o.running[b.ID] {
			o.halts[m.Command] = true
		}
	}
}

// full is whether no more commands may wait for their record.
func (o *orders) full() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.wait >= o.most
}

// addPending notes that n more commands of a device wait for their record; turned
// is whether that is the first, or that none does any more.
func (o *orders) addPending(u *unit, n int, at time.Time) (turned bool) {
	o.mu.Lock()
	o.wait += n
	o.mu.Unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	was := u.unstored > 0
	u.unstored += n
	turned = was != (u.unstored > 0)
	if turned {
		u.pendingSince = time.Time{}
		if !was {
			u.pendingSince = at
		}
	}
	return turned
}

func (o *orders) add(x *execution) {
	o.mu.Lock()
	o.byID[x.id] = x
	o.mu.Unlock()
	x.unit.mu.Lock()
	if x.unit.running == nil {
		x.unit.running = map[CommandID]*execution{}
	}
	x.unit.running[x.id] = x
	x.unit.mu.Unlock()
}

func (o *orders) drop(x *execution) {
	o.mu.Lock()
	delete(o.byID, x.id)
	o.mu.Unlock()
	x.unit.mu.Lock()
	delete(x.unit.running, x.id)
	x.unit.mu.Unlock()
}
