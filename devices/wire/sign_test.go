package wire_test

import (
	"testing"

	"pgregory.net/rapid"

	"gatehouse/devices/wire"
)

var key = []byte("0123456789abcdef0123456789abcdef")

func pass() wire.CommandPayload {
	return wire.CommandPayload{
		ID: "019b76da-0000-7000-8000-000000000001", Seq: 3, Action: "pass",
		Args: map[string]string{"direction": "in", "lane": "2"}, Issued: 1767225600000, TTL: 5000,
	}
}

// TestSignatureIsTheOneThatDevicesKnow fixes the form: a change here breaks every
// device in the field. The value was computed by hand with openssl dgst -hmac.
func TestSignatureIsTheOneThatDevicesKnow(t *testing.T) {
	t.Parallel()
	const want = "0f56611f5502b99113e21b36ec6a12536c0922273b8caed17776e95b7ac298cc"
	if got := wire.Sign(key, "t1", pass()); got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
}

func TestAnyChangeBreaksTheSignature(t *testing.T) {
	t.Parallel()
	signed := pass()
	signed.Signature = wire.Sign(key, "t1", signed)
	if !wire.Verify(key, "t1", signed) {
		t.Fatal("the signature does not fit its own command")
	}
	for name, change := range map[string]func(*wire.CommandPayload){
		"id":             func(c *wire.CommandPayload) { c.ID += "x" },
		"seq":            func(c *wire.CommandPayload) { c.Seq++ },
		"action":         func(c *wire.CommandPayload) { c.Action = "open" },
		"issued":         func(c *wire.CommandPayload) { c.Issued++ },
		"ttl":            func(c *wire.CommandPayload) { c.TTL++ },
		"argument":       func(c *wire.CommandPayload) { c.Args = map[string]string{"direction": "out", "lane": "2"} },
		"fewer":          func(c *wire.CommandPayload) { c.Args = map[string]string{"direction": "in"} },
		"none":           func(c *wire.CommandPayload) { c.Args = nil },
		"moved boundary": func(c *wire.CommandPayload) { c.Args = map[string]string{"direction": "in,4:lane", "2": ""} },
		"no signature":   func(c *wire.CommandPayload) { c.Signature = "" },
		"not hex":        func(c *wire.CommandPayload) { c.Signature = "zz" },
		"shorter":        func(c *wire.CommandPayload) { c.Signature = c.Signature[:32] },
	} {
		c := signed
		change(&c)
		if wire.Verify(key, "t1", c) {
			t.Errorf("%s: the signature still fits", name)
		}
	}
	if wire.Verify(key, "t2", signed) {
		t.Error("the signature fits another device")
	}
	if wire.Verify([]byte("other key"), "t1", signed) {
		t.Error("the signature fits another key")
	}
}

func TestDifferentCommandsHaveDifferentSignatures(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[a:,0-9]{0,4}`)
	command := rapid.Custom(func(t *rapid.T) wire.CommandPayload {
		return wire.CommandPayload{
			ID: text.Draw(t, "id"), Seq: rapid.Int64Range(0, 11).Draw(t, "seq"), Action: text.Draw(t, "action"),
			Args:   rapid.MapOfN(text, text, 0, 2).Draw(t, "args"),
			Issued: rapid.Int64Range(0, 11).Draw(t, "issued"), TTL: rapid.Int64Range(0, 11).Draw(t, "ttl"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := command.Draw(t, "a"), command.Draw(t, "b")
		da, db := text.Draw(t, "device a"), text.Draw(t, "device b")
		same := da == db && a.ID == b.ID && a.Seq == b.Seq && a.Action == b.Action && a.Issued == b.Issued && a.TTL == b.TTL &&
			equalArgs(a.Args, b.Args)
		if (wire.Sign(key, da, a) == wire.Sign(key, db, b)) != same {
			t.Fatalf("%q %+v and %q %+v", da, a, db, b)
		}
	})
}

func equalArgs(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			return false
		}
	}
	return true
}
