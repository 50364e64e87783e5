// Package seal hides secrets under the server's data key, so that a copy of the
// database alone gives none away. What is sealed opens for its purpose and its owner
// only. The key's file is made for its owner only, and refused otherwise.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// KeySize is the size of a data key in bytes.
const KeySize = 32

// version is the first byte of everything that is sealed: AES-256-GCM with a random nonce.
const version = 1

// Seal hides secrets of one purpose, each for one owner. It is safe for concurrent
// use.
type Seal struct {
	purpose string
	aead    cipher.AEAD
}

// New makes a Seal; purpose is in everything that it seals, so that what was sealed
// for one purpose opens for no other.
func New(dataKey []byte, purpose string) (*Seal, error) {
	if len(dataKey) != KeySize {
		return nil, fmt.Errorf("a data key has %d bytes, not %d", KeySize, len(dataKey))
	}
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Seal{purpose: purpose, aead: aead}, nil
}

// Hide gives a secret as it may be stored: version, nonce, ciphertext. It opens for
// the same owner only.
func (s *Seal) Hide(owner string, secret []byte) []byte {
	out := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(secret)+s.aead.Overhead())
	out[0] = version
	nonce := out[1:]
	_, _ = rand.Read(nonce)                                  // never fails: it ends the program instead
	return s.aead.Seal(out, nonce, secret, s.boundTo(owner)) //nolint:gosec // the nonce was filled by rand.Read
}

var errForm = errors.New("it is not of a form that this version knows")

// Show gives the secret that Hide hid for this owner.
func (s *Seal) Show(owner string, hidden []byte) ([]byte, error) {
	n := 1 + s.aead.NonceSize()
	if len(hidden) < n || hidden[0] != version {
		return nil, errForm
	}
	return s.aead.Open(nil, hidden[1:n], hidden[n:], s.boundTo(owner))
}

func (s *Seal) boundTo(owner string) []byte { return []byte(s.purpose + "\x00" + owner) }
