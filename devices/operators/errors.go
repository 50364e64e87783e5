package operators

import (
	"time"

	"gatehouse/devices"
)

// The codes of this package's errors, besides those of devices.
const (
	BadCredentials  devices.Code = "bad_credentials" // name or password is wrong; never says which
	BadToken        devices.Code = "bad_token"       // the setup token is wrong or has ended
	Unauthenticated devices.Code = "unauthenticated" // no session, or it has ended
	CodeNeeded      devices.Code = "code_needed"     // the password is right; a code of the second factor is missing
	ProofNeeded     devices.Code = "proof_needed"    // the person must show again who they are: see Prove
	Throttled       devices.Code = "throttled"       // too many attempts: errors.As finds a Wait
)

// Wait is the cause of a Throttled error: how long to wait.
type Wait struct{ After time.Duration }

// Error implements error.
func (w Wait) Error() string { return "try again in " + w.After.String() }

func invalid(field, message string) error {
	return &devices.Error{Op: "operator.check", Code: devices.Invalid, Field: field, Message: message}
}

func throttled(op string, after time.Duration) error {
	after = max(after.Round(time.Second), time.Second)
	return &devices.Error{Op: op, Code: Throttled, Message: "too many attempts", Err: Wait{After: after}}
}

func unauthenticated() error {
	return &devices.Error{Op: "session", Code: Unauthenticated, Message: "there is no such session, or it has ended"}
}

func proofNeeded() error {
	return &devices.Error{Op: "session.prove", Code: ProofNeeded, Message: "show once more who you are, and ask again"}
}

func badCredentials() error {
	return &devices.Error{Op: "session.create", Code: BadCredentials, Message: "name or password is wrong"}
}
