package durability

import (
	"fmt"
	"maps"
	"math/rand/v2"

	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// holder is a client that stays connected, with a will.
type holder struct {
	name    string
	version mqtt.Version
	payload string
	returns bool // within the will's delay, after a crash
	c       *mqtt.Conn
}

// wills is who stays, and which wills are owed to the watcher.
type wills struct {
	r       *rand.Rand
	made    int
	holders []*holder
	owed    map[string]bool // after a crash
	perhaps map[string]bool // may come or not: the crash came in the middle
	leaving map[string]bool // went in peace, and that may not be stored yet
	watcher *guest
}

func newWills(r *rand.Rand) *wills {
	return &wills{
		r: r, owed: map[string]bool{}, perhaps: map[string]bool{}, leaving: map[string]bool{},
		watcher: &guest{name: "watcher", version: mqtt.V311, held: map[uint16]bool{}},
	}
}

// change lets one more client stay, or one go in peace.
func (w *wills) change(address string) error {
	if n := len(w.holders); n > 0 && (n > 5 || w.r.IntN(2) == 0) {
		i := w.r.IntN(n)
		h := w.holders[i]
		w.holders = append(w.holders[:i:i], w.holders[i+1:]...)
		w.leaving[h.payload] = true
		return leave(h.c)
	}
	w.made++
	kind := w.r.IntN(3)
	h := &holder{name: fmt.Sprint("holder-", w.made), payload: fmt.Sprintf("will-%d of kind %d", w.made, kind)}
	connect := mqtt.Connect{ClientID: h.name, Will: &mqtt.Will{Topic: "will/" + h.name, Payload: []byte(h.payload), QoS: 2}}
	switch kind {
	case 0: // its will is due at once
		h.version = mqtt.V311
	case 1: // its will waits
		h.version, connect.Persistent, connect.Will.Delay = mqtt.V5, true, 1
	case 2: // and longer than it is away
		h.version, connect.Persistent, connect.Will.Delay, h.returns = mqtt.V5, true, 3600, true
	}
	connect.Version = h.version
	w.perhaps[h.payload] = true
	c, err := dialWith(address, connect)
	if err != nil {
		return err
	}
	delete(w.perhaps, h.payload)
	h.c = c
	w.holders = append(w.holders, h)
	return nil
}

// settled says that something was stored after all that was done here.
func (w *wills) settled() { clear(w.leaving) }

// crash notes which wills are owed now.
func (w *wills) crash() {
	for _, h := range w.holders {
		_ = h.c.Close()
		if !h.returns {
			w.owed[h.payload] = true
		}
	}
	maps.Copy(w.perhaps, w.leaving)
	clear(w.leaving)
}

// comeBack lets those come back that do.
func (w *wills) comeBack(address string) error {
	for _, h := range w.holders {
		if !h.returns {
			continue
		}
		c, err := dial(address, h.name, h.version)
		if err != nil {
			return err
		}
		if err := leave(c); err != nil {
			return err
		}
	}
	w.holders = nil
	return nil
}

// arrive takes what came to the watcher: wills that are owed, each once.
func (w *wills) arrive(came []letter) error {
	for _, l := range came {
		if !w.owed[l.payload] && !w.perhaps[l.payload] {
			return &flow.Fault{What: "will " + l.payload + " was published, and was not due"}
		}
		delete(w.owed, l.payload)
		delete(w.perhaps, l.payload)
	}
	return nil
}
