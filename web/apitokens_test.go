package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// programs are API tokens: one, whose text is "gth_good".
type programs struct {
	err     error
	verbs   []devices.Verb
	sites   []devices.SiteID
	maker   operators.Role
	revoked bool
	draft   operators.NewAPIToken
	actor   devices.Actor
}

func allVerbs() []devices.Verb { return operators.Verbs(operators.Administrator) }

func (p *programs) token() operators.APIToken {
	return operators.APIToken{ID: "t1", Name: "Meter", Maker: "o1", Verbs: p.verbs, Sites: p.sites, Created: noon, Ends: noon.Add(time.Hour), LastUsed: noon, LastAddress: "192.0.2.7"}
}

func (p *programs) Check(_ context.Context, text, _ string) (operators.APIToken, operators.Operator, error) {
	if text != "gth_good" || p.revoked {
		return operators.APIToken{}, operators.Operator{}, refusal(operators.Unauthenticated, "", "the bearer token does not count")
	}
	return p.token(), operators.Operator{ID: "o1", Name: "Wang", Role: p.maker}, p.err
}

func (p *programs) Issue(_ context.Context, by devices.Actor, maker operators.Operator, n operators.NewAPIToken) (operators.APIToken, string, error) {
	p.actor, p.draft = by, n
	t := p.token()
	t.Name, t.Maker, t.Verbs, t.Sites, t.Ends, t.LastUsed, t.LastAddress = n.Name, maker.ID, n.Verbs, n.Sites, n.Ends, time.Time{}, ""
	return t, "gth_new", p.err
}

func (p *programs) List() []operators.APIToken { return []operators.APIToken{p.token()} }

func (p *programs) Revoke(_ context.Context, by devices.Actor, id operators.APITokenID) error {
	p.actor = by
	if id != "t1" {
		return refusal(devices.NotFound, "", "there is no such token")
	}
	return p.err
}

// by gives a request the token of a program.
func by(token string) func(*http.Request) { return header("Authorization", "Bearer "+token) }

func TestTokensOfProgramsAreMadeListedAndRevoked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.programs.verbs = []devices.Verb{devices.SeeDevices}
	h.admin("POST", "/tokens", `{"name":"Screens","verbs":["devices.see","devices.command"],"sites":["s1"],"expires":"2026-12-21T12:00:00Z"}`).is(201,
		`{"token":{"id":"t1","name":"Screens","maker":"Wang","verbs":["devices.see","devices.command"],"sites":["s1"],"created":"2026-11-21T12:00:00Z","expires":"2026-12-21T12:00:00Z","lastUsed":null,"lastAddress":""},"secret":"gth_new"}`)
	if d := h.programs.draft; !d.Ends.Equal(noon.AddDate(0, 0, 30)) || h.programs.actor.ID != "o1" {
		t.Errorf("asked for %+v by %+v", d, h.programs.actor)
	}
	a := h.admin("GET", "/tokens", "")
	a.is(200, `{"tokens":[{"id":"t1","name":"Meter","maker":"","verbs":["devices.see"],"sites":[],"created":"2026-11-21T12:00:00Z","expires":"2026-11-21T13:00:00Z","lastUsed":"2026-11-21T12:00:00Z","lastAddress":"192.0.2.7"}]}`)
	h.admin("DELETE", "/tokens/t1", "").wants(204)
	h.admin("DELETE", "/tokens/t2", "").problem(404, "not_found")
	h.admin("POST", "/tokens", `{"name":"Screens","verbs":["access.manage"],"expires":"2026-12-21T12:00:00Z"}`).names("body.verbs[0]")
	h.admin("POST", "/tokens", `{"name":"Screens","verbs":["devices.see"]}`).names("body")
	h.admin("POST", "/tokens", `{"name":"Screens","verbs":["devices.see"],"sites":["s1",7],"expires":"2026-12-21T12:00:00Z"}`).names("body.sites[1]")
	h.programs.err = refusal(devices.Invalid, "sites", "must be sites that exist")
	h.admin("POST", "/tokens", `{"name":"Screens","verbs":["devices.see"],"sites":["s9"],"expires":"2026-12-21T12:00:00Z"}`).names("body.sites")
	h.programs.err = refusal(devices.Invalid, "expires", "must be in the future")
	h.admin("POST", "/tokens", `{"name":"Screens","verbs":["devices.see"],"expires":"2020-01-01T00:00:00Z"}`).names("body.expires")
}

func TestAProgramMayOnlyWhatItsTokenAndItsMakerMayAndNothingOfPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for r, rule := range accessTable() {
		if rule.who != withSession && rule.who != needsVerb {
			continue
		}
		h.programs.verbs, h.programs.maker = allVerbs(), operators.Administrator
		if rule.who != needsVerb || rule.verb == devices.ManageAccess || rule.fresh || rule.people {
			h.do(r.method, r.address(), "", by("gth_good")).problem(http.StatusForbidden, "forbidden")
			continue
		}
		if a := h.do(r.method, r.address(), "", by("gth_good")); a.status == http.StatusUnauthorized || a.status == http.StatusForbidden {
			t.Errorf("%s %s: %d with every right: %s", r.method, r.path, a.status, a.body)
		}
		h.programs.verbs = slices.DeleteFunc(allVerbs(), func(v devices.Verb) bool { return v == rule.verb })
		h.do(r.method, r.address(), "", by("gth_good")).problem(http.StatusForbidden, "forbidden")
		h.programs.verbs, h.programs.maker = allVerbs(), "nobody"
		h.do(r.method, r.address(), "", by("gth_good")).problem(http.StatusForbidden, "forbidden")
		h.programs.revoked = true
		h.do(r.method, r.address(), "", by("gth_good")).problem(http.StatusUnauthorized, "unauthenticated")
		h.programs.revoked = false
	}
}

