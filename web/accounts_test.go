package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/prove"
)

const chenJSON = `{"id":"o2","name":"Chen","role":"guard","scope":{"sites":[],"zones":[],"hours":[]},"created":"2026-11-21T12:00:00Z","disabled":false,"mustChange":true,"factor":false,"factorNeeded":false,"factorLocked":false}`

func chen() operators.Operator {
	return operators.Operator{ID: "o2", Name: "Chen", Role: operators.Guard, Created: noon, MustChange: true}
}

// asked notes what People was asked for.
func (p *people) asked(what string) { p.asks = append(p.asks, what) }

func (p *people) List(context.Context) ([]operators.Operator, error) {
	return []operators.Operator{chen()}, p.err
}

func (p *people) Create(_ context.Context, by devices.Actor, a operators.NewAccount) (operators.Operator, string, error) {
	p.asked(by.ID + " makes " + a.Name + " " + string(a.Role) + " " + a.Language)
	return chen(), "first-password", p.err
}

func (p *people) SetRights(_ context.Context, by devices.Actor, id operators.ID, c operators.RightsChange) (operators.Operator, error) {
	if c.Role != nil {
		p.asked(by.ID + " gives " + string(id) + " " + string(*c.Role))
	}
	if c.Scope != nil {
		p.asked(fmt.Sprintf("%s limits %s to %v", by.ID, id, *c.Scope))
	}
	return chen(), p.err
}

func (p *people) GrantOf(o operators.Operator) operators.Grant {
	return operators.GrantFor(operators.Verbs(o.Role), p.scope)
}

func (p *people) Reach(g operators.Grant) devices.Reach {
	return g.Scope.Reach(noon, devices.Clocks{"s1": time.UTC, "s2": time.UTC})
}

func (p *people) OwnRoles() []operators.OwnRole {
	return []operators.OwnRole{{ID: "own-1", Name: "Porter", Verbs: []devices.Verb{devices.SeeDevices}}}
}

func (p *people) CreateRole(_ context.Context, by devices.Actor, name string, verbs []devices.Verb) (operators.OwnRole, error) {
	p.asked(fmt.Sprintf("%s makes the role %s of %v", by.ID, name, verbs))
	return operators.OwnRole{ID: "own-2", Name: name, Verbs: verbs}, p.err
}

func (p *people) ChangeRole(_ context.Context, by devices.Actor, id operators.Role, name string, verbs []devices.Verb) (operators.OwnRole, error) {
	p.asked(fmt.Sprintf("%s makes %s %s of %v", by.ID, id, name, verbs))
	return operators.OwnRole{ID: id, Name: name, Verbs: verbs}, p.err
}

func (p *people) RemoveRole(_ context.Context, by devices.Actor, id operators.Role) error {
	p.asked(by.ID + " removes " + string(id))
	return p.err
}

func (p *people) SetDisabled(_ context.Context, by devices.Actor, id operators.ID, disabled bool) (operators.Operator, error) {
	p.asked(by.ID + map[bool]string{true: " shuts ", false: " opens "}[disabled] + string(id))
	return chen(), p.err
}

func (p *people) ResetPassword(_ context.Context, by devices.Actor, id operators.ID) (operators.Operator, string, error) {
	p.asked(by.ID + " resets " + string(id))
	return chen(), "first-password", p.err
}

func (p *people) ChangePassword(_ context.Context, o operators.Operator, now operators.Session, old, password string) error {
	p.asked(string(o.ID) + " changes " + old + " to " + password)
	return p.err
}

func (p *people) Sessions(_ context.Context, id operators.ID) ([]operators.Session, error) {
	p.asked("sessions of " + string(id))
	return []operators.Session{
		{Key: [32]byte{7}, Operator: id, Created: noon, LastSeen: noon.Add(time.Minute), Expires: noon.Add(time.Hour), Address: "192.0.2.1", UserAgent: "browser"},
		{Key: [32]byte{8}, Operator: id, Created: noon, LastSeen: noon, Expires: noon.Add(time.Hour)},
	}, p.err
}

