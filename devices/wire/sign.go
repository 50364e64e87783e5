package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
)

// Sign gives the signature of a command for a device: HMAC-SHA-256 under the
// device's 32-byte command key, as 64 hexadecimal digits, over this text:
//
//	gatehouse-command-v1 device id seq issued ttl action n key value key value ...
//
// where every item is written as its length in bytes, a colon, its bytes, a comma
// ("4:open,"), with nothing between the items. Numbers are decimal without
// leading zeros; n is the number of arguments, which follow sorted by the bytes
// of their keys. The lengths make the form unambiguous: no two different commands
// have the same text. The signature itself is not part of it.
func Sign(key []byte, device string, c CommandPayload) string {
	return hex.EncodeToString(sum(key, device, c))
}

// Verify is whether a command carries the signature that Sign would give it. It
// takes the same time whatever the difference is.
func Verify(key []byte, device string, c CommandPayload) bool {
	given, err := hex.DecodeString(c.Signature)
	return err == nil && hmac.Equal(given, sum(key, device, c))
}

func sum(key []byte, device string, c CommandPayload) []byte {
	var text []byte
	item := func(s string) {
		text = strconv.AppendInt(text, int64(len(s)), 10)
		text = append(text, ':')
		text = append(text, s...)
		text = append(text, ',')
	}
	number := func(n int64) { item(strconv.FormatInt(n, 10)) }
	item("gatehouse-command-v1")
	item(device)
	item(c.ID)
	number(c.Seq)
	number(c.Issued)
	number(c.TTL)
	item(c.Action)
	number(int64(len(c.Args)))
	for _, key := range slices.Sorted(maps.Keys(c.Args)) {
		item(key)
		item(c.Args[key])
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return mac.Sum(nil)
}
