package credentials

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"gatehouse/devices"
)

const (
	secretSize  = 32 // bytes: 256 bits
	maxName     = 100
	maxSites    = 1000
	nameExample = `for example "Parking guidance screens"`
)

// IssueDevice makes the credential of a device, with a command key, and replaces
// an older one: what that let in is not Valid any more when this returns.
func (s *Service) IssueDevice(ctx context.Context, by devices.Actor, d devices.DeviceID, site devices.SiteID) (Issued, error) {
	if d == "" || site == "" {
		return Issued{}, invalid("device", "must name a device and its site")
	}
	issued, c := s.newDevice(d, site)
	s.edit.Lock()
	defer s.edit.Unlock()
	old, err := s.d.Store.Credential(ctx, c.Username)
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return Issued{}, fmt.Errorf("credential.issue: %w", err)
	}
	s.keepCertificate(&c, old)
	if err := s.put(ctx, c, s.audit(by, "credential.issue", c)); err != nil {
		return Issued{}, err
	}
	return issued, nil
}

// newDevice makes the secrets of a device.
func (s *Service) newDevice(d devices.DeviceID, site devices.SiteID) (Issued, Credential) {
	password, hash := newSecret()
	key, text := random()
	return Issued{Username: string(d), Password: password, CommandKey: text},
		Credential{
			Username: string(d), Holder: ForDevice, SecretHash: hash, CommandKey: s.sealKey(d, key),
			Device: d, Site: site, Created: s.now(),
		}
}

// keepCertificate gives a new credential what the old one, zero if there was none, says
// of certificates: who replaces a password has said nothing about them.
func (s *Service) keepCertificate(c *Credential, old Credential) {
	c.Certificate = old.Certificate
	if old.Username != "" {
		c.Shown = s.lastShown(old)
	}
}

func (s *Service) checkSites(ctx context.Context, sites []devices.SiteID) ([]devices.SiteID, error) {
	if len(sites) < 1 || len(sites) > maxSites {
		return nil, invalid("sites", fmt.Sprintf("must name 1 to %d sites, by their ids", maxSites))
	}
	known, err := s.d.Sites(ctx)
	if err != nil {
		return nil, fmt.Errorf("credential.issue: %w", err)
	}
	sites = slices.Clone(sites)
	slices.Sort(sites)
	sites = slices.Compact(sites)
	for _, id := range sites {
		if !slices.ContainsFunc(known, func(k devices.Site) bool { return k.ID == id }) {
			return nil, invalid("sites", fmt.Sprintf("there is no site %.64q; ids of existing sites are needed", id))
		}
	}
	return sites, nil
}

// Revoke takes a credential away: what it let in is not Valid any more when this
// returns. NotFound.
func (s *Service) Revoke(ctx context.Context, by devices.Actor, username string) error {
	s.edit.Lock()
	defer s.edit.Unlock()
	c, err := s.d.Store.Credential(ctx, username)
	if err != nil {
		return fmt.Errorf("credential.revoke: %w", err)
	}
	if err := s.d.Store.DeleteCredential(ctx, username, s.audit(by, "credential.revoke", c)); err != nil {
		s.doubt(username, err)
		return fmt.Errorf("credential.revoke: %w", err)
	}
	s.end(username)
	return nil
}

// EndDevice is Revoke for a device, which may have no credential; it makes a Service
// a devices.Enrolment.
func (s *Service) EndDevice(ctx context.Context, by devices.Actor, d devices.DeviceID) error {
	if err := s.Revoke(ctx, by, string(d)); err != nil && devices.CodeOf(err) != devices.NotFound {
		return err
	}
	return nil
}

// put needs s.edit.
func (s *Service) put(ctx context.Context, c Credential, a devices.AuditEntry) error {
	if err := s.d.Store.PutCredential(ctx, c, a); err != nil {
		s.doubt(c.Username, err)
		return fmt.Errorf("credential.issue: %w", err)
	}
	s.end(c.Username)
	return nil
}

// end makes every earlier answer about a user name not Valid and says so.
func (s *Service) end(username string) {
	s.memo.end(username)
	s.used.forget(username)
	s.changed(username)
}

// doubt ends a credential whose change failed in a way that may have reached the
// disk all the same. If it did not, its holder connects again with the old one.
func (s *Service) doubt(username string, err error) {
	var e *devices.Error
	if errors.As(err, &e) && (e.Code == devices.NotFound || e.Code == devices.Conflict || e.Code == devices.Invalid) {
		return
	}
	s.end(username)
}

func newSecret() (password string, hash [32]byte) {
	_, password = random()
	return password, sha256.Sum256([]byte(password))
}

// random makes 256 bits. None begins with a sign by which a spreadsheet would take it
// for a formula: people keep secrets in such lists. That costs a fortieth of a bit.
func random() (secret []byte, text string) {
	for {
		secret = make([]byte, secretSize)
		_, _ = rand.Read(secret) // never fails: it ends the program instead
		if text = base64.RawURLEncoding.EncodeToString(secret); text[0] != '-' {
			return secret, text
		}
	}
}

func invalid(field, message string) *devices.Error {
	return &devices.Error{Op: "credential.issue", Code: devices.Invalid, Field: field, Message: message}
}

func (s *Service) audit(by devices.Actor, verb string, c Credential) devices.AuditEntry {
	object, detail := "device:"+c.Username, map[string]any{"holder": c.Holder}
	if c.Holder == ForDevice {
		detail["password"], detail["certificate"] = c.SecretHash != [32]byte{}, c.Certificate
	}
	if c.Holder == ForIntegrator {
		object, detail["name"], detail["sites"] = "integrator:"+c.Username, c.Name, c.Sites
		detail["feeds"], detail["ends"] = c.Feeds, c.Ends
	}
	return devices.Audited(s.now(), by, verb, c.Site, object, detail)
}