func (p *people) EndSession(_ context.Context, by devices.Actor, id operators.ID, session operators.SessionID) error {
	p.asked(by.ID + " ends " + string(session) + " of " + string(id))
	return p.err
}

func (p *people) wasAsked(t *testing.T, want ...string) {
	t.Helper()
	if len(p.asks) != len(want) {
		t.Fatalf("asked for %q, want %q", p.asks, want)
	}
	for i := range want {
		if p.asks[i] != want[i] {
			t.Errorf("asked for %q, want %q", p.asks[i], want[i])
		}
	}
}

func TestAccountsAreMadeChangedAndSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/people", "").is(200, `{"people":[`+chenJSON+`]}`)
	h.admin("POST", "/people", `{"name":"Chen","role":"guard","language":"en"}`).is(201, `{"person":`+chenJSON+`,"password":"first-password"}`)
	h.admin("PATCH", "/people/o2", `{"role":"manager","disabled":true}`).is(200, chenJSON)
	h.admin("PATCH", "/people/o2", `{"disabled":false}`).wants(200)
	h.admin("POST", "/people/o2/password", "").is(200, `{"person":`+chenJSON+`,"password":"first-password"}`)
	h.admin("DELETE", "/people/o2/sessions/0800000000000000", "").wants(204)
	h.people.wasAsked(t, "o1 makes Chen guard en", "o1 gives o2 manager", "o1 shuts o2", "o1 opens o2", "o1 resets o2",
		"o1 ends 0800000000000000 of o2")
	h.admin("PATCH", "/people/o2", `{}`).names("body.role")
	h.admin("POST", "/people", `{"name":"Chen","role":""}`).names("body.role")
}

func TestNobodyChangesTheirOwnRights(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("PATCH", "/people/o1", `{"role":"guard"}`).problem(http.StatusConflict, "conflict")
	h.admin("PATCH", "/people/o1", `{"disabled":true}`).problem(http.StatusConflict, "conflict")
	h.admin("POST", "/people/o1/password", "").problem(http.StatusConflict, "conflict")
	h.people.wasAsked(t)
}

func TestEverybodySeesAndEndsTheirOwnSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	guard := as(operators.Guard)
	h.do("GET", apiPrefix+"/session/all", "", guard).is(200, `{"sessions":[
		{"id":"0700000000000000","created":"2026-11-21T12:00:00Z","lastSeen":"2026-11-21T12:01:00Z","expires":"2026-11-21T13:00:00Z",
		 "address":"192.0.2.1","userAgent":"browser","current":true},
		{"id":"0800000000000000","created":"2026-11-21T12:00:00Z","lastSeen":"2026-11-21T12:00:00Z","expires":"2026-11-21T13:00:00Z",
		 "address":"","userAgent":"","current":false}]}`)
	h.do("DELETE", apiPrefix+"/session/all/0800000000000000", "", guard).wants(204)
	h.people.wasAsked(t, "sessions of o1", "o1 ends 0800000000000000 of o1")
}

func TestAPasswordIsChangedAndNeverRepeated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do("PUT", apiPrefix+"/session/password", `{"oldPassword":"the old one","password":"the new one"}`, as(operators.Guard)).wants(204)
	h.people.wasAsked(t, "o1 changes the old one to the new one")
	h.people.err = refusal(operators.BadCredentials, "oldPassword", "is not your password")
	h.do("PUT", apiPrefix+"/session/password", `{"oldPassword":"the old one","password":"the new one"}`, as(operators.Guard)).
		problem(http.StatusUnauthorized, "bad_credentials")
	a := h.do("PUT", apiPrefix+"/session/password", `{"oldPassword":7,"password":"the new one"}`, as(operators.Guard))
	a.names("body.oldPassword")
	if strings.Contains(a.body, "the new one") {
		t.Errorf("a password is repeated: %s", a.body)
	}
}

