package rights

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// reading is the list that the tests of filters use: what it allows and denies to
// "reader".
var (
	allowed = []string{"a/#", "b/+/c", "d", "s/+/+", "e/f/#"}
	denied  = []string{"a/secret/#", "s/+/x", "e/f/g"}
)

func readingList() []string {
	list := []string{"user writer", "topic write #", "user reader"}
	for _, f := range allowed {
		list = append(list, "topic read "+f)
	}
	for _, f := range denied {
		list = append(list, "topic deny "+f)
	}
	return list
}

// matches is section 4.7, read once more: on lists of levels.
func matches(filter, name string) bool {
	f, n := strings.Split(filter, "/"), strings.Split(name, "/")
	if strings.HasPrefix(name, "$") && (f[0] == "+" || f[0] == "#") {
		return false
	}
	for i, level := range f {
		if level == "#" {
			return true
		}
		if i >= len(n) || level != "+" && level != n[i] {
			return false
		}
	}
	return len(f) == len(n)
}

func matchesAny(filters []string, name string) bool {
	return slices.ContainsFunc(filters, func(f string) bool { return matches(f, name) })
}

// mayRead is the reference: one name, by the list.
func mayRead(name string) bool { return matchesAny(allowed, name) && !matchesAny(denied, name) }

// world has every name of up to four levels out of a few; what a filter of these
// levels matches beyond is matched by one of these, too.
func world() (names []string) {
	levels := []string{"a", "b", "c", "d", "e", "f", "g", "s", "x", "secret", "other", ""}
	last := []string{}
	for depth := range 4 {
		var next []string
		for _, level := range levels {
			if depth == 0 {
				next = append(next, level)
			}
			for _, n := range last {
				next = append(next, n+"/"+level)
			}
		}
		names, last = append(names, next...), next
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// plain is what a subscription receives.
func plain(filter string) string {
	for _, prefix := range []string{"$share/g/", "$queue/", "$local/"} {
		if rest, ok := strings.CutPrefix(filter, prefix); ok {
			return rest
		}
	}
	return filter
}

// randomFilter is valid, and now and then near to what is allowed.
func randomFilter(r *rand.Rand) string {
	levels := []string{"a", "b", "c", "d", "e", "f", "g", "s", "x", "secret", "other", "", "+", "+", "+"}
	var f []string
	if r.IntN(2) == 0 {
		f = strings.Split(allowed[r.IntN(len(allowed))], "/")
		f[r.IntN(len(f))] = levels[r.IntN(len(levels))]
	} else {
		for range 1 + r.IntN(4) {
			f = append(f, levels[r.IntN(len(levels))])
		}
	}
	f = slices.DeleteFunc(f, func(l string) bool { return l == "#" })
	if r.IntN(3) == 0 || len(f) == 0 {
		f = append(f, "#")
	}
	filter := strings.Join(f, "/")
	if filter == "" {
		filter = "#"
	}
	return []string{"", "", "", "$share/g/", "$queue/", "$local/"}[r.IntN(6)] + filter
}

// filters begins with those that people try.
func filters(r *rand.Rand, n int) []string {
	list := []string{
		"#", "+/#", "+", "/#", "+/+", "a/#", "a/+", "a/secret", "a/secret/#", "a/+/x", "a/other/#", "b/+/c", "b/#", "b/x/c", "d", "d/#",
		"s/+/+", "s/+/y", "s/#", "e/f/#", "e/f/+", "e/f/h", "e/f/h/#", "$SYS/#", "$SYS/broker/uptime", "$share/g/$SYS/#",
	}
	for _, f := range slices.Clone(list) {
		list = append(list, "$share/g/"+f, "$queue/"+f, "$local/"+f)
	}
	for len(list) < n {
		list = append(list, randomFilter(r))
	}
	return list[:n]
}

func TestNoFilterReceivesWhatMayNotBeRead(t *testing.T) {
	t.Parallel()
	s := release(t, []string{"reader", "writer"}, readingList(), "--sys-interval", "1")
	names := world()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 33))
	total := prove.Size(1000, 10_000)
	all := filters(r, total)
	writer := s.connect(mqtt.Connect{ClientID: "writer"}, "writer")
	granted, wide, leaked, seen := 0, 0, 0, map[string]int{}
	const together = 250
	for from := 0; from < len(all); from += together {
		part := all[from:min(from+together, len(all))]
		reader := s.connect(mqtt.Connect{Version: versions[from/together%2], ClientID: "reader"}, "reader")
		var has []string
		for i, code := range reader.subscribe(byte(from/together%3), part...) {
			f := plain(part[i])
			if code < 0x80 {
				granted++
				has = append(has, f)
				wide += tooWide(t, part[i], f, names)
			} else if want := refusalOf(versions[from/together%2], 0x80, 0x87); code != want {
				t.Errorf("%q was refused with %#x, want %#x", part[i], code, want)
			}
		}
		for _, n := range sample(r, names, has, 400) {
			writer.Publish(mqtt.Publish{Topic: []byte(n), Payload: []byte(n)})
		}
		writer.settle()
		reader.settle()
		for _, m := range reader.got {
			if seen[m.topic]++; !mayRead(m.topic) {
				leaked++
				t.Errorf("%q came", m.topic)
			}
		}
		reader.goodbye()
	}
	if granted == 0 || len(seen) == 0 {
		t.Error("nothing was granted: the test sees nothing")
	}
	prove.Record(t, "no filter receives what may not be read", "10,000 filters: 0 granted beyond the right, 0 messages leaked",
		fmt.Sprintf("%d filters: %d granted, %d of them too wide, %d topics received, %d messages leaked", total, granted, wide, len(seen), leaked))
}

