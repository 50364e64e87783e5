package access

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// put writes a file of the test's folder and gives its path.
func put(t *testing.T, path string, lines ...string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, o Options) *Access {
	t.Helper()
	a, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWhoIsLetInAndAsWhom(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "passwords")
	put(t, file, bobLine)
	byFile, byFlag := Options{PasswordFile: file}, Options{Users: map[string]string{"eve": "a:b", "门": "x"}}
	both := Options{PasswordFile: file, Users: byFlag.Users, Anonymous: true}
	const no, wrong = packet.NotAuthorized, packet.BadUserNameOrPassword
	for _, tt := range []struct {
		o              Options
		user, password string
		reason         packet.ReasonCode
		identity       string
	}{
		{Options{Anonymous: true}, "", "", 0, "anonymous"},
		{Options{Anonymous: true}, "bob", "whatever", 0, "anonymous"}, // nobody has checked that he is bob
		{Options{}, "", "", no, ""},
		{Options{}, "bob", "secret", wrong, ""},
		{byFile, "bob", "secret", 0, "user:bob"},
		{byFile, "bob", "", wrong, ""},
		{byFile, "bob", "Secret", wrong, ""},
		{byFile, "anonymous", "secret", wrong, ""},
		{byFile, "", "", no, ""},
		{byFlag, "eve", "a:b", 0, "user:eve"},
		{byFlag, "门", "x", 0, "user:门"},
		{byFlag, "bob", "secret", wrong, ""},
		{both, "bob", "secret", 0, "user:bob"},
		{both, "eve", "a:b", 0, "user:eve"},
		{both, "eve", "wrong", wrong, ""}, // a name that is wrong does not make anonymous
		{both, "stranger", "", wrong, ""},
		{both, "", "", 0, "anonymous"},
	} {
		g, err := open(t, tt.o).Connect(t.Context(), broker.ConnectRequest{Client: "c", Username: tt.user, Password: []byte(tt.password)})
		var r *broker.Refusal
		switch {
		case tt.reason == 0 && (err != nil || g.Identity() != tt.identity || !g.Valid() || !g.MayPublish("a") || !g.MaySubscribe("#")):
			t.Errorf("%q with %q: %v, %v", tt.user, tt.password, g, err)
		case tt.reason != 0 && (!errors.As(err, &r) || r.Reason != tt.reason || g != nil):
			t.Errorf("%q with %q: %v, want %v", tt.user, tt.password, err, tt.reason)
		}
	}
}

func TestOverloadIsAnsweredAsBusy(t *testing.T) {
	t.Parallel()
	a := open(t, Options{Users: map[string]string{"u": "p"}})
	for range hashers {
		a.check.turn <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var r *broker.Refusal
	if _, err := a.Connect(ctx, broker.ConnectRequest{Username: "u", Password: []byte("p")}); !errors.As(err, &r) || r.Reason != packet.ServerBusy {
		t.Error(err)
	}
}

func TestACertificateSaysWhoTheClientIs(t *testing.T) {
	t.Parallel()
	acl := filepath.Join(t.TempDir(), "acl")
	put(t, acl, "user gate", "topic write gate/#", "pattern read to/%u")
	good := true
	a := open(t, Options{ACLFile: acl, Users: map[string]string{"eve": "p"}, Certificate: func(s *tls.ConnectionState) (string, func() bool, error) {
		if s.ServerName == "bad" {
			return "", nil, errors.New("revoked")
		}
		return s.ServerName, func() bool { return good }, nil
	}})
	by := func(name string) *tls.ConnectionState { return &tls.ConnectionState{ServerName: name} }
	g, err := a.Connect(t.Context(), broker.ConnectRequest{Username: "eve", Password: []byte("wrong"), TLS: by("gate")})
	if err != nil || g.Identity() != "user:gate" || !g.Valid() || !g.MayPublish("gate/1") || g.MayPublish("eve/1") || !g.MaySubscribe("to/gate") {
		t.Error(g, err)
	}
	if good = false; g.Valid() {
		t.Error("a certificate that is revoked goes on")
	}
	for _, name := range []string{"bad", ""} {
		var r *broker.Refusal
		if g, err := a.Connect(t.Context(), broker.ConnectRequest{Username: "eve", Password: []byte("p"), TLS: by(name)}); !errors.As(err, &r) || r.Reason != packet.NotAuthorized {
			t.Errorf("%q: %v, %v", name, g, err)
		}
	}
	if g, err := a.Connect(t.Context(), broker.ConnectRequest{Username: "eve", Password: []byte("p")}); err != nil || g.Identity() != "user:eve" {
		t.Error("without TLS a password counts:", g, err)
	}
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, bad, huge := filepath.Join(dir, "good"), filepath.Join(dir, "bad"), filepath.Join(dir, "huge")
	put(t, good, bobLine)
	put(t, bad, "#", "nonsense")
	put(t, huge)
	if err := os.Truncate(huge, maxFile+1); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		o    Options
		says string
	}{
		"password line":  {Options{PasswordFile: bad}, bad + ":2: "},
		"acl line":       {Options{ACLFile: bad}, bad + ":2: "},
		"no passwords":   {Options{PasswordFile: filepath.Join(dir, "none")}, "cannot be read"},
		"no acl":         {Options{ACLFile: filepath.Join(dir, "none")}, "cannot be read"},
		"folder":         {Options{ACLFile: dir}, "cannot be read"},
		"huge":           {Options{ACLFile: huge}, "is longer than"},
		"given twice":    {Options{PasswordFile: good, Users: map[string]string{"bob": "x"}}, `user "bob"`},
		"acl as secrets": {Options{PasswordFile: good, ACLFile: good}, good + ":1: "},
	} {
		if a, err := Open(tt.o); err == nil || a != nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, tt.says)
		}
	}
}

