package web

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"gatehouse/devices/operators"
)

// address is a path that matches a route.
func (r route) address() string {
	parts := strings.Split(r.path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = "d1"
		}
	}
	return strings.Join(parts, "/")
}

func TestEveryRouteHasAnAccessRule(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	table := accessTable()
	for _, r := range h.server.router.Routes() {
		at := route{r.Method, r.Path}
		rule, ok := table[at]
		if !ok {
			t.Errorf("%s %s is not in the access table", r.Method, r.Path)
		}
		if rule.who == needsVerb && rule.verb == "" {
			t.Errorf("%s %s needs a right without a name", r.Method, r.Path)
		}
		delete(table, at)
	}
	for r := range table {
		t.Errorf("%s %s is in the access table, but is no route", r.method, r.path)
	}
}

func TestNoRouteHasTwoRules(t *testing.T) {
	t.Parallel()
	n := 0
	for _, part := range accessParts() {
		n += len(part)
	}
	if all := accessTable(); n != len(all) {
		t.Errorf("%d rules for %d routes", n, len(all))
	}
}

func TestARouteWithoutARuleIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	delete(h.server.access, route{"GET", apiPrefix + "/session"})
	h.admin("GET", "/session", "").problem(http.StatusForbidden, "forbidden")
}

func TestRoutesRefuseWhoeverIsNotSignedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for r, rule := range accessTable() {
		if rule.who != withSession && rule.who != needsVerb {
			continue
		}
		h.do(r.method, r.address(), "").problem(http.StatusUnauthorized, "unauthenticated")
		ended := func(q *http.Request) { q.AddCookie(&http.Cookie{Name: "gatehouse", Value: "ended"}) }
		h.do(r.method, r.address(), "", ended).problem(http.StatusUnauthorized, "unauthenticated")
	}
}

func TestRoutesRefuseRolesWithoutTheRight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	roles := []operators.Role{operators.Guard, operators.Manager, operators.Installer, operators.Auditor, operators.Administrator, "nobody"}
	for r, rule := range accessTable() {
		if rule.who != needsVerb {
			continue
		}
		for _, role := range roles {
			a := h.do(r.method, r.address(), "", as(role))
			if refused := a.status == http.StatusForbidden; refused == role.May(rule.verb) {
				t.Errorf("%s %s as %s: status %d, right %s: %v", r.method, r.path, role, a.status, rule.verb, role.May(rule.verb))
			}
			if !role.May(rule.verb) {
				a.problem(http.StatusForbidden, "forbidden")
			}
		}
		h.do(r.method, r.address(), "", as("nobody")).problem(http.StatusForbidden, "forbidden")
	}
}

func TestEverythingButSetupWaitsForAnAdministrator(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.needed = true
	for r, rule := range accessTable() {
		a := h.do(r.method, r.address(), "", as(operators.Administrator))
		if isAPI(r.path) && rule.who != setup {
			a.problem(http.StatusServiceUnavailable, "setup_needed")
		} else if a.status == http.StatusServiceUnavailable {
			t.Errorf("%s %s: %s", r.method, r.path, a.body)
		}
	}
}

func TestPagesOfOtherSitesCannotChangeAnything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	changing := 0
	for r := range accessTable() {
		if r.method == http.MethodGet {
			continue
		}
		changing++
		for _, foreign := range []func(*http.Request){
			header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Site", "same-site"),
			header("Origin", "https://evil.example"), header("Origin", "null"),
		} {
			h.do(r.method, r.address(), "", as(operators.Administrator), foreign).problem(http.StatusForbidden, "forbidden")
		}
		for _, own := range []func(*http.Request){header("Sec-Fetch-Site", "same-origin"), header("Origin", "http://example.com")} {
			if a := h.do(r.method, r.address(), "", as(operators.Administrator), own); a.status == http.StatusForbidden {
				t.Errorf("%s %s refused its own page: %s", r.method, r.path, a.body)
			}
		}
	}
	if changing < 10 {
		t.Fatalf("only %d routes change something", changing)
	}
	h.do("POST", "/no/such/page", "", header("Sec-Fetch-Site", "cross-site")).problem(http.StatusForbidden, "forbidden")
}

func TestThePublicURLCountsAsTheConsolesOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.PublicURL = "https://gate.example" })
	h.admin("DELETE", "/session", "", header("Origin", "https://gate.example")).wants(http.StatusNoContent)
	if _, err := New(func() Deps { d := h.deps; d.PublicURL = "gate.example"; return d }()); err == nil || !strings.Contains(err.Error(), "PublicURL") {
		t.Fatalf("error %v does not name PublicURL", err)
	}
}

// late is a body that comes after something happened.
type late struct {
	io.Reader
	after func()
}

func (l late) Read(p []byte) (int, error) {
	l.after()
	return l.Reader.Read(p)
}

func TestWhoeverIsShutOutWhileTheirRequestComesDoesNothingAnyMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const order = `{"action":"open"}`
	slowly := func(r *http.Request) {
		r.Body = io.NopCloser(late{strings.NewReader(order), func() { h.people.shut = true }})
	}
	h.admin("POST", "/devices/d1/commands", order, header("Idempotency-Key", "key-00001"), slowly).problem(http.StatusUnauthorized, "unauthenticated")
	if h.control.actor.ID != "" {
		t.Errorf("%s ordered %+v", h.control.actor.ID, h.control.request)
	}
}
