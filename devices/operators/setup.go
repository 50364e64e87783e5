package operators

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
)

const (
	setupTokenSize  = 16 // bytes: 128 bits
	setupTokenLife  = 24 * time.Hour
	setupWrong      = 5 // wrong tokens per setupWrongPer
	setupWrongPer   = time.Minute
	setupTokenGroup = 5
)

// setupToken is the token of this run of the server; only its hash is kept.
type setupToken struct {
	mu    sync.Mutex
	hash  [32]byte
	ends  time.Time // zero: there is none
	wrong []time.Time
}

// NewSetupToken makes a token that lets one person create the first
// administrator, good for 24 h, and ends an older one. It is 128 random bits in
// base32, in groups; case, spaces and dashes do not matter when it comes back.
func (s *Service) NewSetupToken() (token string, expires time.Time) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random(setupTokenSize))
	s.setup.mu.Lock()
	defer s.setup.mu.Unlock()
	s.setup.hash = sha256.Sum256([]byte(text))
	s.setup.ends = s.now().Add(setupTokenLife)
	var groups []string
	for len(text) > setupTokenGroup {
		groups, text = append(groups, text[:setupTokenGroup]), text[setupTokenGroup:]
	}
	return strings.Join(append(groups, text), "-"), s.setup.ends
}

// check judges one attempt.
func (t *setupToken) check(token string, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.wrong) > 0 && now.Sub(t.wrong[0]) >= setupWrongPer {
		t.wrong = t.wrong[1:]
	}
	if len(t.wrong) >= setupWrong {
		return throttled("setup", setupWrongPer-now.Sub(t.wrong[0]))
	}
	plain := strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\t", "").Replace(strings.TrimSpace(token)))
	got := sha256.Sum256([]byte(plain))
	right := subtle.ConstantTimeCompare(got[:], t.hash[:]) == 1
	if !right || t.ends.IsZero() || !now.Before(t.ends) {
		t.wrong = append(t.wrong, now)
		return &devices.Error{Op: "setup", Code: BadToken, Field: "token",
			Message: "is not the setup token that the server printed, or it is older than 24 hours; start the server again for a new one"}
	}
	return nil
}

func (t *setupToken) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hash, t.ends = [32]byte{}, time.Time{}
}

// Setup creates the first administrator and signs them in: session is the token
// for the cookie. BadToken, Throttled, Conflict (there is one already), Invalid
// (Field name, password, language).
func (s *Service) Setup(ctx context.Context, token string, a Account, from Client) (o Operator, session string, err error) {
	if !s.Needed(ctx) {
		return Operator{}, "", alreadySetUp(nil)
	}
	if err := s.setup.check(token, s.now()); err != nil {
		return Operator{}, "", err
	}
	o, err = s.firstOperator(ctx, a)
	if err != nil {
		return Operator{}, "", err
	}
	err = s.d.Store.AddFirstOperator(ctx, o, s.entry(s.actor(o, from.Address), "operator.setup", o.ID, map[string]any{"role": o.Role}))
	if devices.CodeOf(err) == devices.Conflict {
		s.exists.Store(true)
		return Operator{}, "", alreadySetUp(err)
	}
	if err != nil {
		return Operator{}, "", fmt.Errorf("setup: %w", err)
	}
	s.exists.Store(true)
	s.setup.clear()
	session, err = s.open(ctx, o, from)
	if err != nil {
		return Operator{}, "", err
	}
	return o, session, nil
}

func (s *Service) firstOperator(ctx context.Context, a Account) (Operator, error) {
	name, err := checkName(a.Name)
	if err != nil {
		return Operator{}, err
	}
	if err := checkPassword(a.Password, name); err != nil {
		return Operator{}, err
	}
	if err := checkLanguage(a.Language); err != nil {
		return Operator{}, err
	}
	phc, err := s.hasher.make(ctx, a.Password)
	if err != nil {
		return Operator{}, fmt.Errorf("setup: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Operator{}, &devices.Error{Op: "setup", Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	return Operator{ID: ID(id.String()), Name: name, Password: phc, Role: Administrator, Language: a.Language, Created: s.now()}, nil
}

func alreadySetUp(cause error) error {
	return &devices.Error{Op: "setup", Code: devices.Conflict, Message: "there is an administrator already; sign in instead", Err: cause}
}
