package operators

import (
	"context"
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
	Language string // "zh-CN", "en", or empty: the browser's
	Created  time.Time
	Disabled bool
}

// Role names a set of verbs.
type Role string

// The roles. Verbs gives their rights.
const (
	Guard         Role = "guard"
	Manager       Role = "manager"
	Installer     Role = "installer"
	Administrator Role = "administrator"
)

// Session is a signed-in browser. Its token is known to the browser only; the
// store has its SHA-256.
type Session struct {
	TokenHash [32]byte
	Operator  ID
	Created   time.Time
	LastSeen  time.Time
	Expires   time.Time // absolute end
	Address   string
	UserAgent string
}

// Store keeps accounts and sessions.
type Store interface {
	Operators(ctx context.Context) (int, error) // how many there are
	OperatorByName(ctx context.Context, name string) (Operator, error)
	Operator(ctx context.Context, id ID) (Operator, error)
	// AddFirstOperator adds an administrator if and only if there is no operator;
	// otherwise Conflict.
	AddFirstOperator(ctx context.Context, o Operator, a devices.AuditEntry) error
	SetPassword(ctx context.Context, id ID, phc string) error
	SetLanguage(ctx context.Context, id ID, language string) error

	AddSession(ctx context.Context, s Session, a devices.AuditEntry) error
	Session(ctx context.Context, tokenHash [32]byte) (Session, error)
	TouchSession(ctx context.Context, tokenHash [32]byte, at time.Time) error
	DeleteSession(ctx context.Context, tokenHash [32]byte, a devices.AuditEntry) error
	DeleteExpired(ctx context.Context, now time.Time, idle time.Duration) ([][32]byte, error)
}
