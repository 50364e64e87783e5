package edge

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/property"
)

// browser has one session, as its token: it is sent as it stands, whatever comes back.
type browser struct {
	t    *testing.T
	c    *http.Client
	base string
	name string // of the cookie
	word string
}

// enters signs in and gives the browser with its cookie.
func enters(t *testing.T, base, name, password, code string) *browser {
	t.Helper()
	b := &browser{t: t, c: nobody(t), base: base, name: "gatehouse"}
	status, header, body := tries(t, b.c, base, name, password, code)
	if status != http.StatusOK {
		t.Fatalf("%s signs in: %d %s", name, status, body)
	}
	b.word = tokenOf(header)
	return b
}

func (b *browser) ask(method, path, body string, header ...string) (int, http.Header, string) {
	b.t.Helper()
	return ask(b.t, b.c, method, b.base+path, body, append(header, "Cookie", b.name+"="+b.word)...)
}

func (b *browser) status(method, path, body string, header ...string) int {
	b.t.Helper()
	status, _, _ := b.ask(method, path, body, header...)
	return status
}

func (b *browser) in() bool { b.t.Helper(); return b.status("GET", "/session", "") == http.StatusOK }

// proves shows who the person is, and takes the new token.
func (b *browser) proves(t *testing.T, body string) (before string) {
	t.Helper()
	status, header, answer := b.ask("POST", "/session/proof", body)
	if status != http.StatusNoContent {
		t.Fatalf("proof: %d %s", status, answer)
	}
	before, b.word = b.word, tokenOf(header)
	return before
}

// The token of a session is random, known to its browser only, and another one after each proof of who
// somebody is (OWASP ASVS 5.0 3.3.1 to 3.3.4, 7.2.1 to 7.2.4).
func TestTheTokenOfASessionIsItsBrowsersOnly(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	j := &judge{t: t}
	h.Person("chen", "guard", own)
	tokens := map[string]bool{}
	keep := func(b *browser) {
		raw, err := base64.RawURLEncoding.DecodeString(b.word)
		j.wants(err == nil && len(raw) >= 16 && !tokens[b.word], "a token of %d bytes (%v), seen before %v", len(raw), err, tokens[b.word])
		tokens[b.word] = true
	}
	for range prove.Size(5, 200) {
		keep(enters(t, api(h), "chen", own, ""))
	}
	b := enters(t, api(h), "chen", own, "")
	keep(b)
	before := b.proves(t, fmt.Sprintf(`{"password":%q}`, own))
	keep(b)
	old := &browser{t: t, c: b.c, base: b.base, name: b.name, word: before}
	j.wants(b.in(), "the new token of a proof does not count")
	prove.Eventually(t, "the token before a proof ends", func() bool { return old.status("GET", "/session", "") == http.StatusUnauthorized })
	j.wants(b.in(), "the token before a proof took the session with it")

	chosen := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	status, header, _ := ask(t, nobody(t), "POST", api(h)+"/session", fmt.Sprintf(`{"name":"chen","password":%q}`, own), "Cookie", "gatehouse="+chosen)
	j.wants(status == http.StatusOK && tokenOf(header) != chosen, "a token that the browser brought is taken over")
	status, header, _ = ask(t, nobody(t), "POST", api(h)+"/session", fmt.Sprintf(`{"name":"chen","password":%q}`, own), "Cookie", "gatehouse="+b.word)
	j.wants(status == http.StatusOK && tokenOf(header) != b.word && !b.in(), "the session of before lives beside the new one of the same browser")

	guess := &browser{t: t, c: nobody(t), base: api(h), name: "gatehouse"}
	for range prove.Size(50, 2000) {
		random := make([]byte, 32)
		_, _ = rand.Read(random)
		guess.word = base64.RawURLEncoding.EncodeToString(random)
		j.wants(guess.status("GET", "/session", "") == http.StatusUnauthorized, "a guessed token lets in")
	}
	h.Stop()
	files := j.nowhere(h.Dir(), tokens)
	prove.Record(t, "tokens of sessions: 128 random bits, new at sign-in and proof, stored as hashes", "0 violations", fmt.Sprintf("%s, %d tokens, %d files", j, len(tokens), files))
}

