package operators

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"sync"
	"time"

	"gatehouse/devices"
)

const (
	setupTokenSize  = 16 // bytes: 128 bits
	setupTokenLife  = 24 * time.Hour
	setupWrong      = 5 // wrong tokens per setupWrongPer
	setupWrongPer   = time.Minute
	setupTokenGroup = 5
)

// SetupToken lets one person create the first administrator, until it ends. The zero
// value lets in nobody.
type SetupToken struct {
	Text string    // base32, in groups
	Ends time.Time // UTC
}

// SetupTokens is where the setup token in force is. It is not kept in memory, so that
// a program on the server's machine can put a new one in its place.
type SetupTokens interface {
	// SetupToken gives the one in force; the zero value if there is none.
	SetupToken() (SetupToken, error)
	// DropSetupToken is called once there is an administrator.
	DropSetupToken() error
}

// NewSetupToken makes a token, good for 24 h from now: 128 random bits in base32, in
// groups; case, spaces and dashes do not matter when it comes back.
func NewSetupToken(now time.Time) SetupToken {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random(setupTokenSize))
	var groups []string
	for len(text) > setupTokenGroup {
		groups, text = append(groups, text[:setupTokenGroup]), text[setupTokenGroup:]
	}
	return SetupToken{Text: strings.Join(append(groups, text), "-"), Ends: now.UTC().Add(setupTokenLife).Truncate(time.Second)}
}

// Good says whether the token still lets somebody in. One that ends later than a token
// may is not of this program.
func (t SetupToken) Good(now time.Time) bool {
	return len(plainToken(t.Text)) == (setupTokenSize*8+4)/5 && now.Before(t.Ends) && t.Ends.Sub(now) <= setupTokenLife
}

// is compares in constant time.
func (t SetupToken) is(given string) bool {
	want, got := sha256.Sum256([]byte(plainToken(t.Text))), sha256.Sum256([]byte(plainToken(given)))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

func plainToken(text string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\t", "").Replace(strings.TrimSpace(text)))
}

// setupGuard judges attempts, a few wrong ones in a minute.
type setupGuard struct {
	mu    sync.Mutex
	wrong []time.Time
}

// check judges one attempt.
func (g *setupGuard) check(tokens SetupTokens, given string, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.wrong) > 0 && now.Sub(g.wrong[0]) >= setupWrongPer {
		g.wrong = g.wrong[1:]
	}
	if len(g.wrong) >= setupWrong {
		return throttled("setup", setupWrongPer-now.Sub(g.wrong[0]))
	}
	token, err := tokens.SetupToken()
	if err != nil {
		g.wrong = append(g.wrong, now)
		return &devices.Error{Op: "setup", Code: devices.Internal, Message: "the setup token cannot be read", Err: err}
	}
	if !token.is(given) || !token.Good(now) {
		g.wrong = append(g.wrong, now)
		return &devices.Error{Op: "setup", Code: BadToken, Field: "token",
			Message: "is not the setup token in force, or that is older than 24 hours; make a new one on the server's machine: server setup-token"}
	}
	return nil
}

// noSetupTokens is for a Service that nobody sets up.
type noSetupTokens struct{}

func (noSetupTokens) SetupToken() (SetupToken, error) { return SetupToken{}, nil }
func (noSetupTokens) DropSetupToken() error           { return nil }
