package topic

import "slices"

// dict is a map that is small while it holds little: most nodes of a tree have
// one child or one subscriber, some have thousands. Entries stand in a slice; an
// index is kept only while there are more than linear of them.
type dict[K comparable, V any] struct {
	entries []entry[K, V]
	index   map[K]int
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// linear is how many entries are searched one by one.
const linear = 8

// find gives the place of a key in entries, or -1.
func (d *dict[K, V]) find(key K) int {
	if d.index != nil {
		if i, ok := d.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range d.entries {
		if d.entries[i].key == key {
			return i
		}
	}
	return -1
}

func (d *dict[K, V]) get(key K) (v V, ok bool) {
	if i := d.find(key); i >= 0 {
		return d.entries[i].value, true
	}
	return v, false
}

// set adds or replaces; it reports a replacement.
func (d *dict[K, V]) set(key K, v V) bool {
	if i := d.find(key); i >= 0 {
		d.entries[i].value = v
		return true
	}
	d.entries = append(d.entries, entry[K, V]{key, v})
	if d.index != nil {
		d.index[key] = len(d.entries) - 1
	} else {
		d.reindex()
	}
	return false
}

// delete moves the last entry into the gap.
func (d *dict[K, V]) delete(key K) bool {
	i := d.find(key)
	if i < 0 {
		return false
	}
	last := len(d.entries) - 1
	d.entries[i] = d.entries[last]
	d.entries[last] = entry[K, V]{} // nothing stays alive behind the end
	d.entries = d.entries[:last]
	switch {
	case last == 0:
		*d = dict[K, V]{}
	case d.index == nil:
	case last <= linear/2 || cap(d.entries) > 4*last:
		d.shrink()
	default:
		delete(d.index, key)
		if i < last {
			d.index[d.entries[i].key] = i
		}
	}
	return true
}

// shrink gives back the memory of what was deleted.
func (d *dict[K, V]) shrink() {
	d.entries, d.index = slices.Clip(slices.Clone(d.entries)), nil
	d.reindex()
}

// reindex builds the index if there are entries enough for one.
func (d *dict[K, V]) reindex() {
	if len(d.entries) <= linear {
		return
	}
	d.index = make(map[K]int, 2*len(d.entries))
	for i := range d.entries {
		d.index[d.entries[i].key] = i
	}
}
