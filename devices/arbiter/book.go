package arbiter

import (
	"cmp"
	"slices"
	"time"
)

// Change sets or releases a layer over a scope.
type Change struct {
	Setting
	Set      bool  // false: released
	Revision int64 // orders the changes of one key, and what was set later in a layer
}

// Key names what a Change changes.
type Key struct {
	Layer Layer
	Scope Scope
}

// Key of the setting.
func (s Setting) Key() Key { return Key{s.Layer, s.Scope} }

// Book is every setting. The zero value is empty and ready. It is not safe for
// concurrent use.
type Book struct{ entries map[Key]Change }

// Apply takes a change; false if it is of an unknown layer, or not newer than what
// is known under its key.
func (b *Book) Apply(c Change) bool {
	if old, ok := b.entries[c.Key()]; c.Layer.rank() == 0 || ok && old.Revision >= c.Revision {
		return false
	}
	if b.entries == nil {
		b.entries = map[Key]Change{}
	}
	b.entries[c.Key()] = c
	return true
}

// Get gives what is known under a key.
func (b *Book) Get(k Key) (Change, bool) {
	c, ok := b.entries[k]
	return c, ok
}

// Set gives every setting that stands, run out or not, in a fixed order.
func (b *Book) Set() []Change { return b.Select(func(Change) bool { return true }) }

// Select gives those of Set for which want is true, in the same order.
func (b *Book) Select(want func(Change) bool) []Change {
	var all []Change
	for _, c := range b.entries {
		if c.Set && want(c) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(strongerFirst(a, b), cmp.Compare(a.Scope.Site, b.Scope.Site), cmp.Compare(a.Scope.Kind, b.Scope.Kind),
			cmp.Compare(a.Scope.ID, b.Scope.ID), cmp.Compare(a.Scope.Direction, b.Scope.Direction))
	})
	return all
}

func strongerFirst(a, b Change) int {
	return cmp.Or(cmp.Compare(b.Layer.rank(), a.Layer.rank()), cmp.Compare(b.Revision, a.Revision))
}

// Stack is the settings that cover one opening, the one that rules first. Of two
// of the same layer the one that was set later is the stronger.
type Stack []Setting

// Stack gives the settings that cover an opening and have not run out.
func (b *Book) Stack(o Opening, now time.Time) Stack {
	var found []Change
	for _, scope := range o.scopes() {
		for _, l := range layers {
			if c, ok := b.entries[Key{l, scope}]; ok && c.Set && !c.Over(now) {
				found = append(found, c)
			}
		}
	}
	slices.SortFunc(found, strongerFirst)
	s := make(Stack, len(found))
	for i, c := range found {
		s[i] = c.Setting
	}
	return s
}

// Mode that the opening is to be in.
func (s Stack) Mode() Mode {
	if len(s) == 0 {
		return Controlled
	}
	return s[0].Mode
}

// Rules is the setting that rules; false if the opening is controlled.
func (s Stack) Rules() (Setting, bool) {
	if len(s) == 0 {
		return Setting{}, false
	}
	return s[0], true
}

// After is what would follow the release of what rules.
func (s Stack) After() Stack {
	if len(s) == 0 {
		return nil
	}
	return s[1:]
}

// Refuses gives the setting that refuses a momentary order; false if it may be
// given.
func (s Stack) Refuses(o Move) (Setting, bool) {
	if s.Mode().Allows(o) {
		return Setting{}, false
	}
	return s[0], true
}
