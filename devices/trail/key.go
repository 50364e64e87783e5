package trail

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gatehouse/devices/durable"
)

// NewSigner makes a key.
func NewSigner() Signer {
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails: it ends the program instead
	return Signer{ed25519.NewKeyFromSeed(seed)}
}

// LoadSigner reads the key that heads are signed with, 32 bytes in base64url on one line;
// there is false if the file is absent. It refuses a file that others may read and one
// that holds no key.
func LoadSigner(path string) (s Signer, there bool, err error) {
	text, err := durable.ReadOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Signer{}, false, nil
	}
	if err != nil {
		return Signer{}, false, fmt.Errorf("audit key: %w", err)
	}
	seed, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return Signer{}, false, fmt.Errorf("audit key: %s does not hold a key (32 bytes in base64url); "+
			"put the right file back from a backup, or move it away: the server makes a new one and says so in the trail", path)
	}
	return Signer{ed25519.NewKeyFromSeed(seed)}, true, nil
}

// save keeps the key, for its owner only.
func (s Signer) save(path string) error {
	text := base64.RawURLEncoding.EncodeToString(s.private.Seed()) + "\n"
	if err := durable.Replace(path, []byte(text)); err != nil {
		return fmt.Errorf("audit key: %w", err)
	}
	return nil
}
