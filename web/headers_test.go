package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gatehouse/devices/operators"
	"gatehouse/prove"
)

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, a := range map[string]answer{
		"page":          h.do("GET", "/", ""),
		"answer":        h.admin("GET", "/session", ""),
		"unknown route": h.admin("GET", "/nothing", ""),
		"wrong method":  h.admin("PATCH", "/ledger", ""),
		"signed out":    h.do("GET", "/api/v1/session", ""),
		"cross-site":    h.admin("POST", "/sites", "", header("Sec-Fetch-Site", "cross-site")),
		"too large":     h.admin("POST", "/sites", strings.Repeat("x", maxBody+1)),
		"picture":       h.admin("GET", "/devices/c1/events/e1/picture", ""),
		"health":        h.do("GET", "/livez", ""),
		"broker":        h.do("GET", "/mqtt", ""),
		"no file":       h.do("GET", "/favicon.ico", ""),
	} {
		for header, part := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"X-Frame-Options": "DENY", "X-Request-Id": "", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := a.header.Get(header); got == "" || !strings.Contains(got, part) {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
	}
}

func TestEveryRouteAnswersWithTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answers, missing := 0, 0
	for r := range h.server.access {
		for _, role := range []operators.Role{"", operators.Guard, operators.Administrator} {
			change := []func(*http.Request){encrypted}
			if role != "" {
				change = append(change, func(q *http.Request) {
					q.AddCookie(&http.Cookie{Name: "__Host-gatehouse", Value: "session-" + string(role)})
				})
			}
			a := h.do(r.method, strings.NewReplacer(":", "x", "*", "x").Replace(r.path), "", change...)
			answers++
			for _, name := range []string{
				"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
				"Permissions-Policy", "X-Request-Id", "Strict-Transport-Security", "Cache-Control",
			} {
				if name == "Cache-Control" && !isAPI(r.path) {
					continue
				}
				if a.header.Get(name) == "" {
					missing++
					t.Errorf("%s %s as %q: %d without %s", r.method, r.path, role, a.status, name)
				}
			}
			for _, never := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
				if a.header.Get(never) != "" {
					t.Errorf("%s %s: %s is %q", r.method, r.path, never, a.header.Get(never))
				}
			}
		}
	}
	prove.Record(t, "security headers are on every answer of every route", "0 missing", fmt.Sprintf("%d missing on %d answers", missing, answers))
}

func TestLocalhostIsNotKeptToHTTPS(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for host, want := range map[string]string{"gate.example": strictTransport, "gate.example:8443": strictTransport, "localhost:8443": "", "127.0.0.1:8443": "", "[::1]:8443": ""} {
		a := h.do("GET", "/livez", "", encrypted, func(r *http.Request) { r.Host = host })
		if got := a.header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

func TestContentPolicyAllowsNothingInlineOrForeign(t *testing.T) {
	t.Parallel()
	for _, never := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(contentPolicy, never) {
			t.Errorf("the policy has %q", never)
		}
	}
	for _, must := range []string{"frame-ancestors 'none'", "base-uri 'none'", "img-src 'self' blob: data:", "worker-src 'self' blob:"} {
		if !strings.Contains(contentPolicy, must) {
			t.Errorf("the policy lacks %q", must)
		}
	}
}

func TestAPIAnswersHaveTheVersionAndAreNotKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, a := range map[string]answer{
		"answer": h.admin("GET", "/session", ""), "unknown": h.do("GET", "/api/v2/x", ""), "refused": h.do("GET", "/api/v1/session", ""),
		"document": h.do("GET", "/api/v1/openapi.yaml", ""),
	} {
		if a.header.Get("X-Gatehouse-Version") != "1.2.3" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", name, a.header)
		}
	}
}

func TestRequestIDIsTheClientsIfItIsOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if got := h.do("GET", "/livez", "", header("X-Request-Id", "abc-12345")).header.Get("X-Request-Id"); got != "abc-12345" {
		t.Errorf("id %q", got)
	}
	for _, bad := range []string{"", "short", "with space 123", strings.Repeat("x", 65), "new\tline1"} {
		if got := h.do("GET", "/livez", "", header("X-Request-Id", bad)).header.Get("X-Request-Id"); got == bad || len(got) != 36 {
			t.Errorf("%q gave id %q", bad, got)
		}
	}
}

func TestUnknownPathsUnderAPIAreProblems(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page := header("Accept", "text/html")
	for _, path := range []string{"/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/session", "/api/v1/session/", "/api/v1/sites/"} {
		h.do("GET", path, "", page).problem(404, "not_found")
	}
	a := h.do("PUT", "/api/v1/session", "")
	a.problem(http.StatusMethodNotAllowed, "invalid")
	if allow := a.header.Get("Allow"); !strings.Contains(allow, "PATCH") || !strings.Contains(allow, "DELETE") {
		t.Errorf("Allow %q", allow)
	}
	h.do("HEAD", "/api/v1/session", "").wants(http.StatusMethodNotAllowed)
	h.do("OPTIONS", "/api/v1/session", "").wants(http.StatusMethodNotAllowed)
}

func TestUnexpectedErrorsAreLoggedAndNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.control.err = errors.New("disk /var/secret is on fire")
	a := h.admin("GET", "/events", "", header("X-Request-Id", "request-77"))
	a.problem(500, "internal")
	if strings.Contains(a.body, "fire") || !strings.Contains(a.body, "request-77") {
		t.Errorf("body %s", a.body)
	}
	if got := strings.Count(h.log.String(), "on fire"); got != 1 {
		t.Errorf("logged %d times: %s", got, h.log)
	}
	h.control.err = refusal("a new code", "", "text of it")
	if a := h.admin("GET", "/events", ""); strings.Contains(a.body, "text of it") {
		t.Errorf("body %s", a.body)
	} else {
		a.problem(500, "internal")
	}
}

func TestAPanicIsAnsweredWithoutItsStack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Ready = func(context.Context) error { panic("secret of a panic") } })
	a := h.do("GET", "/readyz", "")
	a.problem(500, "internal")
	if strings.Contains(a.body, "secret") || strings.Contains(a.body, ".go") {
		t.Errorf("body %s", a.body)
	}
	if !strings.Contains(h.log.String(), "secret of a panic") {
		t.Error("the panic is not in the log")
	}
	h.do("GET", "/livez", "").wants(200)
}

func TestHealthSaysWhetherItServes(t *testing.T) {
	t.Parallel()
	var broken error
	h := newHouse(t, func(d *Deps) { d.Ready = func(context.Context) error { return broken } })
	h.people.needed = true // also before there is an administrator
	if a := h.do("GET", "/readyz", "").wants(200); a.body != "ok\n" {
		t.Errorf("body %q", a.body)
	}
	broken = errors.New("disk full at /data")
	if a := h.do("GET", "/readyz", ""); strings.Contains(a.body, "disk") {
		t.Errorf("body %s", a.body)
	} else {
		a.problem(503, "unavailable")
	}
	h.do("GET", "/livez", "").wants(200)
}

func TestEveryRequestIsLoggedWithoutItsQuery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do("GET", "/api/v1/events?device=who-is-it", "", as(operators.Guard)).wants(200)
	if log := h.log.String(); !strings.Contains(log, "path=/api/v1/events status=200") || !strings.Contains(log, "from=192.0.2.1 operator=o1") || strings.Contains(log, "who-is-it") || strings.Contains(log, "session-guard") {
		t.Errorf("log %s", log)
	}
}

func TestDocumentIsServed(t *testing.T) {
	t.Parallel()
	a := newHouse(t).do("GET", "/api/v1/openapi.yaml", "").wants(200)
	if a.body != string(document) || a.header.Get("Content-Type") != "application/openapi+yaml" {
		t.Errorf("%v", a.header)
	}
}
