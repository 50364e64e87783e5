package operators

import (
	"crypto/sha256"
	"hash/crc32"
	"math/big"
	"strings"
)

// An API token is gth_, 43 letters and digits, and 6 more that are their checksum: programs that
// look for secrets in files know it by its form, and what was mistyped is told from what is unknown.
const (
	tokenPrefix   = "gth_"
	tokenLetters  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tokenBody     = 43 // 256 bits
	tokenChecksum = 6  // 32 bits
)

// newAPITokenText makes a token of 256 random bits.
func newAPITokenText() string {
	body := inLetters(new(big.Int).SetBytes(random(sessionTokenSize)), tokenBody)
	return tokenPrefix + body + checksumOf(body)
}

// wellFormed is whether a text has the form of a token, and its checksum is right.
func wellFormed(text string) bool {
	body, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok || len(body) != tokenBody+tokenChecksum {
		return false
	}
	return body[tokenBody:] == checksumOf(body[:tokenBody])
}

func checksumOf(body string) string {
	return inLetters(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), tokenChecksum)
}

// inLetters writes n in base 62, with leading zeros.
func inLetters(n *big.Int, length int) string {
	text := make([]byte, length)
	base, rest := big.NewInt(int64(len(tokenLetters))), new(big.Int)
	for i := length - 1; i >= 0; i-- {
		n.DivMod(n, base, rest)
		text[i] = tokenLetters[rest.Int64()]
	}
	return string(text)
}

func hashAPIToken(text string) [32]byte { return sha256.Sum256([]byte(text)) }
