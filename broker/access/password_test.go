package access

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Lines that mosquitto_passwd 2.0.11 has written.
const (
	bobLine = "bob:$7$101$aK7fhuri7hBeDu2/$BPvZ0FdnZ8pk3VcGxcTKeK+cpixmHmrK8hGOL4/s2AIZi5vriB9FOz4fQc1wxxLJndrbWRMtlclOIcbDHuBEnw==" // secret
	eveLine = "eve:$7$101$akNs/CAyQ1vc7Epu$DfWc6o7bdd+h33N7wG7lXgsudGWMM+Q2Mb8m+q6Tzi60CijDpvufkEkdqAcMSc3MPOmzmH4r0owargNzP4U6UQ==" // a b
	oldLine = "old:$6$PiJoMYyoi3MgFNbi$Zt0xSCEB9DuGHV1yKKlYZ9h1VD6cflvxhwHBvF5dXAKaqkzHKL6ihGxEERHPUhP7fFhtIGWlLNJgFQr+mn2pLw=="     // secret
)

func TestPasswordsThatMosquittoHasHashedAreKnown(t *testing.T) {
	t.Parallel()
	users, err := parsePasswords("passwords", []byte("# users\n\n"+bobLine+"\n  "+eveLine+" \r\n"+oldLine))
	if err != nil || len(users) != 3 {
		t.Fatal(users, err)
	}
	c := newChecker()
	for _, tt := range []struct {
		user, password string
		want           bool
	}{
		{"bob", "secret", true}, {"eve", "a b", true}, {"old", "secret", true},
		{"bob", "Secret", false}, {"bob", "", false}, {"eve", "a b ", false}, {"old", "secret\x00", false},
		{"nobody", "secret", false}, {"", "", false}, {"nobody", "", false},
	} {
		kept, ok, err := c.check(t.Context(), users, costOf(users), tt.user, []byte(tt.password))
		if err != nil || ok != tt.want || ok && kept != users[tt.user] {
			t.Errorf("%s with %q: %v, %v", tt.user, tt.password, ok, err)
		}
	}
}

// passwd runs mosquitto_passwd where it is installed.
func passwd(t *testing.T, args ...string) {
	t.Helper()
	path, err := exec.LookPath("mosquitto_passwd")
	if err != nil {
		t.Skip("mosquitto_passwd is not there: install the package mosquitto to have this compared")
	}
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_passwd %q: %v: %s", args, err, out)
	}
}

