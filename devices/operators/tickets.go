package operators

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"gatehouse/devices"
)

// TicketUsername is the user name of every ticket, and how the client id of each begins.
const TicketUsername = "console"

const (
	ticketLife    = 60 * time.Second
	ticketsOpen   = 16 // per session; the oldest goes first
	clientsOf     = 64 // remembered per session; the oldest goes first
	ticketSecrets = 32 // bytes
)

// Ticket lets one live console connect to the broker, once, within 60 s.
type Ticket struct {
	ClientID, Username, Password string
	Expires                      time.Time
}

// Claim is a redeemed ticket.
type Claim struct {
	// Test is true for a ticket to try the broker: it gives no right to watch anything.
	Test     bool
	Identity string // see Identity
	ClientID string
	Operator Operator
	Session  SessionKey
	Reach    devices.Reach // what may be watched
	// Valid is false at once when the session ends, while its person may not watch, and
	// when what they may watch is another part of the property; without a lock.
	// That of a test goes by the right to manage the broker instead.
	Valid func() bool
}

// Identity is what the broker calls a person's live connections.
func Identity(id ID) string { return "operator:" + string(id) }

// Tickets issues and redeems tickets. They live in memory: after a restart the
// console fetches a new one. It is safe for concurrent use.
type Tickets struct {
	s *Service

	mu       sync.Mutex
	sessions map[SessionKey]*console
	byClient map[string]*ticket
}

// console is what one session has of tickets.
type console struct {
	open    []*ticket // oldest first
	clients []string  // redeemed, oldest first
	over    time.Time // when its session was found to be over; zero: it is not
}

type ticket struct {
	client  string
	secret  [32]byte // SHA-256 of the password
	expires time.Time
	session SessionKey
	test    bool
}

// may is whether the person of the ticket's session may use it now, without a lock.
func (x *ticket) may(l *live, now time.Time) bool {
	if x.test {
		return l.mayTest(now)
	}
	return l.mayWatch(now)
}

// NewTickets makes Tickets for the sessions of a Service.
func NewTickets(s *Service) *Tickets {
	return &Tickets{s: s, sessions: make(map[SessionKey]*console), byClient: make(map[string]*ticket)}
}

// Issue makes a ticket for a session that Authenticate gave.
func (t *Tickets) Issue(session Session, _ Operator) Ticket {
	return t.issue(session, TicketUsername+"-", false)
}

// IssueTest makes a ticket to try the broker, which is good for nothing else.
func (t *Tickets) IssueTest(session Session) Ticket {
	return t.issue(session, TicketUsername+"-test-", true)
}

func (t *Tickets) issue(session Session, prefix string, test bool) Ticket {
	password := base64.RawURLEncoding.EncodeToString(random(ticketSecrets))
	x := &ticket{
		client: prefix + hex.EncodeToString(random(16)), test: test, secret: sha256.Sum256([]byte(password)),
		expires: t.s.now().Add(ticketLife), session: session.Key,
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgetEnded()
	c := t.sessions[x.session]
	if c == nil {
		c = &console{}
		t.sessions[x.session] = c
	}
	for len(c.open) >= ticketsOpen {
		t.drop(c, c.open[0])
	}
	c.open = append(c.open, x)
	t.byClient[x.client] = x
	return Ticket{ClientID: x.client, Username: TicketUsername, Password: password, Expires: x.expires}
}

// Redeem answers for one CONNECT. A ticket is good once, for 60 s, and no longer
// than its session.
func (t *Tickets) Redeem(clientID, username string, password []byte) (Claim, bool) {
	now := t.s.d.Now()
	got := sha256.Sum256(password)
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.byClient[clientID]
	if x == nil || username != TicketUsername || subtle.ConstantTimeCompare(got[:], x.secret[:]) != 1 {
		return Claim{}, false
	}
	c := t.sessions[x.session]
	t.drop(c, x)
	l := t.s.sessions.get(x.session)
	if !now.Before(x.expires) || l == nil || !x.may(l, now) {
		return Claim{}, false
	}
	if len(c.clients) >= clientsOf {
		c.clients = slices.Delete(c.clients, 0, 1)
	}
	c.clients = append(c.clients, clientID)
	o, _ := t.s.sessions.of(l)
	reach := l.reached.Load()
	if x.test && !reach.Everything() { // outside of the hours of somebody's rights
		return Claim{}, false
	}
	return Claim{
		Test: x.test, Identity: Identity(o.ID), ClientID: clientID, Operator: o, Session: x.session, Reach: reach.Reach,
		Valid: func() bool { return l.reached.Load() == reach && x.may(l, t.s.d.Now()) },
	}, true
}

// Clients are the client ids that connected with tickets of a session, the last
// 64 of them. They are known at least until OnSessionEnd has been called.
func (t *Tickets) Clients(h SessionKey) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.sessions[h]; c != nil {
		return slices.Clone(c.clients)
	}
	return nil
}

func (t *Tickets) drop(c *console, x *ticket) {
	delete(t.byClient, x.client)
	c.open = slices.DeleteFunc(c.open, func(o *ticket) bool { return o == x })
}

// forgetEnded drops tickets that have ended and, a while after their end, sessions.
func (t *Tickets) forgetEnded() {
	now := t.s.d.Now()
	for h, c := range t.sessions {
		for _, x := range slices.Clone(c.open) {
			if !now.Before(x.expires) {
				t.drop(c, x)
			}
		}
		switch {
		case t.s.sessions.get(h) != nil:
			c.over = time.Time{}
		case c.over.IsZero():
			c.over = now
		case now.Sub(c.over) > ticketLife: // its tickets have ended too
			delete(t.sessions, h)
		}
	}
}
