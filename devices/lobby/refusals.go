package lobby

import (
	"sync"
	"time"

	"gatehouse/devices"
)

// Why a connection in the name of a device was refused.
type Why string

// The reasons.
const (
	WrongPassword    Why = "wrong_password"    // its user name, another password, or none
	WrongUsername    Why = "wrong_user_name"   // its client id, a user name that nobody has
	WrongClient      Why = "wrong_client_id"   // its credential, another client id
	NoCredential     Why = "no_credential"     //nolint:gosec // a word, no secret: it has none, not issued or revoked
	WrongCertificate Why = "wrong_certificate" // not admitted for it, or not verified
	Banned           Why = "banned"            // by an administrator: its client id, user name or address
)

// Refusal is a connection that was refused in the name of a device.
type Refusal struct {
	At      time.Time
	Why     Why
	Address string // network address without a port
	Count   int    // refusals of this device since the server started
}

// Refusals remembers the last refusal of each device, so that whoever mounts it is told
// what is wrong with what they entered. It is in memory: a device tries again within
// seconds. Only names of devices in service are to be noted, which bounds it. The zero
// Refusals is ready, and safe for concurrent use.
type Refusals struct {
	mu   sync.Mutex
	last map[devices.DeviceID]Refusal
}

// Note remembers a refusal. It takes no time.
func (r *Refusals) Note(id devices.DeviceID, why Why, address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[devices.DeviceID]Refusal{}
	}
	r.last[id] = Refusal{At: time.Now(), Why: why, Address: clean(host(address)), Count: r.last[id].Count + 1}
}

// LastRefusal is the newest of a device; false if there was none since the server
// started.
func (r *Refusals) LastRefusal(id devices.DeviceID) (Refusal, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.last[id]
	return last, ok
}
