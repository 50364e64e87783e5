package web

import (
	"net/http"
	"testing"
)

// Whoever walks up to a screen that somebody left signed in gets none of this done.
func TestWhatIsDangerousAsksForAFreshProofOfWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.stale = true
	key := header("Idempotency-Key", "key-00001")
	for _, r := range []struct{ method, path, body string }{
		{"POST", "/batches", `{"action":"open","reason":"r","site":"s1"}`},
		{"POST", "/batches", `{"action":"open","reason":"r","zone":"z1"}`},
		{"POST", "/batches", `{"action":"pass","args":{"direction":"in"},"reason":"r","devices":["d1"]}`},
		{"POST", "/fire/end", `{"site":"s1","group":"lobby","reason":"r"}`},
		{"PUT", "/devices/d1/fire", `{"group":"","input":""}`},
		{"POST", "/layers", `{"action":"lockdown_release","site":"s1","reason":"r"}`},
		{"PATCH", "/devices/d1", `{"zone":"z1"}`},
		{"POST", "/people", `{"name":"Chen","role":"guard"}`},
		{"PATCH", "/people/o2", `{"role":"administrator"}`},
		{"PATCH", "/people/o2", `{"scope":{"sites":[],"zones":[],"hours":[]}}`},
		{"POST", "/people/o2/password", ""},
		{"DELETE", "/people/o2/factor", ""},
		{"PUT", "/policy/factor", `{"roles":[]}`},
		{"POST", "/roles", `{"name":"Porter","verbs":["devices.command"]}`},
		{"PUT", "/roles/own-1", `{"name":"Porter","verbs":["devices.command"]}`},
		{"DELETE", "/roles/own-1", ""},
		{"POST", "/tokens", `{"name":"Meter","verbs":["devices.see"],"days":1}`},
		{"POST", "/integrators", `{"name":"Meter","sites":["s1"]}`},
		{"POST", "/integrators/i1/secret", "{}"},
		{"DELETE", "/integrators/i1", ""},
		{"POST", "/devices/credentials", `{"devices":["d1"]}`},
	} {
		if a := h.admin(r.method, r.path, r.body, key); a.status != http.StatusForbidden || a.get("code") != "proof_needed" {
			t.Errorf("%s %s %s: %d %s", r.method, r.path, r.body, a.status, a.body)
		}
	}
	h.admin("POST", "/layers", `{"action":"lock_down","site":"s1","reason":"r"}`).wants(200)
	h.admin("POST", "/devices/d1/commands", `{"action":"open"}`, key).wants(202)
	if h.control.asked != nil && len(h.people.asks) > 0 {
		t.Errorf("asked for %v without a proof", h.people.asks)
	}
}