func (p *people) NeedsFactor(operators.Operator) bool { return p.needsFactor }

func (p *people) Fresh(operators.Session) bool { return !p.stale }

func (p *people) BeginFactor(o operators.Operator) (operators.NewFactor, error) {
	p.asked(string(o.ID) + " begins a factor")
	return operators.NewFactor{Secret: "ABC", URL: "otpauth://totp/x"}, p.err
}

func (p *people) ConfirmFactor(_ context.Context, o operators.Operator, _ operators.Session, code string) ([]string, string, error) {
	p.asked(string(o.ID) + " shows " + code)
	return []string{"r1", "r2"}, "renewed", p.err
}

func (p *people) DropFactor(_ context.Context, o operators.Operator, _ operators.Session) error {
	p.asked(string(o.ID) + " drops their factor")
	return p.err
}

func (p *people) RemoveFactor(_ context.Context, by devices.Actor, id operators.ID) (operators.Operator, error) {
	p.asked(by.ID + " removes the factor of " + string(id))
	return chen(), p.err
}

func (p *people) Prove(_ context.Context, o operators.Operator, _ operators.Session, code, password string) (string, error) {
	p.asked(string(o.ID) + " proves by " + code + password)
	return p.renewed, p.err
}

func (p *people) FactorRoles() []operators.Role { return []operators.Role{operators.Guard} }

func (p *people) SetFactorRoles(_ context.Context, by devices.Actor, roles []operators.Role) error {
	p.asked(by.ID + " wants factors of " + fmt.Sprint(roles))
	return p.err
}

func TestSecondFactorsAreSetUpGivenUpAndTakenAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/session/factor", "").is(200, `{"secret":"ABC","url":"otpauth://totp/x"}`)
	set := h.admin("PUT", "/session/factor", `{"code":"123456"}`)
	set.is(200, `{"codes":["r1","r2"]}`)
	if c := set.header.Get("Set-Cookie"); !strings.HasPrefix(c, "gatehouse=renewed; Path=/; HttpOnly") {
		t.Errorf("the cookie is set to %q", c)
	}
	h.admin("DELETE", "/session/factor", "").wants(204)
	h.admin("POST", "/session/proof", `{"code":"123456"}`).wants(204)
	h.admin("DELETE", "/people/o2/factor", "").is(200, chenJSON)
	h.admin("GET", "/policy/factor", "").is(200, `{"roles":["guard"]}`)
	h.admin("PUT", "/policy/factor", `{"roles":["guard","manager"]}`).wants(200)
	h.people.wasAsked(t, "o1 begins a factor", "o1 shows 123456", "o1 drops their factor", "o1 proves by 123456",
		"o1 removes the factor of o2", "o1 wants factors of [guard manager]")
	h.admin("DELETE", "/people/o1/factor", "").problem(http.StatusConflict, "conflict")
	h.people.mustChange = true
	h.admin("POST", "/session/factor", "").problem(http.StatusForbidden, "password_change_needed")
	h.people.mustChange, h.people.err = false, refusal(devices.Invalid, "code", "is not the code")
	a := h.admin("PUT", "/session/factor", `{"code":"123456"}`)
	a.names("body.code")
	if strings.Contains(a.body, "123456") {
		t.Errorf("a code is repeated: %s", a.body)
	}
}

