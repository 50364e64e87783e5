package access

import (
	"slices"
	"strings"

	"gatehouse/broker/topic"
)

// rules are filters by what is said of them.
type rules struct {
	deny, read, write []string
}

func (r *rules) add(n rule) {
	if n.may == deny {
		r.deny = append(r.deny, n.filter)
		return
	}
	if n.may&read != 0 {
		r.read = append(r.read, n.filter)
	}
	if n.may&write != 0 {
		r.write = append(r.write, n.filter)
	}
}

func (r *rules) equal(o *rules) bool {
	return slices.Equal(r.deny, o.deny) && slices.Equal(r.read, o.read) && slices.Equal(r.write, o.write)
}

// rights are what one client may do: what its own rules allow, and, where they do
// not deny, what the patterns allow and do not deny.
type rights struct {
	own, patterns rules
}

// mayPublish judges a valid topic name.
func (r *rights) mayPublish(name string) bool {
	matches := func(filter string) bool { return topic.Match(filter, name) }
	return r.judge(func(rs *rules) bool { return slices.ContainsFunc(rs.deny, matches) },
		func(rs *rules) bool { return slices.ContainsFunc(rs.write, matches) })
}

// maySubscribe judges a valid filter.
func (r *rights) maySubscribe(filter string) bool {
	filter = received(filter)
	if filter == "" {
		return false
	}
	overlaps := func(f string) bool { return topic.Overlaps(f, filter) }
	covers := func(f string) bool { return topic.Covers(f, filter) }
	return r.judge(func(rs *rules) bool { return slices.ContainsFunc(rs.deny, overlaps) },
		func(rs *rules) bool { return slices.ContainsFunc(rs.read, covers) })
}

// judge asks in the order of Mosquitto.
func (r *rights) judge(denied, allowed func(*rules) bool) bool {
	switch {
	case denied(&r.own):
		return false
	case allowed(&r.own):
		return true
	case denied(&r.patterns):
		return false
	}
	return allowed(&r.patterns)
}

// received takes a subscription down to the filter whose messages it receives:
// that of a shared one, of a queue, and of one that is for this node only. It is
// empty if there is none.
func received(filter string) string {
	for topic.Prefixed(filter) {
		plain, _ := topic.Plain(filter)
		if plain == filter { // the prefix alone
			return ""
		}
		filter = plain
	}
	return filter
}

// rightsOf makes the rights of a client; user is empty for nobody in particular.
func (l *acl) rightsOf(user, client string) *rights {
	r := &rights{own: l.rulesOf(user)}
	for _, p := range l.patterns {
		if filter, ok := fill(p.filter, user, client); ok {
			r.patterns.add(rule{p.may, filter})
		}
	}
	return r
}

func (l *acl) rulesOf(user string) rules {
	if user == "" {
		return l.anonymous
	}
	return l.users[user]
}

// fill puts names into a pattern; false if it gives nothing to whoever has them.
func fill(pattern, user, client string) (filter string, ok bool) {
	var out strings.Builder
	for rest := pattern; ; {
		i := strings.IndexByte(rest, '%')
		if i < 0 || i+1 == len(rest) {
			out.WriteString(rest)
			return out.String(), out.Len() <= topic.MaxLength
		}
		out.WriteString(rest[:i])
		switch place := rest[i : i+2]; place {
		case "%u":
			if !harmless(user) {
				return "", false
			}
			out.WriteString(user)
		case "%c":
			if !harmless(client) {
				return "", false
			}
			out.WriteString(client)
		default:
			out.WriteByte('%')
			rest = rest[i+1:]
			continue
		}
		rest = rest[i+2:]
	}
}

// harmless reports a name that stands for itself in a topic: one level, no
// wildcard, no place for another name, nothing of the server's own topics.
func harmless(name string) bool {
	return name != "" && name[0] != '$' && !strings.ContainsAny(name, "+#/%\x00")
}
