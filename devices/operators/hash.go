package operators

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// params are the costs of one hash; see RFC 9106 and the OWASP figures for
// argon2id (19 MiB, two passes, one lane).
type params struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

const (
	saltSize = 16
	hashSize = 32
	// maxWaiting is how many hashes may wait for the one that is at work; a hash
	// takes some 25 ms, so nobody waits for more than half a second.
	maxWaiting = 16
)

func present() params { return params{memory: 19 * 1024, passes: 2, threads: 1} }

// hasher does one hash at a time: two at once would take a small machine whole.
type hasher struct {
	cost    params // of what is hashed anew
	turn    chan struct{}
	waiting atomic.Int64
}

func newHasher() *hasher { return &hasher{cost: present(), turn: make(chan struct{}, 1)} }

// acquire waits for the turn; Throttled if too many wait.
func (h *hasher) acquire(ctx context.Context) (release func(), err error) {
	if h.waiting.Add(1) > maxWaiting+1 {
		h.waiting.Add(-1)
		return nil, throttled("password", time.Second)
	}
	select {
	case h.turn <- struct{}{}:
		return func() { <-h.turn; h.waiting.Add(-1) }, nil
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, ctx.Err()
	}
}

// make gives the PHC string of a password under a new salt.
func (h *hasher) make(ctx context.Context, password string) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	p, salt := h.cost, random(saltSize)
	return format(p, salt, argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.threads, hashSize)), nil
}

// verify says whether a password is the one of a PHC string, and whether that
// string should be made anew. An empty string costs the same and is never right.
func (h *hasher) verify(ctx context.Context, password, phc string) (right, stale bool, err error) {
	p, salt, want := h.cost, random(saltSize), random(hashSize)
	known := phc != ""
	if known {
		if p, salt, want, err = parse(phc); err != nil {
			return false, false, err
		}
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	got := argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.threads, uint32(len(want)))
	right = subtle.ConstantTimeCompare(got, want) == 1 && known
	return right, p != h.cost || len(want) != hashSize, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

func format(p params, salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.threads,
		b64.EncodeToString(salt), b64.EncodeToString(hash))
}

var errPHC = errors.New("the stored password is not an argon2id PHC string")

// parse reads what format wrote, within bounds that no damaged row can burst.
func parse(phc string) (p params, salt, hash []byte, err error) {
	parts := strings.Split(phc, "$")
	var version int
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return p, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &p.memory, &p.passes, &p.threads); err != nil {
		return p, nil, nil, errPHC
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	hash, errHash := base64.RawStdEncoding.DecodeString(parts[5])
	bounded := version == argon2.Version && p.memory >= 8 && p.memory <= 1<<20 && p.passes >= 1 && p.passes <= 16 &&
		p.threads >= 1 && p.threads <= 16 && len(salt) >= 8 && len(salt) <= 64 && len(hash) >= 16 && len(hash) <= 64
	if errSalt != nil || errHash != nil || !bounded {
		return p, nil, nil, errPHC
	}
	return p, salt, hash, nil
}
