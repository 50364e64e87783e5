package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
)

// programOf is a program that uses the API with a token, and nothing else.
type programOf struct {
	*staff
	token string
}

func (p programOf) status(method, path string, body any) int {
	p.t.Helper()
	got, _ := p.call(method, path, body, "Authorization", "Bearer "+p.token, "Idempotency-Key", newKey())
	return got
}

func (s *staff) program(name string, life time.Duration, verbs ...string) (p programOf, id string) {
	s.t.Helper()
	var made struct {
		Token  struct{ ID string }
		Secret string
	}
	s.must(http.MethodPost, "/tokens", map[string]any{"name": name, "verbs": verbs, "expires": time.Now().Add(life)}, http.StatusCreated, &made)
	return programOf{newStaff(s.t, s.base), made.Secret}, made.Token.ID
}

func TestAProgramWithATokenMayWhatTheTokenSaysUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := signUp(t, p)
	var site struct{ ID string }
	s.must(http.MethodPost, "/sites", map[string]any{"name": "Riverside", "timeZone": "UTC"}, http.StatusCreated, &site)
	reader, id := s.program("Screens", time.Hour, "devices.see")
	maker, _ := s.program("Importer", time.Hour, "devices.see", "devices.manage")

	if got := reader.status(http.MethodGet, "/live/snapshot", nil); got != http.StatusOK {
		t.Errorf("a token that may see: %d", got)
	}
	if got := reader.status(http.MethodPost, "/sites/"+site.ID+"/zones", map[string]any{"name": "North"}); got != http.StatusForbidden {
		t.Errorf("a token that may only see makes a zone: %d", got)
	}
	if got := maker.status(http.MethodPost, "/sites/"+site.ID+"/zones", map[string]any{"name": "North"}); got != http.StatusCreated {
		t.Errorf("a token that may make a zone: %d", got)
	}
	var trail struct {
		Entries []struct {
			Verb  string
			Actor struct{ Kind, Name string }
		}
	}
	s.get("/audit?limit=1", &trail)
	if e := trail.Entries[0]; e.Actor.Kind != "token" || e.Actor.Name != "Importer ("+adminName+")" {
		t.Errorf("the trail names %+v", e)
	}
	var list struct {
		Tokens []struct {
			ID, LastAddress string
			LastUsed        *time.Time
		}
	}
	s.get("/tokens", &list)
	for _, x := range list.Tokens {
		if x.LastUsed == nil || x.LastAddress != "127.0.0.1" {
			t.Errorf("token %s was last used %v at %q", x.ID, x.LastUsed, x.LastAddress)
		}
	}

	revoked := time.Now()
	s.must(http.MethodDelete, "/tokens/"+id, nil, http.StatusNoContent, nil)
	if got := reader.status(http.MethodGet, "/live/snapshot", nil); got != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d", got)
	}
	prove.Record(t, "an API token that is revoked is refused at once, with its request under way", "within 1 s", time.Since(revoked).Round(time.Millisecond).String())
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	noSecretIn(t, dir, reader.token, maker.token)

	p = runProgram(t, dir, false)
	maker.base = strings.Replace(p.Console, "localhost", "127.0.0.1", 1)
	reader.base = maker.base
	if got := maker.status(http.MethodGet, "/live/snapshot", nil); got != http.StatusOK {
		t.Errorf("a token after a restart: %d", got)
	}
	if got := reader.status(http.MethodGet, "/live/snapshot", nil); got != http.StatusUnauthorized {
		t.Errorf("a revoked token after a restart: %d", got)
	}
}

// noSecretIn looks for secrets in every file of a folder.
func noSecretIn(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s has a secret", filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARequestOfATokenThatIsRevokedOnItsWayWritesNothing(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	maker, id := s.program("Importer", time.Hour, "devices.manage")
	body, slowly := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/api/v1/sites", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+maker.token)
	answered := make(chan int, 1)
	go func() {
		res, err := maker.http.Do(req)
		if err != nil {
			answered <- 0
			return
		}
		_ = res.Body.Close()
		answered <- res.StatusCode
	}()
	if _, err := slowly.Write([]byte(`{"name":"Riverside",`)); err != nil {
		t.Fatal(err)
	}
	used := func() bool { // the request is let in, and waits for its body
		var list struct {
			Tokens []struct{ LastUsed *time.Time }
		}
		s.get("/tokens", &list)
		return list.Tokens[0].LastUsed != nil
	}
	eventually(t, "the request is let in", used)
	s.must(http.MethodDelete, "/tokens/"+id, nil, http.StatusNoContent, nil)
	if _, err := slowly.Write([]byte(`"timeZone":"UTC"}`)); err != nil {
		t.Fatal(err)
	}
	_ = slowly.Close()
	if got := <-answered; got != http.StatusUnauthorized {
		t.Errorf("answered %d", got)
	}
	var seen seenSnapshot
	s.get("/live/snapshot", &seen)
	if len(seen.Sites) != 0 {
		t.Errorf("it made %v", seen.Sites)
	}
}
