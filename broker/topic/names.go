package topic

import "strings"

// Names maps topic names to values and finds those that a filter matches. The
// zero value is empty and ready.
type Names[V any] struct {
	root nameNode[V]
	n    int
}

// nameNode stands for a prefix of levels; value is that of the name that ends
// there, nil if there is none.
type nameNode[V any] struct {
	children dict[string, *nameNode[V]]
	value    *named[V]
}

type named[V any] struct {
	name  string
	value V
}

// Len is the number of names.
func (t *Names[V]) Len() int { return t.n }

// Put adds the valid name or replaces its value.
func (t *Names[V]) Put(name string, v V) (replaced bool) {
	n := &t.root
	rest := name
	for more := true; more; {
		var level string
		level, rest, more = cut(rest)
		c, ok := n.children.get(level)
		if !ok {
			c = new(nameNode[V])
			n.children.set(strings.Clone(level), c)
		}
		n = c
	}
	replaced = n.value != nil
	n.value = &named[V]{name, v}
	if !replaced {
		t.n++
	}
	return replaced
}

// Get gives the value of a name.
func (t *Names[V]) Get(name string) (v V, ok bool) {
	n := &t.root
	for more := true; more; {
		var level string
		level, name, more = cut(name)
		if n, ok = n.children.get(level); !ok {
			return v, false
		}
	}
	if n.value == nil {
		return v, false
	}
	return n.value.value, true
}

// Delete removes a name and reports whether it was there.
func (t *Names[V]) Delete(name string) bool {
	if !t.root.delete(name) {
		return false
	}
	t.n--
	return true
}

func (n *nameNode[V]) delete(name string) bool {
	level, rest, more := cut(name)
	c, ok := n.children.get(level)
	if !ok {
		return false
	}
	if more {
		ok = c.delete(rest)
	} else {
		ok = c.value != nil
		c.value = nil
	}
	if c.value == nil && len(c.children.entries) == 0 {
		n.children.delete(level)
	}
	return ok
}

// Match calls f for every name that the valid filter matches. The order is not
// defined.
func (t *Names[V]) Match(filter string, f func(name string, v V)) {
	t.root.match(filter, leadingWildcard(filter), f)
}

// match walks the names below the node; skipSystem leaves out those whose next
// level starts with "$" (MQTT-4.7.2-1).
func (n *nameNode[V]) match(filter string, skipSystem bool, f func(name string, v V)) {
	level, rest, more := cut(filter)
	switch level {
	case "#":
		n.all(skipSystem, f)
	case "+":
		for _, e := range n.children.entries {
			if !skipSystem || !system(e.key) {
				e.value.step(rest, more, f)
			}
		}
	default:
		if c, ok := n.children.get(level); ok {
			c.step(rest, more, f)
		}
	}
}

// step goes on behind a level that matched.
func (n *nameNode[V]) step(filter string, more bool, f func(name string, v V)) {
	if more {
		n.match(filter, false, f)
		return
	}
	n.give(f)
}

func (n *nameNode[V]) all(skipSystem bool, f func(name string, v V)) {
	n.give(f)
	for _, e := range n.children.entries {
		if !skipSystem || !system(e.key) {
			e.value.all(false, f)
		}
	}
}

func (n *nameNode[V]) give(f func(name string, v V)) {
	if n.value != nil {
		f(n.value.name, n.value.value)
	}
}