// tooWide is 1 if a filter that was granted matches what may not be read.
func tooWide(t *testing.T, asked, plain string, names []string) int {
	t.Helper()
	if strings.HasPrefix(plain, "$") {
		t.Errorf("%q was granted", asked)
		return 1
	}
	for _, n := range names {
		if matches(plain, n) && !mayRead(n) {
			t.Errorf("%q was granted, and matches %q", asked, n)
			return 1
		}
	}
	return 0
}

// sample is some names: those that a filter has, and others.
func sample(r *rand.Rand, names, filters []string, n int) []string {
	var list []string
	for len(list) < n/2 {
		list = append(list, names[r.IntN(len(names))])
	}
	for _, k := range r.Perm(len(names)) {
		if matchesAny(filters, names[k]) || matchesAny(denied, names[k]) {
			if list = append(list, names[k]); len(list) == n {
				break
			}
		}
	}
	return list
}

// Names of users and clients that would widen a pattern stand for nobody.
func TestNoNameOfAClientOrUserWidensAPattern(t *testing.T) {
	t.Parallel()
	evil := []string{"+", "#", "/", "a/b", "victim/", "+/+", "a+", "#a", "%", "%u", "%c", "vic%tim", "$SYS", "$share"}
	users := append(slices.Clone(evil), "victim", "good")
	s := release(t, users, []string{
		"pattern readwrite user/%u/#", "pattern readwrite client/%c/#", "pattern readwrite both/%u/%c", "user victim", "topic readwrite victim/#",
	})
	victim := s.connect(mqtt.Connect{ClientID: "victim"}, "victim")
	theirs := []string{"user/victim/x", "client/victim/x", "both/victim/victim", "victim/x"}
	victim.subscribed(1, theirs...)
	tries, escalations := 0, 0
	for _, name := range evil {
		for _, v := range versions {
			for _, who := range [][2]string{{name, "mine"}, {"good", name}, {name, name}} {
				tries++
				c, code := s.attempt(mqtt.Connect{Version: v, ClientID: who[1]}, who[0], who[0])
				if c == nil {
					t.Logf("user %q, client %q: refused with %#x", who[0], who[1], code)
					continue
				}
				escalations += reach(c, append([]string{
					"user/" + name + "/x", "client/" + name + "/x", "both/" + name + "/" + name, "user/+/x", "client/+/x", "user/#", "client/#", "both/+/+", "#", "+/#",
				}, theirs...), who)
				c.goodbye()
			}
		}
	}
	victim.settle()
	if len(victim.got) > 0 {
		t.Errorf("the victim received %v", victim.got)
	}
	if code := victim.publish("user/victim/x", "mine", 1, false); code != 0 || len(victim.got) != 1 {
		t.Errorf("the victim's own right: %#x, %v", code, victim.got)
	}
	prove.Record(t, "no name of a user or client widens a pattern", "0 escalations",
		fmt.Sprintf("%d names of users and clients: %d escalations", tries, escalations+len(victim.got)-1))
}

// reach counts the filters and topics that a client is given although its name
// stands for nobody.
func reach(c *client, names []string, who [2]string) (n int) {
	for i, code := range c.subscribe(1, names...) {
		if own := who[0] == "good" && names[i] == "user/good/x" || who[1] == "mine" && names[i] == "client/mine/x"; code < 0x80 && !own {
			c.t.Errorf("user %q, client %q: %q was granted", who[0], who[1], names[i])
			n++
		}
	}
	for _, name := range names {
		if !strings.ContainsAny(name, "+#") && c.publish(name, "evil", 1, false) == 0 && c.v == mqtt.V5 {
			c.t.Errorf("user %q, client %q: %q was taken", who[0], who[1], name)
			n++
		}
	}
	return n
}
