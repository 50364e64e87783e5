package access

import (
	"strings"
	"sync/atomic"

	"gatehouse/broker"
)

// Identities, as the broker keeps them with sessions.
const (
	anonymous  = "anonymous" // everybody without a checked user name
	userPrefix = "user:"
)

func identityOf(user string) string {
	if user == "" {
		return anonymous
	}
	return userPrefix + user
}

// grant is what one client may do. It asks for the state at each question, so
// that a file counts from the moment when it was read.
type grant struct {
	a      *Access
	user   string // empty: anonymous
	client string
	valid  func() bool // of what was shown: a password, a certificate; nil: nothing was

	made atomic.Pointer[madeRights]
}

// madeRights are rights and the state that they were made of; nil rights allow
// everything.
type madeRights struct {
	of *state
	*rights
}

func (a *Access) grant(user string, client broker.ClientID, valid func() bool) *grant {
	return &grant{a: a, user: user, client: string(client), valid: valid}
}

// Identity implements broker.Grant.
func (g *grant) Identity() string { return identityOf(g.user) }

// Sessions implements broker.Grant: there is no limit.
func (g *grant) Sessions() int { return 0 }

// Valid implements broker.Grant: a password that was changed or removed, and a
// certificate that was revoked, end what they opened.
func (g *grant) Valid() bool { return g.valid == nil || g.valid() }

// MayPublish implements broker.Grant.
func (g *grant) MayPublish(topic string) bool {
	r := g.rights()
	return r == nil || r.mayPublish(topic)
}

// MaySubscribe implements broker.Grant.
func (g *grant) MaySubscribe(filter string) bool {
	r := g.rights()
	return r == nil || r.maySubscribe(filter)
}

// rights are those of this instant; nil allows everything.
func (g *grant) rights() *rights {
	s := g.a.now.Load()
	if m := g.made.Load(); m != nil && m.of == s {
		return m.rights
	}
	m := &madeRights{of: s}
	if s.acl != nil {
		m.rights = s.acl.rightsOf(g.user, g.client)
	}
	g.made.Store(m)
	return m.rights
}

// userOf is the user of an identity; empty for anonymous.
func userOf(identity string) string {
	user, ok := strings.CutPrefix(identity, userPrefix)
	if !ok {
		return ""
	}
	return user
}