func TestAProofGivesTheBrowserAnotherTokenOfItsSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if a := h.admin("POST", "/session/proof", `{"password":"secret"}`); a.status != 204 || a.header.Values("Set-Cookie") != nil {
		t.Errorf("status %d, cookie %q, of a session that keeps its token", a.status, a.header.Values("Set-Cookie"))
	}
	h.people.renewed = "renewed"
	a := h.admin("POST", "/session/proof", `{"password":"secret"}`).wants(204)
	if c := a.header.Get("Set-Cookie"); !strings.HasPrefix(c, "gatehouse=renewed; Path=/; HttpOnly; SameSite=Lax") {
		t.Errorf("the cookie is set to %q", c)
	}
	h.people.err = refusal(operators.BadCredentials, "password", "is not your password")
	if a := h.admin("POST", "/session/proof", `{"password":"secret"}`); a.header.Get("Set-Cookie") != "" {
		t.Error("a refused proof sets a cookie")
	}
}

func TestSignInAsksForACodeOnlyAfterTheRightPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.err = refusal(operators.CodeNeeded, "code", "the code is missing")
	h.do("POST", apiPrefix+"/session", `{"name":"Wang","password":"secret"}`).problem(http.StatusUnauthorized, "code_needed")
	h.people.err = nil
	h.do("POST", apiPrefix+"/session", `{"name":"Wang","password":"secret","code":"123456"}`).wants(200)
	if h.people.code != "123456" {
		t.Errorf("asked with the code %q", h.people.code)
	}
}

func TestWhoNeedsASecondFactorCanOnlySetItUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.needsFactor = true
	h.onlyFirst("factor_needed")
}

func TestWhatIsDangerousAsksForAFreshProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.stale = true
	asks, wrong := 0, 0
	for r, rule := range accessTable() {
		if rule.who != needsVerb {
			continue
		}
		a := h.do(r.method, r.address(), "", as(operators.Administrator))
		if rule.fresh {
			asks++
		}
		if asked := strings.Contains(a.body, "proof_needed"); asked != rule.fresh {
			wrong++
			t.Errorf("%s %s: asked for a proof %v, want %v: %s", r.method, r.path, asked, rule.fresh, a.body)
		}
	}
	key := header("Idempotency-Key", "12345678")
	h.admin("POST", "/layers", `{"action":"lockdown_release","site":"s1","reason":"over"}`).problem(http.StatusForbidden, "proof_needed")
	h.admin("POST", "/layers", `{"action":"lock_down","site":"s1","reason":"begins"}`).wants(200)
	h.admin("POST", "/batches", `{"action":"open","site":"s1","reason":"fair"}`, key).problem(http.StatusForbidden, "proof_needed")
	h.admin("POST", "/batches", `{"action":"pass","args":{"direction":"in"},"site":"s1","reason":"fair"}`, key).problem(http.StatusForbidden, "proof_needed")
	h.admin("PATCH", "/devices/d1", `{"zone":"z2"}`).problem(http.StatusForbidden, "proof_needed")
	h.admin("PATCH", "/devices/d1", `{"name":"North"}`).wants(200)
	h.admin("POST", "/batches", `{"action":"close","site":"s1","reason":"fair"}`, key).wants(202)
	prove.Record(t, "what is dangerous without a fresh proof: opening many, ending a lockdown or a fire release, rights, exports", "0 done",
		fmt.Sprintf("%d of %d routes; openings of many, the end of a lockdown and another zone of an opening refused", wrong, asks))
}

func TestWhoHasAPasswordThatSomebodyElseChoseCanOnlyChangeIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.mustChange = true
	h.onlyFirst("password_change_needed")
}

// onlyFirst is that nothing can be done but what finishes an account.
func (h *house) onlyFirst(code string) {
	h.t.Helper()
	for r, rule := range accessTable() {
		if rule.who != withSession && rule.who != needsVerb {
			continue
		}
		a := h.do(r.method, r.address(), "", as(operators.Administrator))
		if rule.first {
			if strings.Contains(a.body, code) && !strings.HasSuffix(r.path, "/factor") { // a factor waits for the password
				h.t.Errorf("%s %s: %s", r.method, r.path, a.body)
			}
			continue
		}
		a.problem(http.StatusForbidden, code)
	}
	h.do("GET", apiPrefix+"/session", "", as(operators.Guard)).wants(200)
}
