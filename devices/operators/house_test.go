package operators_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/prove"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const goodPassword = "four quiet herons wade"

var errDisk = errors.New("disk")

// house is a service over a store, in a bubble whose clock stands unless it sleeps.
type house struct {
	t     *testing.T
	store *memory
	svc   *operators.Service
	token operators.SetupToken
	now   func() time.Time // nil: time.Now

	denying sync.Mutex // guards denied
	denied  []string   // who was not let in, as the trail is told

	renewed map[string]string // by a session's token: the one that took its place
}

func newHouse(t *testing.T) *house {
	return &house{t: t, store: newMemory(), renewed: map[string]string{}}
}

// SetupToken implements operators.SetupTokens.
func (h *house) SetupToken() (operators.SetupToken, error) { return h.token, nil }

// DropSetupToken implements operators.SetupTokens.
func (h *house) DropSetupToken() error { h.token = operators.SetupToken{}; return nil }

// newToken puts a new setup token in force.
func (h *house) newToken() string {
	now := time.Now
	if h.now != nil {
		now = h.now
	}
	h.token = operators.NewSetupToken(now())
	return h.token.Text
}

func inHouse(t *testing.T, run func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.svc = operators.New(operators.Deps{Store: h.store, Seal: plainly{}, SetupTokens: h, Refusals: h})
		if !prove.Full() {
			operators.CheapForTest(h.svc)
		}
		run(t, h)
	})
}

// plainly is a Seal that hides nothing, but opens for its owner only.
type plainly struct{}

func (plainly) Hide(owner string, secret []byte) []byte { return []byte(owner + "|" + string(secret)) }

func (plainly) Show(owner string, hidden []byte) ([]byte, error) {
	secret, ok := bytes.CutPrefix(hidden, []byte(owner+"|"))
	if !ok {
		return nil, errDisk
	}
	return secret, nil
}

func from(address string) operators.Client {
	return operators.Client{Address: address, UserAgent: "test"}
}

// settle sets the house up and gives the administrator and a session.
func (h *house) settle() (operators.Operator, string) {
	h.t.Helper()
	o, session, err := h.svc.Setup(h.t.Context(), h.newToken(), operators.Account{Name: "Li", Password: goodPassword}, from("192.0.2.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return o, session
}

// free makes second factors everybody's own choice.
func (h *house) free() {
	h.t.Helper()
	if err := h.svc.SetFactorRoles(h.t.Context(), boss, nil); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) login(name, password, address string) (string, error) {
	_, session, err := h.svc.Login(h.t.Context(), name, password, "", from(address))
	return session, err
}

// present is what the browser has now that had that token.
func (h *house) present(token string) string {
	for h.renewed[token] != "" {
		token = h.renewed[token]
	}
	return token
}

// prove shows who the person of a session is, and has the browser keep its new token.
func (h *house) prove(token string, o operators.Operator, s operators.Session, code, password string) error {
	renewed, err := h.svc.Prove(h.t.Context(), o, s, code, password)
	if renewed != "" {
		h.renewed[h.present(token)] = renewed
	}
	return err
}

func (h *house) session(token string) (operators.Operator, operators.Session) {
	h.t.Helper()
	o, s, err := h.svc.Authenticate(h.t.Context(), h.present(token))
	if err != nil {
		h.t.Fatal(err)
	}
	return o, s
}

func (h *house) refused(token string) {
	h.t.Helper()
	_, _, err := h.svc.Authenticate(h.t.Context(), h.present(token))
	wantCode(h.t, err, operators.Unauthenticated)
}

func wantCode(t *testing.T, err error, code devices.Code) {
	t.Helper()
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

func wantWait(t *testing.T, err error, longest time.Duration) {
	t.Helper()
	wantCode(t, err, operators.Throttled)
	var w operators.Wait
	if !errors.As(err, &w) || w.After <= 0 || w.After > longest {
		t.Errorf("wait %v, want up to %v", w.After, longest)
	}
}
