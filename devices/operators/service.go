package operators

import (
	"context"
	"log/slog"
	"time"

	"gatehouse/devices"
)

// The codes of this package's errors, besides those of devices.
const (
	BadCredentials  devices.Code = "bad_credentials" // name or password is wrong; never says which
	BadToken        devices.Code = "bad_token"       // the setup token is wrong or has ended
	Unauthenticated devices.Code = "unauthenticated" // no session, or it has ended
	Throttled       devices.Code = "throttled"       // too many attempts: errors.As finds a Wait
)

// Wait is the cause of a Throttled error.
type Wait struct{ After time.Duration }

// Error implements error.
func (w Wait) Error() string { return "try again in " + w.After.String() }

// Deps are the parts of a Service. Log and Now may be left out.
type Deps struct {
	Store Store
	Log   *slog.Logger
	Now   func() time.Time
}

// Client is where a request came from.
type Client struct{ Address, UserAgent string }

// Account is what the first administrator chooses.
type Account struct{ Name, Password, Language string }

// TokenHash names a session without letting anybody in.
type TokenHash = [32]byte

// Service keeps accounts and sessions. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes a Service; Run sweeps it.
func New(d Deps) *Service { return &Service{d: d} }

// Run ends sessions whose time is over until ctx ends; it gives nil then.
func (s *Service) Run(ctx context.Context) error { panic("draft") }

// Needed is true until there is an administrator (and while that cannot be known). Cheap.
func (s *Service) Needed(ctx context.Context) bool { panic("draft") }

// NewSetupToken makes a token good for 24 h and ends an older one.
func (s *Service) NewSetupToken() (token string, expires time.Time) { panic("draft") }

// Setup creates the first administrator and signs him in. BadToken, Throttled,
// Conflict (there is one already), Invalid (Field name, password, language).
func (s *Service) Setup(ctx context.Context, token string, a Account, from Client) (o Operator, session string, err error) {
	panic("draft")
}

// Login signs in. BadCredentials, Throttled.
func (s *Service) Login(ctx context.Context, name, password string, from Client) (o Operator, session string, err error) {
	panic("draft")
}

// Authenticate gives who holds a session token; otherwise Unauthenticated.
func (s *Service) Authenticate(ctx context.Context, session string) (Operator, Session, error) {
	panic("draft")
}

// Logout ends a session at once.
func (s *Service) Logout(ctx context.Context, session string, from Client) error { panic("draft") }

// SetLanguage stores a person's language: zh-CN, en, or empty.
func (s *Service) SetLanguage(ctx context.Context, id ID, language string) (Operator, error) {
	panic("draft")
}

// OnSessionEnd calls f with each session that ends, after it ended. Register before Run.
func (s *Service) OnSessionEnd(f func(TokenHash)) { panic("draft") }

// Verbs gives the rights of a role; none for an unknown one.
func Verbs(r Role) []devices.Verb { panic("draft") }

// May is true if the role has the right.
func (r Role) May(v devices.Verb) bool { panic("draft") }

// TicketUsername is the user name of every ticket.
const TicketUsername = "console"

// Ticket lets one live console connect to the broker, once, within 60 s.
type Ticket struct {
	ClientID, Username, Password string
	Expires                      time.Time
}

// Claim is a redeemed ticket.
type Claim struct {
	Identity string // "operator:" and the operator's id
	ClientID string
	Operator Operator
	Session  TokenHash
	Valid    func() bool // false at once when the session ends; quick
}

// Tickets issues and redeems tickets. It is safe for concurrent use.
type Tickets struct{ s *Service }

// NewTickets makes Tickets.
func NewTickets(s *Service) *Tickets { return &Tickets{s: s} }

// Issue makes a ticket for a session that Authenticate gave.
func (t *Tickets) Issue(session Session, o Operator) Ticket { panic("draft") }

// Redeem answers for one CONNECT; the second one with the same ticket is refused.
func (t *Tickets) Redeem(clientID, username string, password []byte) (Claim, bool) { panic("draft") }

// Clients are the client ids that connected with tickets of a session.
func (t *Tickets) Clients(h TokenHash) []string { panic("draft") }
