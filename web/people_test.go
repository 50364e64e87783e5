package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

const meJSON = `{"id":"o1","name":"Wang","role":"administrator","roleName":"","scope":{"sites":[],"zones":[],"hours":[]},"language":"","theme":"","mustChange":false,"factor":false,"factorNeeded":false,"pin":false,"atBooth":false,
	"verbs":["devices.see","devices.command","devices.manage","alarms.handle","alarms.manage","ledger.see","shifts.manage","schedules.manage","audit.see","access.manage","broker.see","broker.manage"]}`

func TestSetupCreatesTheAdministratorAndSignsIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.needed = true
	h.do("GET", "/api/v1/setup", "").is(200, `{"needed":true}`)
	a := h.do("POST", "/api/v1/setup", `{"token":"t","name":"Wang","password":"correct horse battery","language":"zh-CN"}`, header("User-Agent", "test"))
	a.is(201, strings.Replace(meJSON, `"language":""`, `"language":"zh-CN"`, 1))
	if h.people.token != "t" || h.people.account != (operators.Account{Name: "Wang", Password: "correct horse battery", Language: "zh-CN"}) {
		t.Errorf("asked for %q, %+v", h.people.token, h.people.account)
	}
	if h.people.from != (operators.Client{Address: "192.0.2.1", UserAgent: "test"}) {
		t.Errorf("from %+v", h.people.from)
	}
	if got, want := a.header.Get("Set-Cookie"), "gatehouse=new-session; Path=/; HttpOnly; SameSite=Lax"; got != want {
		t.Errorf("cookie %q, want %q", got, want)
	}
}

func TestSetupSaysWhyItIsRefused(t *testing.T) {
	t.Parallel()
	const body = `{"token":"t","name":"Wang","password":"correct horse battery"}`
	h := newHouse(t)
	h.people.err = refusal(operators.BadToken, "", "the token is wrong or has ended")
	h.do("POST", "/api/v1/setup", body).problem(403, "bad_token")
	h.people.err = refusal(devices.Conflict, "", "there is an administrator")
	h.do("POST", "/api/v1/setup", body).problem(409, "conflict")
	h.people.err = refusal(devices.Invalid, "password", "must have at least 12 characters")
	h.do("POST", "/api/v1/setup", body).names("body.password")
}

func TestSignInGivesTheSessionCookie(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.do("POST", "/api/v1/session", `{"name":"Wang","password":"secret"}`)
	a.is(200, meJSON)
	if h.people.name != "Wang" || h.people.password != "secret" {
		t.Errorf("asked for %q, %q", h.people.name, h.people.password)
	}
	if c := a.header.Get("Set-Cookie"); !strings.HasPrefix(c, "gatehouse=new-session;") {
		t.Errorf("cookie %q", c)
	}
	h.people.err = refusal(operators.BadCredentials, "", "name or password is wrong")
	a = h.do("POST", "/api/v1/session", `{"name":"Wang","password":"secret"}`)
	a.problem(401, "bad_credentials")
	if a.header.Get("Set-Cookie") != "" {
		t.Error("a refused sign-in set a cookie")
	}
}

func TestANewSessionEndsTheOneThatTheBrowserHadBefore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const body = `{"name":"Wang","password":"secret"}`
	h.do("POST", "/api/v1/session", body).wants(200)
	if h.people.ended != "" {
		t.Errorf("ended %q", h.people.ended)
	}
	h.people.err = refusal(operators.BadCredentials, "", "name or password is wrong")
	h.do("POST", "/api/v1/session", body, as(operators.Guard)).problem(401, "bad_credentials")
	if h.people.ended != "" {
		t.Errorf("a sign-in that was refused ended %q", h.people.ended)
	}
	h.people.err = nil
	h.do("POST", "/api/v1/session", body, as(operators.Guard)).wants(200)
	if h.people.ended != "session-guard" {
		t.Errorf("ended %q", h.people.ended)
	}
}

func TestACookieOfASessionThatEndedKeepsNobodyFromSigningIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stale := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gatehouse", Value: "of-yesterday"}) }
	h.do("GET", "/api/v1/session", "", stale).problem(401, "unauthenticated")
	h.do("POST", "/api/v1/session", `{"name":"Wang","password":"secret"}`, stale).wants(200)
}

func TestSignInThatIsThrottledSaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.people.err = &devices.Error{Op: "session.login", Code: operators.Throttled, Message: "too many attempts", Err: operators.Wait{After: 1500 * time.Millisecond}}
	a := h.do("POST", "/api/v1/session", `{"name":"Wang","password":"secret"}`)
	a.problem(http.StatusTooManyRequests, "throttled")
	if got := a.header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q", got)
	}
}

