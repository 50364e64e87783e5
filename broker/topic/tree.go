package topic

import "strings"

// Tree maps pairs of filter and key to values and finds those whose filter
// matches a name. The key is the owner of a subscription: several owners may
// have the same filter. The zero value is empty and ready.
type Tree[K comparable, V any] struct {
	root node[K, V]
	n    int
}

// node stands for a prefix of levels. The filter that ends there is in self; the
// one that goes on with a last "#" is in hash.
type node[K comparable, V any] struct {
	children dict[string, *node[K, V]]
	plus     *node[K, V]
	self     dict[K, V]
	hash     dict[K, V]
}

// Len is the number of pairs.
func (t *Tree[K, V]) Len() int { return t.n }

// Set adds the pair or replaces its value. The filter is a valid one.
func (t *Tree[K, V]) Set(filter string, key K, v V) (replaced bool) {
	n := &t.root
	for more := true; more; {
		var level string
		level, filter, more = cut(filter)
		if level == "#" {
			replaced = n.hash.set(key, v)
			t.added(replaced)
			return replaced
		}
		n = n.grow(level)
	}
	replaced = n.self.set(key, v)
	t.added(replaced)
	return replaced
}

func (t *Tree[K, V]) added(replaced bool) {
	if !replaced {
		t.n++
	}
}

// grow gives the child for a level and makes it if there is none. The level is
// copied, so that a node does not keep the whole filter of its first owner.
func (n *node[K, V]) grow(level string) *node[K, V] {
	if level == "+" {
		if n.plus == nil {
			n.plus = new(node[K, V])
		}
		return n.plus
	}
	if c, ok := n.children.get(level); ok {
		return c
	}
	c := new(node[K, V])
	n.children.set(strings.Clone(level), c)
	return c
}

// Get gives the value of a pair. What is no valid filter has none.
func (t *Tree[K, V]) Get(filter string, key K) (v V, ok bool) {
	n := &t.root
	for more := true; more; {
		var level string
		switch level, filter, more = cut(filter); level {
		case "#":
			if more { // no filter goes on behind it
				return v, false
			}
			return n.hash.get(key)
		case "+":
			n = n.plus
		default:
			n, _ = n.children.get(level)
		}
		if n == nil {
			return v, false
		}
	}
	return n.self.get(key)
}

// Delete removes the pair and reports whether it was there.
func (t *Tree[K, V]) Delete(filter string, key K) bool {
	if !t.root.delete(filter, true, key) {
		return false
	}
	t.n--
	return true
}

// delete removes a pair below the node and the nodes that are empty after it. It
// goes only as deep as the tree is.
func (n *node[K, V]) delete(filter string, more bool, key K) bool {
	if !more {
		return n.self.delete(key)
	}
	level, rest, more := cut(filter)
	switch level {
	case "#":
		return !more && n.hash.delete(key)
	case "+":
		if n.plus == nil || !n.plus.delete(rest, more, key) {
			return false
		}
		if n.plus.empty() {
			n.plus = nil
		}
		return true
	}
	c, ok := n.children.get(level)
	if !ok || !c.delete(rest, more, key) {
		return false
	}
	if c.empty() {
		n.children.delete(level)
	}
	return true
}

func (n *node[K, V]) empty() bool {
	return n.plus == nil && len(n.children.entries) == 0 && len(n.self.entries) == 0 && len(n.hash.entries) == 0
}

// Match calls f for every pair whose filter matches the valid name: once per
// pair, so more than once for a key with several such filters. The order is not
// defined.
func (t *Tree[K, V]) Match(name string, f func(key K, v V)) {
	if !system(name) {
		t.root.match(name, true, f)
		return
	}
	// MQTT-4.7.2-1: neither "+" nor "#" at the first level.
	level, rest, more := cut(name)
	if c, ok := t.root.children.get(level); ok {
		c.match(rest, more, f)
	}
}

func (n *node[K, V]) match(name string, more bool, f func(key K, v V)) {
	n.hash.each(f) // "#" matches the level above it, too
	if !more {
		n.self.each(f)
		return
	}
	level, rest, more := cut(name)
	if n.plus != nil {
		n.plus.match(rest, more, f)
	}
	if c, ok := n.children.get(level); ok {
		c.match(rest, more, f)
	}
}

func (d *dict[K, V]) each(f func(key K, v V)) {
	for i := range d.entries {
		f(d.entries[i].key, d.entries[i].value)
	}
}
