package db

import "gatehouse/devices/operators"

// digestSize is that of a SHA-256, in bytes.
const digestSize = 32

// digest is a stored SHA-256. What is damaged, and none, is one that nothing hashes to: the row that has it lets nobody in.
func digest(stored []byte) (d [digestSize]byte) {
	if len(stored) == digestSize {
		copy(d[:], stored)
	}
	return d
}

// sessionKeys are those of sessions that ended; what is damaged was nobody's.
func sessionKeys(stored [][]byte) []operators.SessionKey {
	keys := make([]operators.SessionKey, 0, len(stored))
	for _, k := range stored {
		if len(k) == digestSize {
			keys = append(keys, operators.SessionKey(k))
		}
	}
	return keys
}
