package trail

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"gatehouse/devices"
)

// The verbs of rows that the trail itself writes.
const (
	VerbKey    = "audit.key"    // a key that signs heads is used from here on: KeyDetail
	VerbCut    = "audit.cut"    // the rows up to one were removed: CutDetail
	VerbErase  = "audit.erase"  // the keys of a person were destroyed
	VerbExport = "audit.export" // somebody took rows away as a file
)

// Hash is a SHA-256; that of no row is all zeros.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return errHash
	}
	copy(h[:], b)
	return nil
}

// Mark is a place in the chain: a row and its hash. The zero Mark is before the first.
type Mark struct {
	Row  int64
	Hash Hash
}

// Sealed are values of one person, hidden under a key of that person. The zero Sealed
// is none.
type Sealed struct {
	Key  int64 // id of the key
	Text []byte
}

// Row is one row as it is stored, and as its hash covers it.
type Row struct {
	ID      int64  // from 1 on, without a gap
	At      string // microseconds since 1970 UTC, decimal; empty: not known
	Actor   devices.Actor
	Verb    string
	Site    string
	Object  string
	Detail  string
	Outcome string
	// Of the actor: name and address, if it is a person; then they are empty above.
	ActorSealed Sealed
	// Of the object: what the entry says of a person.
	ObjectSealed Sealed
	Hash         Hash
}

// rowVersion begins what is hashed: a form that changes gets another.
const rowVersion = "gatehouse audit row 1"

// Next is the hash that the row must have after the row with the hash prev: SHA-256 of
// the fields in this order, each after its length in bytes as 32 bits, big-endian.
func (r *Row) Next(prev Hash) Hash {
	b := make([]byte, 0, 512)
	b = field(b, rowVersion)
	b = field(b, string(prev[:]))
	b = field(b, strconv.FormatInt(r.ID, 10))
	for _, text := range [...]string{
		r.At, string(r.Actor.Kind), r.Actor.ID, r.Actor.Name, r.Actor.Address, r.Actor.Session,
		r.Verb, r.Site, r.Object, r.Detail, r.Outcome,
	} {
		b = field(b, text)
	}
	for _, s := range [...]Sealed{r.ActorSealed, r.ObjectSealed} {
		b = field(b, strconv.FormatInt(s.Key, 10))
		b = field(b, string(s.Text))
	}
	return sha256.Sum256(b)
}

func field(b []byte, value string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}
