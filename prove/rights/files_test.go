package rights

import (
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// passwordLine is a user of a password file, as mosquitto_passwd writes it.
func passwordLine(t *testing.T, user, password string) string {
	t.Helper()
	salt, iterations := []byte("a salt of 16 byt"), 101
	key, err := pbkdf2.Key(sha512.New, password, salt, iterations, sha512.Size)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s:$7$%d$%s$%s\n", user, iterations, base64.StdEncoding.EncodeToString(salt), base64.StdEncoding.EncodeToString(key))
}

// ruined is a text of which something has become.
type ruined struct{ what, text string }

// ruins are texts that are empty, cut, or nonsense in part.
func ruins(random *rand.Rand, n int, text string) []ruined {
	list := []ruined{
		{"empty", ""}, {"a newline", "\n"}, {"zeros", strings.Repeat("\x00", len(text))}, {"UTF-16", "\xff\xfe" + strings.Join(strings.Split(text, ""), "\x00") + "\x00"},
		{"another kind of file", "{\"users\":[{\"name\":\"*\"}]}"}, {"a byte order mark", "\ufeff" + text}, {"lines of a Mac", strings.ReplaceAll(text, "\n", "\r")}, {"everything in one line", strings.ReplaceAll(text, "\n", " ")},
	}
	for range n {
		at := random.IntN(len(text))
		list = append(list, ruined{fmt.Sprint("cut at ", at), text[:at]})
		at = random.IntN(len(text))
		junk := []string{"\x00", "\xff", "\n\n", ":", " ", "$", "\n#", "\ntopic", "\nuser", "\npattern\n", "\ntopic readwrite\n", "\nuser \n", strings.Repeat("x", 70_000)}[random.IntN(13)]
		list = append(list, ruined{fmt.Sprintf("%.12q put in at %d", junk, at), text[:at] + junk + text[at:]})
	}
	return list
}

// replace puts a file in the place of another one.
func replace(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".next", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		t.Fatal(err)
	}
}

// fileAccess is a broker alone whose users and rights stand in files.
type fileAccess struct {
	t              *testing.T
	passwords, acl string
	words, rights  string // what they say as long as they are good
	gained, calls  int
}

func (f *fileAccess) gain(is bool, what string, args ...any) {
	f.t.Helper()
	if is {
		f.gained++
		f.t.Errorf(what, args...)
	}
}

// tries has strangers, and users beyond their rights, try what none may.
func (f *fileAccess) tries(address, what string) {
	f.t.Helper()
	for _, c := range []mqtt.Connect{
		{}, {User: "alder"}, {User: "alder", Password: "wrong"}, {User: "alder", Password: "word of birch"}, {User: "oak", Password: "word of alder"}, {User: "oak"}, {User: "", Password: "word of alder"}, {User: "*", Password: "*"},
		{User: "$7$101", Password: ""},
	} {
		c.ClientID = "stranger"
		conn, err := f.come(address, c)
		if err == nil {
			conn.Cut()
		}
		f.gain(err == nil, "%s: %q is let in with %q", what, c.User, c.Password)
	}
	conn, err := f.come(address, mqtt.Connect{ClientID: "alder", User: "alder", Password: "word of alder"})
	if err != nil {
		return // who is damaged may be outside
	}
	defer conn.Cut()
	c := &client{Conn: conn, t: f.t, v: mqtt.V5}
	denied := []string{"#", "+/#", "secret/door", "birch/#", "birch/x", "by/birch/#", "$SYS/#"}
	for i, code := range c.subscribe(1, denied...) {
		f.gain(code < 0x80, "%s: alder reads %s", what, denied[i])
	}
	for _, topic := range []string{"secret/door", "birch/x", "by/birch/x"} {
		f.gain(c.publish(topic, "x", 1, false) == 0, "%s: alder writes %s", what, topic)
	}
}

// start starts the broker; nil: it refuses to.
func (f *fileAccess) start() *served.Server {
	f.t.Helper()
	path, err := shop.Release()
	if err != nil {
		f.t.Fatal(err)
	}
	s, err := served.Try(f.t, served.Command{Args: []string{path, "broker", "--tcp", "127.0.0.1:0", "--password-file", f.passwords, "--acl", f.acl}})
	if err != nil {
		return nil
	}
	return s
}

