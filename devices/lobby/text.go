package lobby

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"strings"
	"unicode"
)

// maxText is how many characters of a text are kept.
const maxText = 100

// keyOf tells devices apart by all that they say; lengths keep the parts apart.
func keyOf(k Knock) (id key) {
	h := sha256.New()
	for _, s := range []string{k.Client, k.Username, k.Address, k.Fingerprint} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		_, _ = h.Write(n[:])
		_, _ = h.Write([]byte(s))
	}
	h.Sum(id[:0])
	return id
}

func (k Knock) cleaned() Knock {
	return Knock{
		Client: clean(k.Client), Username: clean(k.Username), Address: clean(k.Address),
		Protocol: clean(k.Protocol), Door: clean(k.Door), Fingerprint: clean(k.Fingerprint),
	}
}

// clean makes a text of strangers harmless to look at: short, and without signs that
// are not seen or that turn what follows around.
func clean(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > maxText {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return b.String()
}

// host is an address without its port.
func host(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil {
		return at.Addr().Unmap().WithZone("").String()
	}
	return address
}

// source is what an address is counted under: who has one of IPv6 has the 2^64 around
// it.
func source(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || !ip.Is6() {
		return address
	}
	if p, err := ip.Prefix(64); err == nil {
		return p.String()
	}
	return address
}