// told is who is told of changes.
type told struct {
	mu         sync.Mutex
	identities []string
	asked      []string
}

func (c *told) Identities() []string { return c.identities }

func (c *told) Recheck(identity string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, identity)
}

func (c *told) RecheckAll() { c.Recheck("everybody") }

func (c *told) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := strings.Join(c.asked, " ")
	c.asked = nil
	return s
}

func TestAChangedFileActsOnThoseItConcernsAndOnNobodyElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	passwords, acl := filepath.Join(dir, "passwords"), filepath.Join(dir, "acl")
	put(t, passwords, bobLine, eveLine)
	put(t, acl, "topic read a", "user bob", "topic read b")
	a := open(t, Options{PasswordFile: passwords, ACLFile: acl, Anonymous: true})
	in := func(user, password string) broker.Grant {
		t.Helper()
		g, err := a.Connect(t.Context(), broker.ConnectRequest{Client: "c", Username: user, Password: []byte(password)})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	nobody, bob, eve := in("", ""), in("bob", "secret"), in("eve", "a b")
	c := &told{identities: []string{"anonymous", "user:bob", "user:eve"}}
	reload := func(want string) {
		t.Helper()
		if err := a.Reload(c); err != nil {
			t.Fatal(err)
		}
		if got := c.take(); got != want {
			t.Errorf("asked again: %q, want %q", got, want)
		}
	}
	reload("")
	put(t, acl, "topic read a", "topic write a", "user bob", "topic read b")
	reload("anonymous")
	if !nobody.MayPublish("a") || !bob.MaySubscribe("b") {
		t.Error("rights are not those of the file")
	}
	put(t, acl, "topic read a", "topic write a", "user bob", "topic read c", "user eve", "topic deny x")
	reload("user:bob user:eve")
	if bob.MaySubscribe("b") || !bob.MaySubscribe("c") || !bob.Valid() {
		t.Error("bob's rights are not those of the file")
	}
	put(t, acl, "topic read a", "topic write a", "user bob", "topic read c", "user eve", "topic deny x", "pattern read %u")
	reload("anonymous user:bob user:eve")
	if !eve.MaySubscribe("eve") {
		t.Error("a new pattern does not count")
	}
	put(t, passwords, strings.Replace(oldLine, "old:", "bob:", 1)) // another hash, and eve is gone
	reload("user:bob user:eve")
	if bob.Valid() || eve.Valid() || !nobody.Valid() {
		t.Error("a password that was changed or removed goes on")
	}
	put(t, acl, "")
	reload("anonymous user:bob user:eve")
	if nobody.MayPublish("a") || nobody.MaySubscribe("a") {
		t.Error("an empty list allows something")
	}
}

func TestAChangeOfManyAsksForEverybodyOnce(t *testing.T) {
	t.Parallel()
	acl := filepath.Join(t.TempDir(), "acl")
	put(t, acl, "topic read a")
	a := open(t, Options{ACLFile: acl, Anonymous: true})
	c := &told{}
	for i := range manyChanged {
		c.identities = append(c.identities, fmt.Sprint("user:u", i))
	}
	put(t, acl, "topic read a", "pattern read p")
	if err := a.Reload(c); err != nil || c.take() != "everybody" {
		t.Errorf("asked for %q, %v", c.asked, err)
	}
	c.identities = c.identities[1:]
	put(t, acl, "topic read a")
	if err := a.Reload(c); err != nil || len(strings.Fields(c.take())) != manyChanged-1 {
		t.Errorf("asked for %q, %v", c.asked, err)
	}
}

func TestAFileThatBreaksLeavesTheLastGoodStateInForce(t *testing.T) {
	t.Parallel()
	acl := filepath.Join(t.TempDir(), "acl")
	put(t, acl, "topic read a")
	a := open(t, Options{ACLFile: acl, Anonymous: true})
	g, err := a.Connect(t.Context(), broker.ConnectRequest{})
	if err != nil {
		t.Fatal(err)
	}
	c := &told{identities: []string{"anonymous"}}
	for _, breaks := range []func(){func() { put(t, acl, "topic read b", "nonsense") }, func() { _ = os.Remove(acl) }} {
		breaks()
		if err := a.Reload(c); err == nil || !strings.Contains(err.Error(), acl) {
			t.Error(err)
		}
		if !g.MaySubscribe("a") || g.MaySubscribe("b") || c.take() != "" {
			t.Error("something of a broken file counts")
		}
	}
	put(t, acl, "topic read b")
	if err := a.Reload(c); err != nil || g.MaySubscribe("a") || !g.MaySubscribe("b") || c.take() != "anonymous" {
		t.Error("the mended file does not count:", err)
	}
}

func TestAFileIsFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	passwords, acl := filepath.Join(dir, "passwords"), filepath.Join(dir, "acl")
	put(t, passwords, bobLine)
	put(t, acl, "topic read a")
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		a := open(t, Options{PasswordFile: passwords, ACLFile: acl, Anonymous: true, Log: slog.New(slog.NewTextHandler(&said, nil))})
		g, err := a.Connect(t.Context(), broker.ConnectRequest{})
		if err != nil {
			t.Fatal(err)
		}
		c := &told{identities: []string{"anonymous"}}
		hangup := make(chan os.Signal)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- a.Follow(ctx, hangup, c) }()
		pass := func() { time.Sleep(3 * look); synctest.Wait() } // of the bubble's time

		pass()
		if said.Len() > 0 {
			t.Error("read again without a change: ", said.String())
		}
		put(t, acl, "topic read a", "topic read changed")
		pass()
		if !g.MaySubscribe("changed") || c.take() != "anonymous" {
			t.Error("a change is not seen")
		}
		put(t, acl, "topic reed x")
		pass()
		pass()
		if n := strings.Count(said.String(), "stays in force"); n != 1 || !strings.Contains(said.String(), acl+":1: ") || !g.MaySubscribe("changed") {
			t.Errorf("a broken file is said %d times: %s", n, said.String())
		}
		hangup <- os.Interrupt
		pass()
		if n := strings.Count(said.String(), "stays in force"); n != 2 {
			t.Errorf("a signal makes it read again: %d", n)
		}
		mended := filepath.Join(dir, "mended")
		put(t, mended, "topic read mended")
		if err := os.Rename(mended, acl); err != nil {
			t.Fatal(err)
		}
		pass()
		if !g.MaySubscribe("mended") {
			t.Error("a file that another one has replaced is not seen")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAFileThatIsBeingWrittenIsNotReadBeforeItRests(t *testing.T) {
	t.Parallel()
	acl := filepath.Join(t.TempDir(), "acl")
	put(t, acl, "topic read a")
	synctest.Test(t, func(t *testing.T) {
		a := open(t, Options{ACLFile: acl, Anonymous: true})
		g, err := a.Connect(t.Context(), broker.ConnectRequest{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = a.Follow(ctx, nil, &told{}) }()
		text := ""
		for range 5 {
			text += "# longer and longer\n"
			put(t, acl, text)
			time.Sleep(look)
			synctest.Wait()
			if !g.MaySubscribe("a") {
				t.Fatal("half of a file counts")
			}
		}
		time.Sleep(2 * look)
		synctest.Wait()
		if g.MaySubscribe("a") {
			t.Error("the whole file does not count")
		}
	})
}

func TestWhoMayStillPublishIsThatOfTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	passwords, acl := filepath.Join(dir, "passwords"), filepath.Join(dir, "acl")
	put(t, passwords, bobLine)
	put(t, acl, "topic write a", "user bob", "topic write b", "topic read c", "user cert", "topic write b", "pattern write by/%u/%c")
	a := open(t, Options{PasswordFile: passwords, ACLFile: acl, Anonymous: true})
	byCertificate := open(t, Options{PasswordFile: passwords, ACLFile: acl, Certificate: func(*tls.ConnectionState) (string, func() bool, error) { return "", nil, nil }})
	everybody := open(t, Options{ACLFile: acl, Anonymous: true})
	for _, tt := range []struct {
		a                       *Access
		identity, client, topic string
		want                    bool
	}{
		{a, "anonymous", "c", "a", true},
		{a, "anonymous", "c", "b", false},
		{a, "user:bob", "c", "b", true},
		{a, "user:bob", "c", "c", false},
		{a, "user:bob", "c", "by/bob/c", true},
		{a, "user:bob", "d", "by/bob/c", false},
		{a, "user:cert", "c", "b", false}, // nobody has this name
		{byCertificate, "user:cert", "c", "b", true},
		{byCertificate, "user:cert", "c", "c", false},
		{everybody, "user:bob", "c", "b", false},
		{everybody, "user:bob", "c", "a", true}, // of a time when he was checked
	} {
		if got := tt.a.MayStillPublish(tt.identity, broker.ClientID(tt.client), tt.topic); got != tt.want {
			t.Errorf("%s, client %s may still publish to %s: %v", tt.identity, tt.client, tt.topic, got)
		}
	}
	put(t, passwords, strings.Replace(oldLine, "old:", "bob:", 1))
	if err := a.Reload(&told{}); err != nil || !a.MayStillPublish("user:bob", "c", "b") {
		t.Error("another password of the same user takes what he published:", err)
	}
	put(t, passwords, eveLine)
	if err := a.Reload(&told{}); err != nil || a.MayStillPublish("user:bob", "c", "b") {
		t.Error("a user who is gone still publishes:", err)
	}
}
