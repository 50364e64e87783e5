package main

import (
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// holder is a device that can show who it is in two ways.
type holder struct {
	seenDevice
	login seenCredential
}

func TestNoDeviceIsGivenAnothersSessionHoweverBothShowWhoTheyAre(t *testing.T) {
	t.Parallel()
	b := runBadged(t)
	enrol := func() holder {
		d, c := b.enrol("gate")
		b.admit(d.ID, false)
		return holder{d, c}
	}
	thief := enrol()
	come := func(h holder, byBadge bool, c mqtt.Connect) (*mqtt.Conn, byte) {
		t.Helper()
		config := b.plain
		if byBadge {
			config = b.showing(b.ours.issue(t, h.ID, nil))
		} else {
			c.User, c.Password = h.login.Username, h.login.Password
		}
		conn, code, err := b.come("TCP", config, c)
		if err != nil {
			t.Fatal(err)
		}
		return conn, code
	}
	ways, accepted, disturbed := 0, 0, 0
	owners := map[bool]holder{false: enrol(), true: enrol()}
	for n := range 64 {
		bit := func(k int) bool { return n>>k&1 == 1 }
		version := func(k int) mqtt.Version { return map[bool]mqtt.Version{false: mqtt.V311, true: mqtt.V5}[bit(k)] }
		absent := bit(3)
		owner, how := owners[absent], fmt.Sprintf("owner: version %d, certificate %v, absent %v; thief: version %d, certificate %v, clean %v", version(0), bit(4), absent, version(1), bit(5), bit(2))
		a, code := come(owner, bit(4), mqtt.Connect{Version: version(0), ClientID: owner.ID, Persistent: true})
		if a == nil {
			t.Fatalf("%s: the owner is refused: %#x", how, code)
		}
		if absent {
			a.Disconnect()
			if err := a.Flush(); err != nil {
				t.Fatal(err)
			}
			if _, err := afterMessages(a); err == nil {
				t.Fatal("it is still there")
			}
		}
		ways++
		wanted := map[mqtt.Version]byte{mqtt.V311: 0x02, mqtt.V5: 0x85}[version(1)]
		if s, code := come(thief, bit(5), mqtt.Connect{Version: version(1), ClientID: owner.ID, Persistent: !bit(2)}); s != nil || code != wanted {
			accepted++
			t.Errorf("%s: answered with %#x, want %#x", how, code, wanted)
		}
		if absent {
			if a, code = come(owner, bit(4), mqtt.Connect{Version: version(0), ClientID: owner.ID, Persistent: true}); a == nil || !a.Session {
				disturbed++
				t.Errorf("%s: the owner's session is gone (%#x)", how, code)
				continue
			}
		}
		if err := a.Answers(); err != nil {
			disturbed++
			t.Errorf("%s: the owner was cut: %v", how, err)
		}
		a.Cut()
	}
	prove.Record(t, "no device is given another's session, by password or certificate", "64 ways: 0 accepted, 0 disturbed",
		fmt.Sprintf("%d ways: %d accepted, %d disturbed", ways, accepted, disturbed))
}
