package property

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/prove"
)

// program uses the API with a token, and nothing else.
type program struct {
	*Staff
	id, secret string
}

func (p *program) ask(method, path string, body any) (int, []byte, error) {
	return p.Ask(method, path, body, "Authorization", "Bearer "+p.secret, "Idempotency-Key", fmt.Sprint("program-", time.Now().UnixNano()))
}

func (p *program) status(method, path string, body any) int {
	p.t.Helper()
	status, _, err := p.ask(method, path, body)
	if err != nil {
		p.t.Error(err)
	}
	return status
}

// program makes a token, for whoever is signed in here.
func (s *Staff) program(life time.Duration, verbs ...string) *program {
	s.t.Helper()
	var made struct {
		Token  struct{ ID string }
		Secret string
	}
	s.Must("POST", "/tokens", Body{"name": "Program", "verbs": verbs, "expires": time.Now().Add(life)}, 201, &made)
	return &program{newStaff(s.t, s.base), made.Token.ID, made.Secret}
}

// A token opens doors until it is revoked, or its maker may not any more (OWASP ASVS 5.0 7.4.1, 7.4.2, 13.3.1).
func TestATokenOpensNothingOnceItOrTheRightOfItsMakerHasEnded(t *testing.T) {
	t.Parallel()
	h := open(t, Options{})
	d := h.doors(t, h.Zone(h.Site("East"), "Garage"), 1)[0]
	w := h.worker("maker")
	for _, x := range []struct {
		name   string
		status int
		give   func()
		take   func(p *program)
	}{
		{"it is revoked", 401, func() {}, func(p *program) { h.Must("DELETE", "/tokens/"+p.id, nil, 204, nil) }},
		{"its maker has another role", 403, func() { w.change(Body{"role": "administrator"}) }, func(*program) { w.change(Body{"role": "auditor"}) }},
		{"its maker is shut out", 401, func() { w.change(Body{"disabled": false, "role": "administrator"}) }, func(*program) { w.change(Body{"disabled": true}) }},
	} {
		rounds, late, slowest := prove.Size(2, 100), 0, time.Duration(0)
		for range rounds {
			h.Prove()
			w.change(Body{"role": "administrator"})
			x.give()
			w.Staff = h.SignInAs(w.name, w.word)
			var ps presses
			p := w.program(time.Hour, "devices.see", "devices.command")
			stop := ps.pressBy(t, 1000, func(int) (int, []byte, error) {
				return p.ask("POST", "/devices/"+d.ID+"/commands", Body{"action": "open"})
			})
			prove.Eventually(t, "it opens", func() bool { return ps.count(202) > 2 })
			asked := time.Now()
			x.take(p)
			returned := time.Now()
			slowest = max(slowest, returned.Sub(asked))
			prove.Eventually(t, "it presses in vain", func() bool { return ps.count(x.status) > 5 })
			stop()
			late += ps.after(t, returned, x.status)
		}
		prove.Record(t, "doors that a program with a token opens once "+x.name, "0 after the answer, which takes 1 s at most",
			fmt.Sprintf("%d times: %d, answered within %s", rounds, late, short(slowest)))
		if prove.Full() && slowest > time.Second {
			t.Errorf("%s: answered after %s, want 1 s", x.name, slowest)
		}
	}
	h.Healthy()
}

// A token counts in its header only, for its rights only, and until its time.
func TestATokenCountsInItsHeaderForItsRightsAndTime(t *testing.T) {
	t.Parallel()
	h := open(t, Options{})
	site := h.Site("East")
	d := h.Device(h.Zone(site, "Garage"), "gate", "Gate")
	p := h.program(time.Hour, "devices.see")
	brief := h.program(61*time.Second, "devices.see")
	ends := time.Now().Add(61 * time.Second)
	wrong, tried := 0, 0
	wants := func(what string, got, want int) {
		t.Helper()
		if tried++; got != want {
			wrong++
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	wants("reading", p.status("GET", "/live/snapshot", nil), 200)
	for method, path := range map[string]string{
		"POST": "/devices/" + d.ID + "/commands", "PATCH": "/devices/" + d.ID, "DELETE": "/devices/" + d.ID + "/credential",
	} {
		wants(method+" "+path, p.status(method, path, Body{"action": "open"}), 403)
	}
	for _, path := range []string{"/people", "/tokens", "/roles", "/integrators", "/audit", "/broker/clients", "/ledger", "/session/all"} {
		wants("GET "+path, p.status("GET", path, nil), 403)
	}
	for _, name := range []string{"token", "access_token", "bearer", "authorization", "api_key", "key"} {
		status, _, err := newStaff(t, h.base).Ask("GET", "/live/snapshot?"+name+"="+p.secret, nil)
		if err != nil {
			t.Fatal(err)
		}
		wants("in the address as "+name, status, 401)
	}
	for _, header := range [][2]string{
		{"Authorization", p.secret}, {"Authorization", "Basic " + p.secret}, {"Authorization", "Bearer " + p.secret + "x"}, {"Authorization", "Bearer " + p.secret[:len(p.secret)-1]},
		{"X-API-Key", p.secret}, {"Cookie", "gatehouse=" + p.secret}, {"Authorization", "Bearer "}, {"Authorization", "Bearer " + p.id},
	} {
		status, _, err := newStaff(t, h.base).Ask("GET", "/live/snapshot", nil, header[0], header[1])
		if err != nil {
			t.Fatal(err)
		}
		wants("as "+header[0]+": "+header[1][:min(12, len(header[1]))]+"…", status, 401)
	}
	over := "not waited for"
	wants("before its time is over", brief.status("GET", "/live/snapshot", nil), 200)
	if prove.Full() {
		<-time.After(time.Until(ends)) // its time passes, nothing is awaited
		wants("after its time", brief.status("GET", "/live/snapshot", nil), 401)
		over = "refused"
	}
	h.Healthy()
	prove.Record(t, "tokens of programs: rights, addresses, headers, mistyped, other kinds of secrets, time", "0 violations", fmt.Sprintf("%d of %d violated; after its time: %s", wrong, tried, over))
}
