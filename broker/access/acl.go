package access

import (
	"errors"
	"fmt"
	"strings"

	"gatehouse/broker/topic"
)

// acl is an access control list, as its file says it.
type acl struct {
	anonymous rules            // of clients without a user name
	users     map[string]rules // of clients with this user name
	patterns  []rule           // of everybody, with %c and %u in their filters
}

// rule is a line of the list.
type rule struct {
	may    access
	filter string
}

// access is what a rule says of its filter: allowed are these, or nothing is.
type access byte

const (
	read access = 1 << iota
	write
	deny access = 0
)

// accessNames are the words for access.
var accessNames = map[string]access{"read": read, "write": write, "readwrite": read | write, "deny": deny}

// parseACL reads an access control list. An error is a *FileError.
func parseACL(file string, text []byte) (*acl, error) {
	p := aclParser{acl: acl{users: map[string]rules{}}}
	if err := eachLine(file, text, p.line); err != nil {
		return nil, err
	}
	p.flush()
	p.anonymous.index()
	for user, own := range p.users {
		own.index()
		p.users[user] = own
	}
	return &p.acl, nil
}

// aclParser gathers the rules of the user whose line it is behind.
type aclParser struct {
	acl
	user string // empty: nobody yet
	own  rules
}

func (p *aclParser) line(line string) error {
	word, rest := cutWord(line)
	switch word {
	case "user":
		if rest == "" {
			return errors.New("user without a name: write user NAME")
		}
		p.flush()
		p.user, p.own = rest, p.users[rest]
		return nil
	case "topic":
		r, err := parseRule(word, rest)
		if err == nil {
			p.own.add(r)
		}
		return err
	case "pattern":
		r, err := parseRule(word, rest)
		if err == nil {
			p.patterns = append(p.patterns, r)
		}
		return err
	}
	if strings.ContainsFunc(word, blank) {
		return errTab(word)
	}
	return fmt.Errorf("%q is not known here: a line begins with user, topic, pattern or #", word)
}

// flush puts down what was gathered.
func (p *aclParser) flush() {
	if p.user == "" {
		p.anonymous = p.own
	} else {
		p.users[p.user] = p.own
	}
}

// parseRule reads what stands behind topic or pattern.
func parseRule(word, s string) (rule, error) {
	if s == "" {
		return rule{}, fmt.Errorf("%s without a filter: write %s [read|write|readwrite|deny] FILTER", word, word)
	}
	r := rule{may: read | write, filter: s}
	first, rest := cutWord(s)
	may, named := accessNames[first]
	switch {
	case named && rest == "":
		return rule{}, fmt.Errorf("%s %s has no filter: write %s %s FILTER (and %s readwrite %s for a topic of that name)",
			word, first, word, first, word, first)
	case named:
		r = rule{may, rest}
	case strings.ContainsFunc(first, blank):
		return rule{}, errTab(first)
	case rest != "":
		return rule{}, fmt.Errorf("%q is not read, write, readwrite or deny; a filter with spaces in it needs one of them before it", first)
	}
	return r, checkFilter(word, r.filter)
}

func errTab(word string) error {
	return fmt.Errorf("%q: write a space between the words, not a tab", word)
}

// checkFilter refuses filters that no topic can match.
func checkFilter(word, filter string) error {
	if err := topic.ValidFilter(filter, 0); err != nil {
		return fmt.Errorf("%q: %w", filter, err)
	}
	switch inner := received(filter); inner {
	case filter:
		return nil
	case "":
		return fmt.Errorf("%q has no filter behind its prefix: write %s FILTER", filter, word)
	default:
		return fmt.Errorf("%q names a subscription, and its rights are those of its filter: write %s %s", filter, word, inner)
	}
}

// cutWord splits off the first word of a line. Words end with a space, as in
// Mosquitto; what follows begins with no blank.
func cutWord(s string) (word, rest string) {
	word, rest, _ = strings.Cut(s, " ")
	return word, strings.TrimLeftFunc(rest, blank)
}
