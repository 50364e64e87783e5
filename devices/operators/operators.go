package operators

import (
	"context"
	"encoding/hex"
	"time"

	"gatehouse/devices"
)

// ID of an operator.
type ID string

// Operator is a person with an account.
type Operator struct {
	ID       ID
	Name     string // login name, unique without regard to case
	Password string // argon2id in PHC form; never leaves this package and the store
	Role     Role
	Scope    devices.Scope // where and when the role counts
	Language string        // "zh-CN", "en", or empty: the browser's
	Theme    string        // of the console: "auto", "light", "dark", or empty: what the browser had last
	Created  time.Time
	Disabled bool
	// MustChange is true while the password is one that somebody else chose: until it
	// is changed its owner may do nothing else.
	MustChange bool
	// FirstEnds is when such a password lets nobody in any more; zero: never.
	FirstEnds time.Time
	Factor    Factor
	PIN       PIN
}

// Role names a set of verbs: one of those below, or an OwnRole.
type Role string

// The roles. Verbs gives their rights.
const (
	Guard         Role = "guard"
	Manager       Role = "manager"
	Installer     Role = "installer"
	Auditor       Role = "auditor" // reads everything, changes nothing
	Administrator Role = "administrator"
)

// Session is a signed-in browser. Its token is known to the browser only; the
// store has its SHA-256.
type Session struct {
	Key       SessionKey // SHA-256 of its first token: it stays when the token changes
	Token     [32]byte   // SHA-256 of its present token
	Operator  ID
	Created   time.Time
	LastSeen  time.Time
	Expires   time.Time // absolute end
	Address   string
	UserAgent string
	Proved    time.Time // when its person last proved who they are; zero: never
	// Booth is where somebody signed in with a PIN; empty: with their password, anywhere. Lock is how long
	// such a session lives without being used.
	Booth BoothID
	Lock  time.Duration
}

// SessionID names a session for people, without letting anybody in.
type SessionID string

// ID is the beginning of its key.
func (s Session) ID() SessionID { return SessionID(hex.EncodeToString(s.Key[:8])) }

// Store keeps accounts and sessions.
type Store interface {
	Operators(ctx context.Context) (int, error) // how many there are
	OperatorByName(ctx context.Context, name string) (Operator, error)
	Operator(ctx context.Context, id ID) (Operator, error)
	// AddFirstOperator adds an administrator if and only if there is no operator;
	// otherwise Conflict.
	AddFirstOperator(ctx context.Context, o Operator, a devices.AuditEntry) error
	AllOperators(ctx context.Context) ([]Operator, error) // by name
	// AddOperator adds one; Conflict with Field name if somebody has the name, and with
	// Field role if it is an own role that does not exist (any more).
	AddOperator(ctx context.Context, o Operator, a devices.AuditEntry) error
	// EditOperator reads an account, has it changed, and stores it with its audit
	// entry (nil: none), in one transaction; id, name and time of creation stay. NotFound; Conflict
	// if no administrator who is not disabled would be left, and with Field role as AddOperator.
	EditOperator(ctx context.Context, id ID, change func(*Operator) *devices.AuditEntry) (Operator, error)

	OwnRoles(ctx context.Context) ([]OwnRole, error)
	// PutRole adds or replaces an own role, and, if needing is not nil, which roles need a
	// second factor, in one transaction; Conflict with Field name if another role has the name.
	PutRole(ctx context.Context, r OwnRole, needing []Role, a devices.AuditEntry) error
	// RemoveRole is NotFound, or Conflict if somebody has the role.
	RemoveRole(ctx context.Context, id Role, a devices.AuditEntry) error

	// FactorRoles are the roles that need a second factor; said is false until
	// somebody has said so.
	FactorRoles(ctx context.Context) (roles []Role, said bool, err error)
	SetFactorRoles(ctx context.Context, roles []Role, a devices.AuditEntry) error

	AddSession(ctx context.Context, s Session, a devices.AuditEntry) error
	// Session gives one by the hash of its present token.
	Session(ctx context.Context, token [32]byte) (Session, error)
	SessionsOf(ctx context.Context, id ID) ([]Session, error) // newest use first
	// ProveSession notes when its person proved who they are, and gives it another
	// token; NotFound if its present token is not was.
	ProveSession(ctx context.Context, k SessionKey, was, token [32]byte, at time.Time, a devices.AuditEntry) error
	TouchSession(ctx context.Context, k SessionKey, at time.Time) error
	DeleteSession(ctx context.Context, k SessionKey, a devices.AuditEntry) error
	DeleteExpired(ctx context.Context, now time.Time, idle time.Duration) ([]SessionKey, error)
}