func TestEveryFileThatMosquittoPasswdWritesIsRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "passwords")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"plain": "p", "with space": "a b:c$d", "门": "密码", "p%u": strings.Repeat("long", 100)}
	for name, password := range want {
		for _, hash := range []string{"sha512", "sha512-pbkdf2"} {
			passwd(t, "-H", hash, "-b", file, name+" "+hash, password)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	users, err := parsePasswords(file, text)
	if err != nil || len(users) != 2*len(want) {
		t.Fatal(len(users), err)
	}
	for name, password := range want {
		for _, hash := range []string{"sha512", "sha512-pbkdf2"} {
			if _, ok, err := newChecker().check(t.Context(), users, costOf(users), name+" "+hash, []byte(password)); !ok || err != nil {
				t.Errorf("%s, %s: %v, %v", name, hash, ok, err)
			}
		}
	}
}

func TestALineOfAPasswordFileThatMakesNoSenseIsNamedAndNeverRepeated(t *testing.T) {
	t.Parallel()
	hash := bobLine[strings.Index(bobLine, "$7$101$")+len("$7$101$"):]
	salt, digest, _ := strings.Cut(hash, "$")
	for line, words := range map[string]string{
		"bob":                                    "no colon",
		":" + hash:                               "no name before the colon",
		"carl:hunter2":                           "is not hashed",
		"carl:":                                  "is not hashed",
		"carl:$5$" + hash:                        "is not hashed",
		"carl:$7$" + hash:                        "is not hashed",
		"carl:$6$" + hash + "$":                  "is not hashed",
		"carl:$6$" + hash + ":more":              "the hash has to be 64 bytes",
		"carl:$7$0$" + hash:                      "iterations from 1 to",
		"carl:$7$-1$" + hash:                     "iterations from 1 to",
		"carl:$7$9999999999999999999999$" + hash: "iterations from 1 to",
		"carl:$7$1000001$" + hash:                "iterations from 1 to",
		"carl:$7$x$" + hash:                      "iterations from 1 to",
		"carl:$7$101$" + salt + "$AAAA":          "the hash has to be 64 bytes",
		"carl:$7$101$" + salt + "$" + digest[1:]: "the hash has to be 64 bytes",
		"carl:$7$101$AAAA$" + digest:             "the salt has to be 8 to 64 bytes",
		"carl:$7$101$?$" + digest:                "the salt has to be 8 to 64 bytes",
		"carl:$6$$" + digest:                     "the salt has to be 8 to 64 bytes",
		"carl:$argon2id$v=19$m=1,t=1,p=1$a$b":    "mosquitto_passwd -H sha512-pbkdf2",
		"eve:$6$" + hash:                         "for the second time",
		"c\xff:$6$" + hash:                       "UTF-8",
		"c\x00:$6$" + hash:                       "zero byte",
	} {
		users, err := parsePasswords("f", []byte(eveLine+"\n"+line+"\n"+oldLine))
		var e *FileError
		if !errors.As(err, &e) || e.Line != 2 || users != nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want an error of line 2 that says %q", line, err, words)
			continue
		}
		if _, password, ok := strings.Cut(line, ":"); ok && len(password) > 3 && strings.Contains(err.Error(), password) {
			t.Errorf("%q: %v repeats what may be a password", line, err)
		}
	}
}

func TestAnUnknownUserCostsAsMuchAsAKnownOne(t *testing.T) {
	t.Parallel()
	users := map[string]secret{"cheap": {}, "dear": {iterations: 20_000}}
	c, cost := newChecker(), costOf(users)
	took := map[string]time.Duration{}
	for _, user := range []string{"cheap", "dear", "nobody", "cheap", "dear", "nobody"} {
		began := time.Now()
		if _, ok, err := c.check(t.Context(), users, cost, user, []byte("x")); ok || err != nil {
			t.Fatal(ok, err)
		}
		took[user] = time.Since(began) // of the second, when everything is warm
	}
	t.Log(took)
	if cost != 20_000 {
		t.Errorf("cost %d", cost)
	}
}

func TestNoMoreThanTwoPasswordsAreLookedAtAtOnce(t *testing.T) {
	t.Parallel()
	c := newChecker()
	for range hashers {
		c.turn <- struct{}{} // somebody's
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, ok, err := c.check(ctx, nil, 0, "u", nil); ok || !errors.Is(err, context.Canceled) {
				t.Errorf("looked at: %v, %v", ok, err)
			}
		})
	}
	cancel()
	all.Wait()
	<-c.turn
	if _, _, err := c.check(t.Context(), nil, 0, "u", nil); err != nil {
		t.Error(err)
	}
}

func FuzzPasswordFile(f *testing.F) {
	f.Add([]byte(bobLine+"\n# x\n"+oldLine), "bob", []byte("secret"))
	f.Add([]byte("a:$6$"), "a", []byte(""))
	f.Add([]byte("bob"), "", []byte(nil))
	f.Fuzz(func(t *testing.T, text []byte, user string, password []byte) {
		users, err := parsePasswords("f", text)
		var e *FileError
		if err != nil {
			if !errors.As(err, &e) || e.Line < 1 || e.Line > 1+bytes.Count(text, []byte("\n")) || users != nil {
				t.Fatalf("error %v", err)
			}
			return
		}
		if costOf(users) > 1000 {
			return // right, but long
		}
		if _, ok, err := newChecker().check(t.Context(), users, costOf(users), user, password); err != nil || ok && users[user] == (secret{}) {
			t.Fatal(ok, err)
		}
	})
}