func TestCookieIsSecureByHTTPS(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Proxies = proxies("192.0.2.0/24") })
	by := header("X-Forwarded-Proto", "https")
	a := h.do("POST", "/api/v1/session", `{"name":"Wang","password":"secret"}`, by).wants(200)
	if got, want := a.header.Get("Set-Cookie"), "__Host-gatehouse=new-session; Path=/; HttpOnly; Secure; SameSite=Lax"; got != want {
		t.Errorf("cookie %q, want %q", got, want)
	}
	if a.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
	h.do("GET", "/api/v1/session", "", by, as(operators.Guard)).problem(401, "unauthenticated") // the plain name does not count here
	secure := func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "__Host-gatehouse", Value: "session-guard"})
	}
	h.do("GET", "/api/v1/session", "", by, secure).wants(200)
}

func TestSessionIsWhoISignedInAs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/session", "").is(200, meJSON)
	h.do("GET", "/api/v1/session", "", as(operators.Guard)).is(200, `{"id":"o1","name":"Wang","role":"guard","roleName":"","scope":{"sites":[],"zones":[],"hours":[]},"language":"","theme":"","mustChange":false,"factor":false,"factorNeeded":false,"pin":false,"atBooth":false,"verbs":["devices.see","devices.command","alarms.handle"]}`)
}

func TestLanguageIsStored(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("PATCH", "/session", `{"language":"en"}`).is(200, strings.Replace(meJSON, `"language":""`, `"language":"en"`, 1))
	if h.people.language != "en" {
		t.Errorf("stored %q", h.people.language)
	}
	h.admin("PATCH", "/session", `{"language":"fr"}`).names("body.language")
}

func TestThemeIsStored(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("PATCH", "/session", `{"theme":"dark"}`).is(200, strings.Replace(meJSON, `"theme":""`, `"theme":"dark"`, 1))
	if h.people.theme != "dark" || h.people.language != "" {
		t.Errorf("stored %q and the language %q", h.people.theme, h.people.language)
	}
	h.admin("PATCH", "/session", `{"theme":"pink"}`).names("body.theme")
}

func TestSignOutEndsTheSessionAndTakesTheCookieAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("DELETE", "/session", "").wants(http.StatusNoContent)
	if h.people.ended != "session-administrator" {
		t.Errorf("ended %q", h.people.ended)
	}
	if c := a.header.Get("Set-Cookie"); !strings.HasPrefix(c, "gatehouse=;") || !strings.Contains(c, "Max-Age=0") {
		t.Errorf("cookie %q", c)
	}
}

func TestPeopleFormsNameTheWrongField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	long := strings.Repeat("x", 300)
	for _, c := range []struct{ method, path, body, field string }{
		{"POST", "/setup", `{"name":"a","password":"b"}`, "body"}, // token is missing
		{"POST", "/setup", `{"token":"","name":"a","password":"b"}`, "body.token"},
		{"POST", "/setup", `{"token":"t","name":"","password":"b"}`, "body.name"},
		{"POST", "/setup", `{"token":"t","name":"a","password":"` + long + `"}`, "body.password"},
		{"POST", "/setup", `{"token":"t","name":"a","password":"b","language":"fr"}`, "body.language"},
		{"POST", "/setup", `{"token":"t","name":"a","password":"b","role":"x"}`, "body.role"},
		{"POST", "/session", `{"name":"` + long + `","password":"b"}`, "body.name"},
		{"POST", "/session", `{"name":"a","password":""}`, "body.password"},
		{"POST", "/session", `{"name":"a","password":"b","remember":true}`, "body.remember"},
		{"PATCH", "/session", `{"language":"en","name":"x"}`, "body.name"},
	} {
		h.admin(c.method, c.path, c.body).names(c.field)
	}
}

func TestSecretsAreNeverEchoedOrLogged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret := "do-not-show-" + strings.Repeat("x", 300)
	for _, body := range []string{
		`{"name":"a","password":"` + secret + `"}`, `{"name":"a","password":["` + secret[:40] + `"]}`, `{"name":"a","password":"` + secret,
	} {
		if a := h.do("POST", "/api/v1/session", body); strings.Contains(a.body, "do-not-show") || a.status < 400 {
			t.Errorf("status %d, %s", a.status, a.body)
		}
	}
	h.do("POST", "/api/v1/session?do-not-show=1", `{}`, header("Authorization", "do-not-show"),
		func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gatehouse", Value: "do-not-show"}) })
	if strings.Contains(h.log.String(), "do-not-show") {
		t.Errorf("in the log: %s", h.log)
	}
}
