package journal

import (
	"cmp"
	"slices"
)

// sorted is a small map that keeps its keys in order: made for queues, whose keys
// come at the end and go at the front, and for the few filters of a session. It
// needs the memory of its values and little more.
type sorted[K cmp.Ordered, V any] struct {
	items []item[K, V] // those before head are zero
	head  int
}

type item[K cmp.Ordered, V any] struct {
	key   K
	value V
}

// keepCapacity is what an empty one may keep for its next values.
const keepCapacity = 64

func (s *sorted[K, V]) len() int { return len(s.items) - s.head }

// live gives what is there, in order.
func (s *sorted[K, V]) live() []item[K, V] { return s.items[s.head:] }

// find gives where key is, or where it would be.
func (s *sorted[K, V]) find(key K) (i int, found bool) {
	n := len(s.items)
	if s.head == n || s.items[n-1].key < key {
		return n, false
	}
	if s.items[s.head].key == key {
		return s.head, true
	}
	i, found = slices.BinarySearchFunc(s.live(), key, func(e item[K, V], k K) int { return cmp.Compare(e.key, k) })
	return s.head + i, found
}

// get gives the value of key, to change it, or nil.
func (s *sorted[K, V]) get(key K) *V {
	if i, found := s.find(key); found {
		return &s.items[i].value
	}
	return nil
}

// put gives the value of key, to change it; a new one is zero.
func (s *sorted[K, V]) put(key K) *V {
	i, found := s.find(key)
	if !found {
		if s.head > 0 && len(s.items) == cap(s.items) && s.head >= len(s.items)/2 {
			i -= s.head
			s.items = slices.Delete(s.items, 0, s.head)
			s.head = 0
		}
		s.items = slices.Insert(s.items, i, item[K, V]{key: key})
	}
	return &s.items[i].value
}

// remove removes the value at i, moving the shorter side.
func (s *sorted[K, V]) remove(i int) {
	if i-s.head < len(s.items)-i {
		copy(s.items[s.head+1:i+1], s.items[s.head:i])
		s.items[s.head] = item[K, V]{}
		s.head++
	} else {
		s.items = slices.Delete(s.items, i, i+1)
	}
	if s.len() > 0 {
		return
	}
	s.items, s.head = s.items[:0], 0
	if cap(s.items) > keepCapacity {
		s.items = nil
	}
}
