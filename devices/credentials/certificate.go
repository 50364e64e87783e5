package credentials

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
)

// Shown is a client's certificate, as a device showed it.
type Shown struct {
	Fingerprint string    // SHA-256 of its DER form as browsers show it, AB:CD:…; empty: none was shown
	Until       time.Time // the end of its time
}

// CheckCertificate answers for one CONNECT with a certificate that is verified already
// and carries the user name. Forbidden: no device of this name is let in by a
// certificate; the certificate that it showed is remembered all the same, so that
// people can compare it before they let it in. Another code: it cannot be known now.
func (s *Service) CheckCertificate(ctx context.Context, username string, shown Shown) (Check, error) {
	shown.Until = shown.Until.UTC().Truncate(time.Millisecond)
	h, err := s.holding(ctx, username)
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return Check{}, fmt.Errorf("credential.check: %w", err)
	}
	if h == nil || !h.credential.Certificate || !h.valid() {
		if h != nil && h.credential.Holder == ForDevice {
			s.used.note(username, Use{Shown: shown})
		}
		return Check{}, &devices.Error{Op: "credential.check", Code: devices.Forbidden, Message: "no device of this name is let in by a certificate"}
	}
	s.used.note(username, Use{At: s.now(), Shown: shown})
	return Check{Credential: s.shown(h.credential), Valid: h.valid}, nil
}

// AdmitCertificate lets a device in by a certificate in its name. If the device has
// a credential its command key stays, and its password too unless only is true: then
// what the password let in is not Valid any more when this returns. A device without a
// credential gets one, with a command key and no password; the secrets of what is
// returned are empty otherwise.
func (s *Service) AdmitCertificate(ctx context.Context, by devices.Actor, d devices.DeviceID, site devices.SiteID, only bool) (Issued, error) {
	if d == "" || site == "" {
		return Issued{}, invalid("device", "must name a device and its site")
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	issued := Issued{Username: string(d)}
	c, err := s.d.Store.Credential(ctx, string(d))
	switch {
	case devices.CodeOf(err) == devices.NotFound:
		issued, c = s.newDevice(d, site)
		issued.Password, c.SecretHash = "", [32]byte{}
	case err != nil:
		return Issued{}, fmt.Errorf("credential.certificate: %w", err)
	case c.Holder != ForDevice:
		return Issued{}, notDevice(d)
	case only:
		c.SecretHash = [32]byte{}
	}
	c.Certificate, c.Shown = true, s.lastShown(c)
	if err := s.d.Store.PutCredential(ctx, c, s.audit(by, "credential.certificate.admit", c)); err != nil {
		s.doubt(c.Username, err)
		return Issued{}, fmt.Errorf("credential.certificate: %w", err)
	}
	if only {
		s.end(c.Username)
	} else {
		s.memo.widen(c)
	}
	return issued, nil
}

// RefuseCertificate is the end of AdmitCertificate: what any way of the device let in
// is not Valid any more when this returns, and only a password, if it has one, lets it
// in again. NotFound: it has no credential.
func (s *Service) RefuseCertificate(ctx context.Context, by devices.Actor, d devices.DeviceID) error {
	s.edit.Lock()
	defer s.edit.Unlock()
	c, err := s.d.Store.Credential(ctx, string(d))
	if err != nil {
		return fmt.Errorf("credential.certificate: %w", err)
	}
	if c.Holder != ForDevice {
		return notDevice(d)
	}
	c.Certificate, c.Shown = false, s.lastShown(c)
	if err := s.d.Store.PutCredential(ctx, c, s.audit(by, "credential.certificate.refuse", c)); err != nil {
		s.doubt(c.Username, err)
		return fmt.Errorf("credential.certificate: %w", err)
	}
	s.end(c.Username)
	return nil
}

// lastShown is the certificate that was shown last, stored yet or not.
func (s *Service) lastShown(c Credential) Shown {
	return s.used.last(c.Username, Use{At: c.LastUsed, Shown: c.Shown}).Shown
}

func notDevice(d devices.DeviceID) error {
	return &devices.Error{Op: "credential.certificate", Code: devices.NotFound, Message: fmt.Sprintf("%.64q is no device with a credential", d)}
}
