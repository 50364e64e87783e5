package access

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/topic"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

const patience = 20 * time.Second

// line is the secret as mosquitto_passwd writes it.
func (s secret) line(user string) string {
	return fmt.Sprintf("%s:$7$%d$%s$%s", user, s.iterations, base64.StdEncoding.EncodeToString([]byte(s.salt)), base64.StdEncoding.EncodeToString(s.hash[:]))
}

// peers are Mosquitto and a broker of ours, on the same files.
type peers struct {
	t               *testing.T
	passwords, acl  string // files
	mosquitto, ours string // addresses
}

// startPeers starts both for one access control list.
func startPeers(t *testing.T, users []string, lines []string) *peers {
	t.Helper()
	dir := t.TempDir()
	p := &peers{t: t, passwords: filepath.Join(dir, "passwords"), acl: filepath.Join(dir, "acl")}
	var secrets []string
	for _, u := range users {
		s, err := newSecret(u)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, s.line(u))
	}
	put(t, p.passwords, append(secrets, "")...)
	put(t, p.acl, append(lines, "")...)
	p.mosquitto, _ = served.Mosquitto(t, "password_file "+p.passwords, "acl_file "+p.acl, "sys_interval 1")
	p.startOurs()
	return p
}

func (p *peers) startOurs() {
	t := p.t
	t.Helper()
	a := open(t, Options{Anonymous: true, PasswordFile: p.passwords, ACLFile: p.acl})
	b, err := broker.New(context.Background(), broker.Options{Authorizer: a})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // the test ends it
	if err != nil {
		t.Fatal(err)
	}
	p.ours = l.Addr().String()
	served := make(chan error)
	go func() { served <- b.Serve(t.Context(), l) }()
	t.Cleanup(func() {
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// client connects to one of them. The password of a user is its name.
func (p *peers) client(address, user, id string) *mqtt.Conn {
	p.t.Helper()
	c, err := mqtt.Dial(address, mqtt.Options{Connect: mqtt.Connect{Version: mqtt.V5, ClientID: id, User: user, Password: user}, Timeout: patience})
	if err != nil {
		p.t.Fatalf("%q as %q at %s: %v", id, user, address, err)
	}
	p.t.Cleanup(c.Cut)
	if err := c.SetDeadline(time.Now().Add(3 * patience)); err != nil {
		p.t.Fatal(err)
	}
	return c
}

// published gives the names that the client published and root received.
func (p *peers) published(address, user, id string, names []string) (list []string) {
	p.t.Helper()
	root, c := p.client(address, "root", "root"), p.client(address, user, id)
	defer root.Cut()
	defer c.Cut()
	if err := root.SubscribeNow(1, 0, "#"); err != nil {
		p.t.Fatal(err)
	}
	for i, n := range names {
		c.Publish(mqtt.Publish{Topic: []byte(n), QoS: 1, ID: uint16(i + 1)})
	}
	p.must(c.Flush())
	for range names {
		if a, err := c.Read(); err != nil || a.Type != mqtt.PUBACK {
			p.t.Fatalf("PUBACK is expected, not %v, %v", a, err)
		}
	}
	return p.heard(root)
}

// heard reads what the client was sent before the answer to its ping.
func (p *peers) heard(c *mqtt.Conn) (list []string) {
	p.t.Helper()
	c.Ping()
	p.must(c.Flush())
	for {
		m, err := c.Read()
		switch {
		case err != nil:
			p.t.Fatal(err)
		case m.Type == mqtt.PINGRESP:
			slices.Sort(list)
			return slices.Compact(list)
		case m.Type == mqtt.PUBLISH:
			list = append(list, string(m.Publish.Topic))
		}
	}
}

// read gives the names that root published and the client received, by its one
// filter, and the answer to the filter.
func (p *peers) read(root, c *mqtt.Conn, filter string, names []string) (code byte, list []string) {
	p.t.Helper()
	c.Subscribe(1, 0, filter)
	p.must(c.Flush())
	a, err := c.Read()
	for ; err == nil && a.Type == mqtt.PUBLISH; a, err = c.Read() {
		list = append(list, string(a.Publish.Topic)) // retained
	}
	if err != nil || a.Type != mqtt.SUBACK {
		p.t.Fatalf("SUBACK is expected, not %v, %v", a, err)
	}
	code = a.Codes[0]
	for i, n := range names {
		root.Publish(mqtt.Publish{Topic: []byte(n), QoS: 1, ID: uint16(i + 1)})
	}
	p.must(root.Flush())
	for range names {
		if _, err := root.Expect(mqtt.PUBACK); err != nil {
			p.t.Fatal(err)
		}
	}
	list = append(list, p.heard(c)...)
	c.Unsubscribe(2, filter)
	p.must(c.Flush())
	if _, err := c.Expect(mqtt.UNSUBACK); err != nil {
		p.t.Fatal(err)
	}
	slices.Sort(list)
	return code, slices.Compact(list)
}

func (p *peers) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// matching are the names that a filter matches.
func matching(filter string, names []string) (list []string) {
	for _, n := range names {
		if topic.Match(filter, n) {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list
}

// counts are how the two agreed.
type counts struct{ published, literal, granted, thinned, stricter int }

func TestRightsAreThoseThatMosquittoGrants(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	var n counts
	for i := range prove.Size(3, 60) {
		t.Run(fmt.Sprint("list ", i), func(t *testing.T) {
			lines := randomLines(random)
			p := startPeers(t, []string{"root", "bob", "eve"}, lines)
			for _, who := range [][2]string{{"bob", "x"}, {"eve", "bob"}, {"", "x"}, {"eve", "two words"}} {
				p.compare(lines, who[0], who[1], &n)
			}
		})
	}
	prove.Record(t, "rights by Mosquitto's files are those that Mosquitto grants",
		"0 differences; nothing is missing of a filter that is granted",
		fmt.Sprintf("%d publishes and %d topics the same; of filters with wildcards %d granted and complete, %d refused that Mosquitto thins out, %d refused although Mosquitto leaves nothing out",
			n.published, n.literal, n.granted, n.thinned, n.stricter))
}

// The small world in which both are compared. Each filter with a wildcard has a
// name with levels in their place that no rule names.
var (
	comparedNames = []string{"a", "b", "a/", "/", "a/b", "a/bob", "a/x", "b/a", "bob", "bob/x", "bob/bob", "x/a", "a/b/c", "a/bob/x", "b/a/b", "a b/c", "two words/a", "a/two words",
		"z", "a/z", "a/z/z", "z/a", "z/x", "z/b/z", "a/bob/z", "bob/z", "z/z", "z/z/z", "/z", "a b/z", "two words/z", "z/b"}
	comparedFilters = []string{"#", "+", "a/#", "a/+", "+/a", "+/x", "+/b/#", "a/+/+", "a/bob/#", "bob/#", "bob/+", "+/+", "+/+/+", "/+", "a b/#", "two words/#", "$SYS/#", "$SYS/+/version"}
	patternFilters  = []string{"%u", "%u/#", "a/%u", "%c/a", "a/%c", "%u/%c", "+/%u", "a/%u/%c", "%c/#", "%u/+"}
)

// system is what Mosquitto says of itself, always retained.
const system = "$SYS/broker/version"

func randomLines(random *rand.Rand) (lines []string) {
	one := func(list ...string) string { return list[random.IntN(len(list))] }
	filter := func() string { return one(slices.Concat(comparedNames, comparedFilters, []string{system})...) }
	for _, user := range []string{"", "bob", "eve", "bob"} {
		if user != "" {
			lines = append(lines, "user "+user)
		}
		for range random.IntN(5) {
			lines = append(lines, "topic "+one("read", "write", "readwrite", "readwrite", "deny")+" "+filter())
			if random.IntN(2) == 0 {
				lines = append(lines, "pattern "+one("read", "write", "readwrite", "deny")+" "+one(append(patternFilters, filter())...))
			}
		}
	}
	return append(lines, "user root", "topic readwrite #")
}

func (p *peers) compare(lines []string, user, id string, n *counts) {
	t := p.t
	t.Helper()
	differ := func(what string, ours, theirs any) {
		t.Helper()
		t.Errorf("%s of user %q, client %q: %v, Mosquitto %v, by\n%s", what, user, id, ours, theirs, strings.Join(lines, "\n"))
	}
	ours, theirs := p.published(p.ours, user, id, comparedNames), p.published(p.mosquitto, user, id, comparedNames)
	if !slices.Equal(ours, theirs) {
		differ("publishes", ours, theirs)
	}
	n.published += len(comparedNames)
	rootOurs, rootTheirs := p.client(p.ours, "root", "root"), p.client(p.mosquitto, "root", "root")
	here, there := p.client(p.ours, user, id), p.client(p.mosquitto, user, id)
	defer func() { rootOurs.Cut(); rootTheirs.Cut(); here.Cut(); there.Cut() }()
	for _, f := range slices.Concat(comparedNames, comparedFilters, []string{system}) {
		code, ours := p.read(rootOurs, here, f, comparedNames)
		_, theirs := p.read(rootTheirs, there, f, comparedNames)
		whole := matching(f, comparedNames)
		if strings.HasPrefix(f, "$SYS") { // ours publishes none of it here: Mosquitto's decides
			complete := slices.Contains(theirs, system)
			if code < 0x80 && !complete {
				differ("grant of "+f, code, theirs)
			}
			if f == system && code >= 0x80 && complete {
				differ("refusal of "+f, code, theirs)
			}
			continue
		}
		complete := slices.Equal(theirs, whole)
		switch {
		case code < 0x80 && (!complete || !slices.Equal(ours, whole)):
			differ("grant of "+f, ours, theirs)
		case code >= 0x80 && len(ours) > 0:
			differ("delivery by the refused "+f, ours, theirs)
		case !strings.ContainsAny(f, "+#"):
			if n.literal++; code >= 0x80 && complete {
				differ("refusal of "+f, code, theirs)
			}
		case code < 0x80:
			n.granted++
		case complete:
			n.stricter++
			t.Logf("%s of user %q, client %q: refused, and Mosquitto leaves nothing out", f, user, id)
		default:
			n.thinned++
		}
	}
}