func TestRoutesOfPeopleRightsAndSessionsAreClosedToPrograms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.programs.verbs, h.programs.maker = allVerbs(), operators.Administrator
	seen := 0
	for r := range accessTable() {
		path := strings.TrimPrefix(r.path, apiPrefix)
		if r == (route{post, apiPrefix + "/session"}) || !slices.ContainsFunc([]string{"/session", "/people", "/policy", "/tokens", "/integrators", "/live/ticket"}, func(p string) bool { return strings.HasPrefix(path, p) }) {
			continue
		}
		seen++
		h.do(r.method, r.address(), "", by("gth_good"), as(operators.Administrator)).problem(http.StatusForbidden, "forbidden")
	}
	if seen < 20 {
		t.Errorf("only %d routes were tried", seen)
	}
}

func TestATokenCountsInItsHeaderOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.programs.verbs, h.programs.maker = allVerbs(), operators.Administrator
	h.do("GET", apiPrefix+"/events", "", by("gth_good")).wants(200)
	h.do("GET", apiPrefix+"/events", "", header("Authorization", "bearer  gth_good ")).wants(200)
	cookie := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: "gth_good"}) }
	}
	for name, a := range map[string]answer{
		"cookie":        h.do("GET", apiPrefix+"/events", "", cookie("gatehouse")),
		"other cookie":  h.do("GET", apiPrefix+"/events", "", cookie("token")),
		"query":         h.do("GET", apiPrefix+"/events?access_token=gth_good", ""),
		"user info":     h.do("GET", apiPrefix+"/events", "", header("Authorization", "Basic OmdodGdvb2Q=")),
		"other header":  h.do("GET", apiPrefix+"/events", "", header("X-Api-Key", "gth_good")),
		"form":          h.do("POST", apiPrefix+"/devices/d1/commands", "access_token=gth_good", header("Content-Type", "application/x-www-form-urlencoded")),
		"empty":         h.do("GET", apiPrefix+"/events", "", header("Authorization", "Bearer ")),
		"long":          h.do("GET", apiPrefix+"/events", "", by(strings.Repeat("gth_good", 100))),
		"cookie beside": h.do("GET", apiPrefix+"/events", "", by("gth_wrong"), as(operators.Administrator)),
	} {
		if a.status != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, a.status)
		}
		if strings.Contains(a.body, "gth_good") {
			t.Errorf("%s: the answer repeats the token", name)
		}
	}
	if log := h.log.String(); strings.Contains(log, "gth_") {
		t.Errorf("the log has a token: %s", log)
	}
}

func TestAProgramIsNeverAskedForAProofAndNeverGivenOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.programs.verbs, h.programs.maker = allVerbs(), operators.Administrator
	program, key := by("gth_good"), header("Idempotency-Key", "12345678")
	h.do("POST", apiPrefix+"/layers", `{"action":"lockdown_release","site":"s1","reason":"over"}`, program).problem(http.StatusForbidden, "forbidden")
	h.do("POST", apiPrefix+"/batches", `{"action":"open","site":"s1","reason":"fair"}`, program, key).problem(http.StatusForbidden, "forbidden")
	h.do("PATCH", apiPrefix+"/devices/d1", `{"zone":"z2"}`, program).problem(http.StatusForbidden, "forbidden")
	h.do("POST", apiPrefix+"/alarms/a1/take", "", program).problem(http.StatusForbidden, "forbidden")
}

func TestWhatAProgramDoesIsSaidToBeItsOwnWithItsMaker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.programs.verbs, h.programs.maker = allVerbs(), operators.Administrator
	h.do("POST", apiPrefix+"/devices/d1/commands", `{"action":"open"}`, by("gth_good"), header("Idempotency-Key", "key-00001")).wants(202)
	want := devices.Actor{Kind: devices.ActorToken, ID: "t1", Name: "Meter (Wang)", Address: "192.0.2.1"}
	if h.control.actor != want {
		t.Errorf("ordered by %+v, want %+v", h.control.actor, want)
	}
}

func TestATokenThatIsRevokedWhileARequestComesDoesNothingAnyMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.programs.verbs, h.programs.maker = allVerbs(), operators.Administrator
	const order = `{"action":"open"}`
	slowly := func(r *http.Request) {
		r.Body = io.NopCloser(late{strings.NewReader(order), func() { h.programs.revoked = true }})
	}
	h.do("POST", apiPrefix+"/devices/d1/commands", order, by("gth_good"), header("Idempotency-Key", "key-00001"), slowly).problem(http.StatusUnauthorized, "unauthenticated")
	if h.control.actor.ID != "" {
		t.Errorf("%s ordered %+v", h.control.actor.ID, h.control.request)
	}
}

func TestAForeignPageCannotUseATokenThatItHas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.programs.verbs, h.programs.maker = allVerbs(), operators.Administrator
	a := h.do("OPTIONS", apiPrefix+"/devices/d1/commands", "", header("Origin", "https://evil.example"), header("Access-Control-Request-Method", "POST"), header("Access-Control-Request-Headers", "authorization"))
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("a foreign page is told %s: %s", name, a.header.Get(name))
		}
	}
	h.do("POST", apiPrefix+"/devices/d1/commands", `{"action":"open"}`, by("gth_good"), header("Sec-Fetch-Site", "cross-site")).problem(http.StatusForbidden, "forbidden")
}
