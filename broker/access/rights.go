package access

import (
	"slices"
	"strings"

	"gatehouse/broker/topic"
)

// rules are filters by what is said of them. Where there are many, those that
// decide about messages are in a tree, too: a message must not pay for each of them.
type rules struct {
	deny, read, write []string
	tree              *topic.Tree[access, struct{}] // of deny and write; nil: few
}

// few rules are walked faster than a tree is.
const few = 8

// index makes the tree, once all rules are there.
func (r *rules) index() {
	if len(r.deny)+len(r.write) <= few {
		return
	}
	r.tree = new(topic.Tree[access, struct{}])
	for _, f := range r.deny {
		r.tree.Set(f, deny, struct{}{})
	}
	for _, f := range r.write {
		r.tree.Set(f, write, struct{}{})
	}
}

// publish says what the rules say of a message on a valid name.
func (r *rules) publish(name string) (denied, allowed bool) {
	if r.tree != nil {
		r.tree.Match(name, func(a access, _ struct{}) {
			denied, allowed = denied || a == deny, allowed || a == write
		})
		return denied, allowed
	}
	matches := func(filter string) bool { return topic.Match(filter, name) }
	return slices.ContainsFunc(r.deny, matches), slices.ContainsFunc(r.write, matches)
}

// subscribe says what the rules say of a subscription to a valid filter.
func (r *rules) subscribe(filter string) (denied, allowed bool) {
	return slices.ContainsFunc(r.deny, func(f string) bool { return topic.Overlaps(f, filter) }),
		slices.ContainsFunc(r.read, func(f string) bool { return topic.Covers(f, filter) })
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
func (r *rights) mayPublish(name string) bool { return r.judge(name, (*rules).publish) }

// maySubscribe judges a valid filter.
func (r *rights) maySubscribe(filter string) bool {
	filter = received(filter)
	return filter != "" && r.judge(filter, (*rules).subscribe)
}

// judge asks in the order of Mosquitto.
func (r *rights) judge(about string, ask func(r *rules, about string) (denied, allowed bool)) bool {
	denied, allowed := ask(&r.own, about)
	if denied || allowed {
		return !denied
	}
	denied, allowed = ask(&r.patterns, about)
	return allowed && !denied
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

// rightsOf makes the rights of a client; user is empty for nobody in particular. If
// a denial cannot be said for its names, patterns allow it nothing: they might allow
// what was to be denied. What is denied to a user's name is denied to somebody.
func (l *acl) rightsOf(user, client string) *rights {
	r := &rights{own: l.rulesOf(user)}
	unsaid := false
	for _, p := range l.patterns {
		if filter, ok := fill(p.filter, user, client); ok {
			r.patterns.add(rule{p.may, filter})
		} else if p.may == deny && (user != "" || !strings.Contains(p.filter, "%u")) {
			unsaid = true
		}
	}
	if unsaid {
		r.patterns = rules{}
	}
	r.patterns.index()
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
