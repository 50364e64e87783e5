package devices

import (
	"cmp"
	"slices"
	"sync"
)

// orders finds the commands in memory: the open ones, and those that ended less
// than afterglow ago.
type orders struct {
	mu   sync.Mutex // guards byID
	byID map[CommandID]*execution
}

func newOrders() *orders { return &orders{byID: map[CommandID]*execution{}} }

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
	return x.committed(), true
}

// all gives every command in memory as it was last committed, oldest first.
func (o *orders) all() []Command {
	o.mu.Lock()
	list := make([]*execution, 0, len(o.byID))
	for _, x := range o.byID {
		list = append(list, x)
	}
	o.mu.Unlock()
	all := make([]Command, len(list))
	for i, x := range list {
		all[i] = x.committed()
	}
	slices.SortFunc(all, func(a, b Command) int {
		return cmp.Or(a.Issued.Compare(b.Issued), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func (o *orders) add(x *execution) {
	o.mu.Lock()
	o.byID[x.id] = x
	o.mu.Unlock()
	x.unit.mu.Lock()
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
