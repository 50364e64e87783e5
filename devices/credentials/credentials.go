package credentials

import (
	"context"
	"time"

	"gatehouse/devices"
)

// Holder is what a credential is for.
type Holder string

// The holders of platform-made credentials.
const (
	ForDevice     Holder = "device"
	ForIntegrator Holder = "integrator"
)

// Credential lets a device or a foreign program into the broker. Its secret is
// 256 random bits, shown once; the store has its SHA-256.
type Credential struct {
	Username string // device id, or the integrator's id
	Holder   Holder
	// SecretHash is zero if no password lets it in: nothing hashes to that.
	SecretHash [32]byte
	// Password says in what a Service gives, which has no SecretHash, whether a password
	// lets it in.
	Password bool
	// CommandKey signs the commands of a device, sealed under the server's data
	// key; nil for integrators.
	CommandKey []byte
	Name       string           // integrator: name for people
	Sites      []devices.SiteID // integrator: the sites whose feeds it may read
	Feeds      []string         // integrator: the kinds of feeds that it may read; none: all
	Ends       time.Time        // integrator: when it lets nobody in any more
	// Certificate is true for a device that is let in by a certificate of the owner's
	// authorities in its name, see CheckCertificate.
	Certificate bool
	Shown       Shown            // device: the certificate that it showed last
	Device      devices.DeviceID // device
	Site        devices.SiteID   // device
	Created     time.Time
	LastUsed    time.Time
}

// Use is the last time that a credential let somebody in, and what was shown for it.
type Use struct {
	At    time.Time // zero: it let nobody in, and the time before is still the last
	Shown Shown     // zero: no certificate was shown, and the one that was shown before is still the last
}

// after is a use with what the one before still says.
func (u Use) after(before Use) Use {
	if u.At.IsZero() {
		u.At = before.At
	}
	if u.Shown == (Shown{}) {
		u.Shown = before.Shown
	}
	return u
}

// Issued is a credential at the one moment in which its secrets are known.
type Issued struct {
	Username   string
	Password   string // base64url of the 256 bits; empty for a device that shows a certificate
	CommandKey string // base64url of the 256 bits; empty for integrators
}

// Store keeps credentials.
type Store interface {
	Credential(ctx context.Context, username string) (Credential, error)
	Credentials(ctx context.Context, h Holder) ([]Credential, error)
	// PutCredential creates or replaces (rotates) one.
	PutCredential(ctx context.Context, c Credential, a devices.AuditEntry) error
	// PutCredentials is PutCredential for many, each with its audit entry: all or none.
	PutCredentials(ctx context.Context, list []Credential, a []devices.AuditEntry) error
	DeleteCredential(ctx context.Context, username string, a devices.AuditEntry) error
	// TouchCredentials stores uses by username; what is not known is passed over.
	TouchCredentials(ctx context.Context, uses map[string]Use) error
}
