package trail

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

var errHash = errors.New("must be a SHA-256: 64 hexadecimal digits")

// Key is a public key of Ed25519 (RFC 8032) that heads are signed with.
type Key [ed25519.PublicKeySize]byte

// String is the key in base64.
func (k Key) String() string { return base64.StdEncoding.EncodeToString(k[:]) }

// MarshalText implements encoding.TextMarshaler.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Key) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil || len(b) != len(k) {
		return errors.New("must be a public key of Ed25519: 32 bytes in base64")
	}
	copy(k[:], b)
	return nil
}

// Head is what the newest row was at a time, signed: whoever keeps it elsewhere can
// prove later that nothing up to this row was changed or taken away.
type Head struct {
	Row       int64     `json:"row"`
	Hash      Hash      `json:"hash"`
	At        time.Time `json:"at"` // whole milliseconds, UTC
	Key       Key       `json:"key"`
	Signature []byte    `json:"signature"`
}

const headVersion = "gatehouse audit head 1"

// signed is what the signature of a head covers: fields as those of a row.
func (h Head) signed() []byte {
	b := field(nil, headVersion)
	b = field(b, fmt.Sprint(h.Row))
	b = field(b, string(h.Hash[:]))
	b = field(b, fmt.Sprint(h.At.UnixMilli()))
	return field(b, string(h.Key[:]))
}

// Verify is an error unless the head was signed with the key that it names.
func (h Head) Verify() error {
	if h.Row < 1 || !ed25519.Verify(h.Key[:], h.signed(), h.Signature) {
		return errors.New("its signature is wrong: it was changed, or it is no head of an audit trail")
	}
	return nil
}

// Mark is the place that the head tells of.
func (h Head) Mark() Mark { return Mark{h.Row, h.Hash} }

// ReadHead reads a file of a head, and verifies its signature.
func ReadHead(content []byte) (Head, error) {
	var h Head
	if err := json.Unmarshal(content, &h); err != nil {
		return Head{}, fmt.Errorf("it is no head of an audit trail: %w", err)
	}
	return h, h.Verify()
}

// File is the head as a file.
func (h Head) File() []byte {
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil { // numbers, texts and a time of our own: never
		return nil
	}
	return append(text, '\n')
}

// Signer signs heads.
type Signer struct{ private ed25519.PrivateKey }

// Public is its public key.
func (s Signer) Public() Key { return Key(s.private[ed25519.PrivateKeySize-ed25519.PublicKeySize:]) }

// Sign signs the place where the chain is.
func (s Signer) Sign(m Mark, at time.Time) Head {
	h := Head{Row: m.Row, Hash: m.Hash, At: at.UTC().Truncate(time.Millisecond), Key: s.Public()}
	h.Signature = ed25519.Sign(s.private, h.signed())
	return h
}

const successorVersion = "gatehouse audit key 1"

// KeyDetail is the detail of a row that takes a key into use.
type KeyDetail struct {
	Key      Key  `json:"key"`
	Previous *Key `json:"previous,omitempty"` // nil: the first, or the one before is lost
	// Signature of Previous over Key: who had the one made the other.
	Signature []byte `json:"signature,omitempty"`
}

func successor(next Key) []byte { return field(field(nil, successorVersion), string(next[:])) }

// Hand makes the detail of a row that takes the next key into use after this one.
func (s Signer) Hand(next Key) KeyDetail {
	own := s.Public()
	return KeyDetail{Key: next, Previous: &own, Signature: ed25519.Sign(s.private, successor(next))}
}

// handed is whether the key before made this one.
func (d KeyDetail) handed(before Key) bool {
	return d.Previous != nil && *d.Previous == before && ed25519.Verify(before[:], successor(d.Key), d.Signature)
}

// CutDetail is the detail of a row that tells of a cut: Head is the last removed row as
// it was, so that the rest can be verified from there.
type CutDetail struct {
	Head   Head      `json:"head"`
	Rows   int64     `json:"rows"`   // that this cut removed
	Before time.Time `json:"before"` // they were older
	Days   int       `json:"days"`   // as long as rows are kept
}
