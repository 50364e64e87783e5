package credentials

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"sync/atomic"

	"gatehouse/devices"
)

// maxUsername bounds what is looked up; the ids of the platform are shorter.
const maxUsername = 64

// Check is the answer to a right user name and password.
type Check struct {
	// Credential has no secrets.
	Credential Credential
	// Valid is false from the instant in which the credential was replaced or
	// taken away, or ended. One atomic load, and for an integrator a look at the clock.
	Valid func() bool
}

// Check answers for one CONNECT. Forbidden: the user name or the password is
// wrong, never which; another code: it cannot be known now.
func (s *Service) Check(ctx context.Context, username string, password []byte) (Check, error) {
	h, err := s.holding(ctx, username)
	if err != nil && devices.CodeOf(err) != devices.NotFound {
		return Check{}, fmt.Errorf("credential.check: %w", err)
	}
	var want [32]byte // of an unknown user: nothing hashes to it
	if h != nil {
		want = h.credential.SecretHash
	}
	got := sha256.Sum256(password)
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || h == nil || !s.counts(h) {
		return Check{}, &devices.Error{Op: "credential.check", Code: devices.Forbidden, Message: "user name or password is wrong"}
	}
	s.used.note(username, Use{At: s.now()})
	return Check{Credential: s.shown(h.credential), Valid: s.validity(h)}, nil
}

// counts is whether a credential is neither replaced nor taken away nor over.
func (s *Service) counts(h *holding) bool { return h.valid() && !h.credential.Over(s.d.Now()) }

// validity is counts for as long as a connection lasts; of a device it is one atomic load.
func (s *Service) validity(h *holding) func() bool {
	if h.credential.Holder == ForDevice {
		return h.valid
	}
	return func() bool { return s.counts(h) }
}

// CommandKey gives the 32-byte key that signs a device's commands; it makes a
// Service a devices.Keys. NotFound if the device has no credential.
func (s *Service) CommandKey(ctx context.Context, d devices.DeviceID) ([]byte, error) {
	h, err := s.holding(ctx, string(d))
	if err != nil {
		return nil, fmt.Errorf("credential.key: %w", err)
	}
	if h.key == nil {
		return nil, &devices.Error{Op: "credential.key", Code: devices.NotFound, Message: "it has no command key"}
	}
	return append([]byte(nil), h.key...), nil
}

// Known gives a credential without its secrets, from memory if it was ever asked
// for; NotFound.
func (s *Service) Known(ctx context.Context, username string) (Credential, error) {
	h, err := s.holding(ctx, username)
	if err != nil {
		return Credential{}, fmt.Errorf("credential.known: %w", err)
	}
	return s.shown(h.credential), nil
}

// Warm reads every credential, so that thousands of devices that come back at
// once cost the store one query, and that a fire release has its command keys also
// when the store does not answer.
func (s *Service) Warm(ctx context.Context) error {
	for _, holder := range []Holder{ForDevice, ForIntegrator} {
		epoch := s.memo.epoch()
		all, err := s.d.Store.Credentials(ctx, holder)
		if err != nil {
			return fmt.Errorf("credential.warm: %w", err)
		}
		for _, c := range all {
			h, err := s.open(c)
			if err != nil {
				s.d.Log.Error("credential cannot be used; issue it anew", "username", c.Username, "err", err)
				continue
			}
			s.memo.put(c.Username, h, epoch)
		}
	}
	return nil
}

// holding finds a credential in memory or in the store; NotFound.
func (s *Service) holding(ctx context.Context, username string) (*holding, error) {
	notFound := &devices.Error{Op: "credential.find", Code: devices.NotFound, Message: "there is no such credential"}
	if username == "" || len(username) > maxUsername {
		return nil, notFound
	}
	for {
		h, gone, epoch := s.memo.get(username)
		if gone {
			return nil, notFound
		}
		if h != nil {
			return h, nil
		}
		c, err := s.d.Store.Credential(ctx, username)
		if devices.CodeOf(err) == devices.NotFound {
			s.memo.putUnknown(username, epoch)
			return nil, err
		}
		if err != nil {
			return nil, err
		}
		if h, err = s.open(c); err != nil {
			return nil, err
		}
		if h, ok := s.memo.put(username, h, epoch); ok {
			return h, nil
		} // something changed while we read: look again
	}
}

func (s *Service) open(c Credential) (*holding, error) {
	h := &holding{credential: c, ended: &atomic.Bool{}}
	if len(c.CommandKey) > 0 {
		key, err := s.openKey(c.Device, c.CommandKey)
		if err != nil {
			return nil, err
		}
		h.key = key
	}
	return h, nil
}
