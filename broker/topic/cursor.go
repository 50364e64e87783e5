package topic

// Cursor gives the names that a filter matches a few at a time. Between its steps
// names may be put and deleted: one that is there from the first step to the last
// is given, perhaps more than once; one that comes or goes meanwhile may be given
// or not. The order is not defined.
type Cursor[V any] struct {
	names  *Names[V] // nil once it has begun
	filter string
	open   []place[V]
}

// place is a node some of whose children are still to be visited. They are
// visited from the last to the first, because deleting a child moves the last one
// into its gap: what was moved was visited before, or is still to be.
type place[V any] struct {
	node       *nameNode[V]
	left       int // children still to be visited, at most
	all        bool
	skipSystem bool
	filter     string // what each child has to match, unless all
	more       bool   // there is such a filter
}

// Find begins a search with a valid filter.
func (t *Names[V]) Find(filter string) *Cursor[V] {
	return &Cursor[V]{names: t, filter: filter}
}

// Next visits at most steps nodes, calls f for those that match, and reports
// whether there is more to visit.
func (c *Cursor[V]) Next(steps int, f func(name string, v V)) (more bool) {
	if c.names != nil {
		c.enter(&c.names.root, c.filter, leadingWildcard(c.filter), f)
		c.names = nil
		steps--
	}
	for ; steps > 0 && len(c.open) > 0; steps-- {
		c.step(f)
	}
	return len(c.open) > 0
}

// step visits one child of the innermost place.
func (c *Cursor[V]) step(f func(string, V)) {
	p := &c.open[len(c.open)-1]
	children := p.node.children.entries
	if p.left = min(p.left, len(children)); p.left == 0 {
		c.open = c.open[:len(c.open)-1]
		return
	}
	p.left--
	child := children[p.left]
	switch {
	case p.skipSystem && system(child.key): // MQTT-4.7.2-1
	case p.all:
		c.enter(child.value, "#", false, f)
	case p.more:
		c.enter(child.value, p.filter, false, f)
	default:
		child.value.give(f)
	}
}

// enter goes from a node along the levels of the filter to the first wildcard.
func (c *Cursor[V]) enter(n *nameNode[V], filter string, skipSystem bool, f func(string, V)) {
	for {
		level, rest, more := cut(filter)
		switch level {
		case "#":
			n.give(f)
			c.visit(place[V]{node: n, all: true, skipSystem: skipSystem})
			return
		case "+":
			c.visit(place[V]{node: n, filter: rest, more: more, skipSystem: skipSystem})
			return
		}
		child, ok := n.children.get(level)
		if !ok {
			return
		}
		if !more {
			child.give(f)
			return
		}
		n, filter, skipSystem = child, rest, false
	}
}

// visit has the children of a place visited next.
func (c *Cursor[V]) visit(p place[V]) {
	if p.left = len(p.node.children.entries); p.left > 0 {
		c.open = append(c.open, p)
	}
}