// nowhere looks for tokens in every file of a folder, as text and as bytes.
func (j *judge) nowhere(dir string, tokens map[string]bool) (files int) {
	j.t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		files++
		for token := range tokens {
			raw, _ := base64.RawURLEncoding.DecodeString(token)
			j.wants(!bytes.Contains(content, []byte(token)) && (len(raw) == 0 || !bytes.Contains(content, raw)), "%s has a token", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		j.t.Fatal(err)
	}
	return files
}

// The cookie is for this host, by HTTPS, and for no script and no other site.
func TestTheCookieIsForTheConsoleOnly(t *testing.T) {
	t.Parallel()
	j := &judge{t: t}
	s := secured(t)
	c := nobody(t)
	c.Transport.(*http.Transport).TLSClientConfig = unverified(nil)
	base := "https://" + httpAddress(s)
	status, header, body := ask(t, c, "POST", base+"/api/v1/setup", fmt.Sprintf(`{"token":%q,"name":"founder","password":%q}`, s.Told["setup-token"], own))
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	cookie := strings.ToLower(header.Get("Set-Cookie"))
	for _, want := range []string{"; secure", "; httponly", "; path=/", "; samesite="} {
		j.wants(strings.Contains(cookie+";", want), "the cookie has no %q: %s", want, cookie)
	}
	j.wants(strings.HasPrefix(header.Get("Set-Cookie"), "__Host-"), "the cookie is not bound to the host: %s", cookie)
	j.wants(!strings.Contains(cookie, "domain=") && !strings.Contains(cookie, "samesite=none"), "the cookie goes to others: %s", cookie)
	b := &browser{t: t, c: c, base: base + "/api/v1", name: "__Host-gatehouse", word: tokenOf(header)}
	j.wants(b.in(), "the cookie does not let in")
	for _, name := range []string{"gatehouse", "__Secure-gatehouse", "__host-gatehouse"} {
		b.name = name
		j.wants(!b.in(), "the cookie counts under the name %s, which other hosts may set", name)
	}
	for _, elsewhere := range []string{"?session=", "?token=", "?access_token=", "?gatehouse="} {
		status, _, _ := ask(t, c, "GET", base+"/api/v1/session"+elsewhere+b.word, "", "X-Session", b.word, "Authorization", "Bearer "+b.word)
		j.wants(status == http.StatusUnauthorized, "the token counts in the address %s: %d", elsewhere, status)
	}
	prove.Record(t, "the cookie of a session: __Host-, Secure, HttpOnly, SameSite, this host, and nothing else carries it", "0 violations", j.String())
}

// pathOf is a route with something in the place of its parameters.
func pathOf(o operation) string { return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(o.path, "x") }

// Pages of other sites change nothing with somebody's cookie, at any route, and reading changes nothing
// (OWASP ASVS 5.0 3.5.1 to 3.5.3).
func TestNoPageOfAnotherSiteChangesAnythingWithSomebodysCookie(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	j := &judge{t: t}
	b := enters(t, api(h), "founder", "a long enough passphrase", "")
	list, _ := operations(t)
	reads := map[string]bool{}
	for _, o := range list {
		reads[o.path] = reads[o.path] || o.method == "GET"
	}
	address := httpAddress(h.Server())
	pages := [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://" + address + ".evil.example"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "http://" + address}, {"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"}, {"Origin", "http://127.0.0.1:1", "Content-Type", "application/x-www-form-urlencoded"},
	}
	rows := trail(t, b)
	writes := 0
	for _, o := range list {
		if o.method == "GET" {
			continue
		}
		writes++
		for _, page := range pages {
			status, _, body := b.ask(o.method, pathOf(o), "{}", page...)
			j.wants(status == http.StatusForbidden, "%s %s from %v: %d %.100s", o.method, o.path, page, status, body)
		}
		for _, header := range [][]string{{}, {"X-HTTP-Method-Override", o.method}, {"X-HTTP-Method", o.method}, {"X-Method-Override", o.method}} {
			status, _, body := b.ask("GET", pathOf(o)+"?_method="+o.method, "", append(header, "Sec-Fetch-Site", "cross-site")...)
			j.wants(reads[o.path] || status >= 400, "GET of %s %s: %d %.100s", o.method, o.path, status, body)
		}
	}
	j.wants(b.in(), "the session is gone")
	after := trail(t, b)
	j.wants(slices.Equal(rows, after), "the audit trail has grown: %v", after)
	h.Healthy()
	prove.Record(t, "pages of other sites with somebody's cookie: every route that writes, and GET in its place", "0 taken of all routes", fmt.Sprintf("%d routes: %s", writes, j))
}

// trail is what was written into the audit trail but refusals.
func trail(t *testing.T, b *browser) (verbs []string) {
	t.Helper()
	status, _, body := b.ask("GET", "/audit?limit=500", "")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	for _, m := range regexp.MustCompile(`"verb":"([a-z.]+)"`).FindAllStringSubmatch(body, -1) {
		verbs = append(verbs, m[1])
	}
	return slices.DeleteFunc(verbs, func(v string) bool { return strings.HasPrefix(v, "right.") || strings.Contains(v, "refused") })
}

// A session that was ended, in whatever way, lets nobody in from the answer on (OWASP ASVS 5.0 7.4.1, 7.4.2, 7.4.5,
// 7.5.2).
func TestASessionThatHasEndedLetsNobodyIn(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	j := &judge{t: t}
	id := h.Person("chen", "guard", own)
	password := own
	enter := func() *browser { return enters(t, api(h), "chen", password, "") }
	sessions := func(path string) (ids []string) {
		var list struct {
			Sessions []struct {
				ID      string
				Current bool
			}
		}
		h.Get(path, &list)
		for _, s := range list.Sessions {
			ids = append(ids, s.ID)
		}
		return ids
	}
	rounds := prove.Size(2, 50)
	for n := range rounds {
		out, other := enter(), enter()
		j.wants(out.status("DELETE", "/session", "") == http.StatusNoContent && !out.in(), "signed out, and in")
		j.wants(other.in(), "one sign-out ended another browser's session")
		other.proves(t, fmt.Sprintf(`{"password":%q}`, password))
		gone := enter()
		next := fmt.Sprintf("%s %d", own, n)
		status, _, body := other.ask("PUT", "/session/password", fmt.Sprintf(`{"oldPassword":%q,"password":%q}`, password, next))
		j.wants(status == http.StatusNoContent && !gone.in() && other.in(), "a changed password: %d %s; the other browser is in: %v", status, body, gone.in())
		password = next
		for _, s := range sessions("/people/" + id + "/sessions") {
			h.Must("DELETE", "/people/"+id+"/sessions/"+s, nil, 204, nil)
		}
		j.wants(!other.in(), "ended by an administrator, and in")
		b := enter()
		h.Prove()
		h.Must("PATCH", "/people/"+id, property.Body{"disabled": true}, 200, nil)
		j.wants(!b.in(), "shut out, and in")
		h.Must("PATCH", "/people/"+id, property.Body{"disabled": false}, 200, nil)
		j.wants(!b.in(), "a session came back with its account")
	}
	b := enter()
	var made struct{ Password string }
	h.Must("POST", "/people/"+id+"/password", nil, 200, &made)
	j.wants(!b.in(), "the password was reset, and the session lives")
	first := enters(t, api(h), "chen", made.Password, "")
	j.wants(first.status("GET", "/devices/retired", "") == http.StatusForbidden, "with a first password more can be done than to change it")
	h.Restart()
	again := &browser{t: t, c: nobody(t), base: api(h), name: b.name, word: b.word}
	j.wants(!again.in(), "a session that had ended is back after a restart")
	again.word = first.word
	j.wants(again.in(), "a session is gone with a restart")
	prove.Record(t, "sessions that were ended: by signing out, another password, an administrator, a shut account, a reset; and after kill -9", "0 in after the answer", fmt.Sprintf("%d rounds: %s", rounds, j))
}