// come connects, each time from another address.
func (f *fileAccess) come(address string, c mqtt.Connect) (*mqtt.Conn, error) {
	f.t.Helper()
	f.calls++
	c.Version = mqtt.V5
	return from(f.t, address, f.calls, c)
}

// marked are the rights with one more for birch, which shows that they were read.
func (f *fileAccess) marked(mark string) string {
	return "user birch\ntopic read " + mark + "\n" + f.rights
}

// reads is whether birch may read something.
func (f *fileAccess) reads(address, name string) bool {
	f.t.Helper()
	conn, err := f.come(address, mqtt.Connect{ClientID: "birch", User: "birch", Password: "word of birch"})
	if err != nil {
		return false
	}
	defer conn.Cut()
	c := &client{Conn: conn, t: f.t, v: mqtt.V5}
	codes, ok := c.trySubscribe(0, name)
	return ok && codes[0] < 0x80 // its password may end at this moment
}

// hangup has a running broker read the files again, until it shows that it did.
func (f *fileAccess) hangup(s *served.Server, what string, shown func() bool) {
	f.t.Helper()
	if err := s.Signal(syscall.SIGHUP); err != nil {
		f.t.Fatal(err)
	}
	prove.Eventually(f.t, "the broker shows what became of "+what, shown)
}

// readAgain has a running broker read one file that is ruined, and tries what none may.
func (f *fileAccess) readAgain(s *served.Server, path string, r ruined) {
	f.t.Helper()
	what := filepath.Base(path) + ", read again: " + r.what
	before, after := fmt.Sprint("before/", f.calls), fmt.Sprint("after/", f.calls)
	replace(f.t, f.passwords, f.words)
	replace(f.t, f.acl, f.marked(before))
	f.hangup(s, "good files", func() bool { return f.reads(s.Addr, before) })
	const refused = "cannot be used"
	said := strings.Count(s.Stderr.String(), refused)
	replace(f.t, f.acl, f.marked(after))
	if path == f.acl {
		r.text = strings.Replace(r.text, f.rights[:1], "user birch\ntopic read "+after+"\n"+f.rights[:1], 1)
	}
	replace(f.t, path, r.text)
	f.hangup(s, what, func() bool {
		return strings.Count(s.Stderr.String(), refused) > said || f.reads(s.Addr, after) || !f.reads(s.Addr, before)
	})
	f.tries(s.Addr, what)
}

// Files of users and rights that are empty, cut or malformed give nobody more: the start is refused, what was good
// last is kept, or less is allowed.
func TestDamagedFilesOfUsersAndRightsGiveNobodyMore(t *testing.T) {
	t.Parallel()
	dir, random := t.TempDir(), rand.New(rand.NewPCG(uint64(prove.Seed(t)), 5))
	f := &fileAccess{
		t: t, passwords: filepath.Join(dir, "passwords"), acl: filepath.Join(dir, "acl"), words: passwordLine(t, "alder", "word of alder") + passwordLine(t, "birch", "word of birch"),
		rights: "# who may do what\nuser alder\ntopic readwrite alder/#\ntopic read both/#\n\nuser birch\ntopic readwrite birch/#\n\npattern readwrite by/%u/#\n",
	}
	good := func() { replace(t, f.passwords, f.words); replace(t, f.acl, f.rights) }
	good()
	running := f.start()
	if running == nil {
		t.Fatal("it does not start with good files")
	}
	refused, started, reloads := 0, 0, 0
	n := prove.Size(3, 150)
	for path, text := range map[string]string{f.passwords: f.words, f.acl: f.rights} {
		for _, r := range ruins(random, n, text) {
			what := filepath.Base(path) + ": " + r.what
			f.readAgain(running, path, r)
			reloads++
			good()
			replace(t, path, r.text)
			if s := f.start(); s == nil {
				refused++
			} else {
				started++
				f.tries(s.Addr, what)
				s.Kill()
			}
		}
	}
	if !running.Alive() || refused == 0 || started == 0 {
		t.Errorf("the broker lives: %v; %d starts refused, %d started", running.Alive(), refused, started)
	}
	prove.Record(t, "files of users and rights that are empty, cut or malformed, at the start and at SIGHUP", "0 rights gained; start refused, or what was good is kept",
		fmt.Sprintf("%d starts refused, %d started, read again %d times: %d rights gained", refused, started, reloads, f.gained))
}
