package credentials

import (
	"context"
	"log/slog"
	"time"

	"gatehouse/devices"
)

// Deps are the parts of a Service. Log and Now may be left out.
type Deps struct {
	Store   Store
	DataKey []byte // 32 bytes, see LoadDataKey
	// Sites lists the sites that an integrator may be given; devices.Store has it.
	Sites func(ctx context.Context) ([]devices.Site, error)
	Now   func() time.Time
	Log   *slog.Logger
}

// Check is the answer to a right user name and password.
type Check struct {
	Credential Credential
	// Valid is false from the instant in which the credential was replaced or
	// taken away. Quick.
	Valid func() bool
}

// Service issues and checks credentials. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes a Service; Run writes when credentials were last used.
func New(d Deps) (*Service, error) { return &Service{d: d}, nil }

// Run stores times of last use until ctx ends; it gives nil then.
func (s *Service) Run(ctx context.Context) error { panic("draft") }

// IssueDevice makes the credential of a device and replaces an older one.
func (s *Service) IssueDevice(ctx context.Context, by devices.Actor, d devices.DeviceID, site devices.SiteID) (Issued, error) {
	panic("draft")
}

// IssueIntegrator makes a credential that reads the feeds of some sites.
func (s *Service) IssueIntegrator(ctx context.Context, by devices.Actor, name string, sites []devices.SiteID) (Issued, Credential, error) {
	panic("draft")
}

// Revoke takes a credential away at once; NotFound.
func (s *Service) Revoke(ctx context.Context, by devices.Actor, username string) error {
	panic("draft")
}

// List gives the credentials of one kind of holder, without secrets.
func (s *Service) List(ctx context.Context, h Holder) ([]Credential, error) { panic("draft") }

// Get gives one credential without secrets; NotFound.
func (s *Service) Get(ctx context.Context, username string) (Credential, error) { panic("draft") }

// Check answers for one CONNECT. Forbidden: wrong user or password, never which;
// another code: cannot be known now.
func (s *Service) Check(ctx context.Context, username string, password []byte) (Check, error) {
	panic("draft")
}

// CommandKey gives the key that signs a device's commands; it makes a Service a
// devices.Keys. NotFound without a credential.
func (s *Service) CommandKey(ctx context.Context, d devices.DeviceID) ([]byte, error) {
	panic("draft")
}

// OnChange calls f with each user name whose credential was replaced or taken
// away, after Valid turned false. Register before the first CONNECT.
func (s *Service) OnChange(f func(username string)) { panic("draft") }

// LoadDataKey reads the server's data key, 32 bytes, and makes the file, owner
// only, if it is absent. It refuses a file that others may read.
func LoadDataKey(path string) ([]byte, error) { panic("draft") }
