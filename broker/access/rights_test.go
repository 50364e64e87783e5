package access

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/broker/topic"
)

func mustACL(t testing.TB, lines ...string) *acl {
	t.Helper()
	l, err := parseACL("acl", []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRightsAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	l := mustACL(t,
		"topic read public/#",
		"pattern readwrite by/%u/at/%c",
		"pattern read shared/#",
		"pattern deny shared/secret/#",
		"pattern write in/%c-x",
		"user bob",
		"topic read a/#",
		"topic write a/b",
		"topic deny a/secret/#",
		"topic read shared/secret/bob",
		"user root",
		"topic #",
		"topic read $SYS/broker/#",
	)
	const publish, subscribe = "publish", "subscribe"
	for _, tt := range []struct {
		user, client, what, topic string
		want                      bool
	}{
		{"", "c", subscribe, "public/x", true},
		{"", "c", subscribe, "public/#", true},
		{"", "c", publish, "public/x", false},
		{"", "c", subscribe, "by//at/c", false},
		{"", "c", subscribe, "shared/x", true},
		{"", "c", publish, "in/c-x", true},
		{"bob", "c", subscribe, "public/x", false}, // lines before the first user are for clients without a name
		{"bob", "c", subscribe, "a/b", true},
		{"bob", "c", publish, "a/b", true},
		{"bob", "c", publish, "a/c", false},
		{"bob", "c", subscribe, "a/b/#", true},
		{"bob", "c", subscribe, "a/#", false}, // a part of it is denied
		{"bob", "c", subscribe, "a/+", false},
		{"bob", "c", subscribe, "a/+/x", false},
		{"bob", "c", subscribe, "a/secret", false},
		{"bob", "c", subscribe, "+/b", false}, // wider than the right
		{"bob", "c", subscribe, "#", false},
		{"bob", "c", subscribe, "by/bob/at/c", true},
		{"bob", "c", publish, "by/bob/at/c", true},
		{"bob", "d", publish, "by/bob/at/c", false},
		{"bob", "c", subscribe, "by/+/at/c", false},
		{"bob", "c", subscribe, "shared/x/#", true},
		{"bob", "c", subscribe, "shared/#", false},
		{"bob", "c", subscribe, "shared/secret/bob", true}, // a user's own rule before the patterns'
		{"bob", "c", subscribe, "shared/secret/eve", false},
		{"bob", "c", subscribe, "$share/g/a/b", true},
		{"bob", "c", subscribe, "$share/g/a/#", false},
		{"bob", "c", subscribe, "$queue/a/b", true},
		{"bob", "c", subscribe, "$queue/b", false},
		{"bob", "c", subscribe, "$local/a/b", true},
		{"bob", "c", subscribe, "$local/b", false},
		{"bob", "c", subscribe, "$local/$share/g/a/b", true},
		{"bob", "c", subscribe, "$share/g/$local/b", false},
		{"bob", "c", subscribe, "$share/g", false},
		{"bob", "c", subscribe, "$share/", false},
		{"bob", "c", subscribe, "$share", false},
		{"bob", "c", subscribe, "$share/g/$queue", false},
		{"bob", "c", subscribe, "$queue/", false},
		{"bob", "c", subscribe, "$SYS/broker/uptime", false},
		{"root", "c", subscribe, "#", true},
		{"root", "c", publish, "any/thing", true},
		{"root", "c", publish, "$SYS/broker/x", false},
		{"root", "c", subscribe, "$SYS/broker/#", true},
		{"root", "c", subscribe, "$SYS/#", false},
		{"root", "c", subscribe, "$share/g/$SYS/broker/uptime", true},
		{"root", "c", subscribe, "$share/g/$SYS/other", false},
		{"root", "c", subscribe, "$other/x", false},
		{"stranger", "c", subscribe, "a/b", false},
		{"stranger", "c", publish, "by/stranger/at/c", true},
	} {
		r := l.rightsOf(tt.user, tt.client)
		got := tt.what == publish && r.mayPublish(tt.topic) || tt.what == subscribe && r.maySubscribe(tt.topic)
		if got != tt.want {
			t.Errorf("%s may %s %s: %v", tt.user, tt.what, tt.topic, got)
		}
	}
}

func TestAnEmptyListAllowsNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "# nothing\n", "user bob\n"} {
		for _, user := range []string{"", "bob"} {
			if r := mustACL(t, text).rightsOf(user, "c"); r.mayPublish("a") || r.maySubscribe("a") || r.maySubscribe("#") || r.maySubscribe("$SYS/#") {
				t.Errorf("%q allows something to %q", text, user)
			}
		}
	}
}

func TestADenialThatCannotBeSaidForANameLeavesNoPatternToIt(t *testing.T) {
	t.Parallel()
	l := mustACL(t, "topic read own", "pattern read shared/#", "pattern write shared/#", "pattern deny shared/%c", "pattern deny shared/users/%u", "user bob", "topic read own")
	for _, tt := range []struct {
		user, client string
		want         bool
	}{
		{"bob", "c", true},
		{"bob", "a/b", false},
		{"bob", "$c", false},
		{"bob", "+", false},
		{"bob", "", false}, // the broker will find an identifier, and the denial would be of that
		{"a/b", "c", false},
		{"100%", "c", false},
		{"", "c", true}, // nobody in particular: nothing is denied to his name
		{"", "a/b", false},
	} {
		r := l.rightsOf(tt.user, tt.client)
		if r.maySubscribe("shared/x") != tt.want || r.mayPublish("shared/x") != tt.want {
			t.Errorf("%q as %q: want %v", tt.client, tt.user, tt.want)
		}
		if r.mayPublish("shared/a/b") && tt.client == "a/b" || r.mayPublish("shared/users/a/b") && tt.user == "a/b" {
			t.Errorf("%q as %q may do what is denied", tt.client, tt.user)
		}
		if own := tt.user == "" || tt.user == "bob"; r.maySubscribe("own") != own {
			t.Errorf("%q as %q: rules that are no patterns stay", tt.client, tt.user)
		}
	}
}

func TestNoNameWidensAPattern(t *testing.T) {
	t.Parallel()
	l := mustACL(t, "pattern readwrite u/%u/x", "pattern readwrite c/%c/x", "pattern readwrite %u/broker", "pattern readwrite mix/a%u%c", "pattern read all")
	for _, name := range []string{"", "+", "#", "a/b", "/", "a+", "a#b", "%c", "%u", "100%", "$SYS", "$share", "a\x00"} {
		for _, r := range []*rights{l.rightsOf(name, "fine"), l.rightsOf("fine", name)} {
			for _, f := range append(r.patterns.read, r.patterns.write...) {
				if f != "all" && f != "u/fine/x" && f != "c/fine/x" && f != "fine/broker" {
					t.Errorf("%q gets %q", name, f)
				}
			}
			if !r.maySubscribe("all") {
				t.Errorf("%q takes away a pattern that does not use it", name)
			}
		}
	}
	r := l.rightsOf("a b", "门")
	want := []string{"u/a b/x", "c/门/x", "a b/broker", "mix/aa b门", "all"}
	if !slices.Equal(r.patterns.read, want) {
		t.Errorf("harmless names: %q", r.patterns.read)
	}
	if r := mustACL(t, "pattern %c/"+strings.Repeat("x", 65_000)).rightsOf("", strings.Repeat("y", 1000)); len(r.patterns.read) > 0 {
		t.Error("a filter is longer than filters may be")
	}
	if r := mustACL(t, "pattern 100%/%%/%x/%u%").rightsOf("me", "c"); !slices.Equal(r.patterns.read, []string{"100%/%%/%x/me%"}) {
		t.Errorf("%% alone stands for itself: %q", r.patterns.read)
	}
}

// universe is the small world, made once.
var universe = sync.OnceValues(smallWorld)

// smallWorld are names and filters, few enough for everything to be tried.
func smallWorld() (names, filters []string) {
	names = []string{"a", "b", "$a", "", "fine"}
	for range 2 {
		for _, n := range slices.Clone(names) {
			for _, level := range []string{"a", "b", "", "fine"} {
				names = append(names, n+"/"+level)
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return topic.ValidName(n, 0) != nil })
	filters = []string{"a", "b", "+", "#", "$a", "", "fine"}
	for range 2 {
		for _, n := range slices.Clone(filters) {
			for _, level := range []string{"a", "b", "", "+", "#"} {
				filters = append(filters, n+"/"+level)
			}
		}
		slices.Sort(filters)
		filters = slices.Compact(filters)
	}
	filters = slices.DeleteFunc(filters, func(n string) bool { return topic.ValidFilter(n, 0) != nil })
	return names, filters
}

// reference judges one name by the lines of a list, in the words of Mosquitto's
// documentation: a user's denials, a user's permissions, the denials of patterns,
// their permissions. It shares no code with the package.
type reference struct {
	lines        []string
	user, client string
}

func (r *reference) may(want, name string) bool {
	for _, kind := range []string{"topic", "pattern"} {
		said := ""
		of := ""
		for _, line := range r.lines {
			words := strings.SplitN(line, " ", 3)
			if words[0] == "user" {
				of = words[1]
				continue
			}
			filter := words[2]
			if words[0] != kind || kind == "topic" && of != r.user {
				continue
			}
			if kind == "pattern" {
				if strings.Contains(filter, "%u") && bad(r.user) || strings.Contains(filter, "%c") && bad(r.client) {
					if words[1] == "deny" && (r.user != "" || !strings.Contains(filter, "%u")) {
						return false // nothing that is said in patterns counts
					}
					continue
				}
				filter = strings.NewReplacer("%u", r.user, "%c", r.client).Replace(filter)
			}
			if !referenceMatch(strings.Split(filter, "/"), strings.Split(name, "/"), true) {
				continue
			}
			if words[1] == "deny" {
				said = "no"
			} else if said == "" && strings.Contains(words[1], want) {
				said = "yes"
			}
		}
		if said != "" {
			return said == "yes"
		}
	}
	return false
}

func bad(name string) bool {
	return name == "" || name[0] == '$' || strings.ContainsAny(name, "+#/%\x00")
}

// referenceMatch is section 4.7 on lists of levels.
func referenceMatch(filter, name []string, first bool) bool {
	switch {
	case first && strings.HasPrefix(name[0], "$") && (filter[0] == "+" || filter[0] == "#"):
		return false
	case len(filter) == 1 && filter[0] == "#":
		return true
	case len(filter) == 0 || len(name) == 0:
		return len(filter) == len(name)
	case filter[0] == "+" || filter[0] == name[0]:
		return referenceMatch(filter[1:], name[1:], false)
	}
	return false
}

// judgeEverything compares rights with the reference, for every name and filter of
// the small world and the given ones.
func judgeEverything(t rapid.TB, lines []string, user, client string, moreNames, moreFilters []string) {
	l, err := parseACL("acl", []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	got, want := l.rightsOf(user, client), &reference{lines, user, client}
	names, filters := universe()
	names, filters = slices.Concat(names, moreNames), slices.Concat(filters, moreFilters)
	for _, n := range names {
		if got.mayPublish(n) != want.may("write", n) {
			t.Fatalf("%s of %q, %q: may publish %q is %v", lines, user, client, n, got.mayPublish(n))
		}
		if got.maySubscribe(n) != want.may("read", n) {
			t.Fatalf("%s of %q, %q: may subscribe to %q is %v", lines, user, client, n, got.maySubscribe(n))
		}
	}
	for _, f := range filters {
		if !got.maySubscribe(f) {
			continue
		}
		for _, n := range names {
			if referenceMatch(strings.Split(f, "/"), strings.Split(n, "/"), true) && !want.may("read", n) {
				t.Fatalf("%s of %q, %q: %q is granted, and %q may not be read", lines, user, client, f, n)
			}
		}
	}
}

func TestRightsAreThoseOfAPlainReading(t *testing.T) {
	t.Parallel()
	_, filters := universe()
	filters = slices.Concat(filters, []string{"%u", "%c/#", "a/%u", "+/%c", "a%u", "%u%c/#", "%u/+"})
	names := []string{"a", "b", "fine", "", "+", "#", "a/b", "%c", "$a"}
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for range rapid.IntRange(1, 40).Draw(t, "lines") {
			if rapid.IntRange(0, 4).Draw(t, "user?") == 0 {
				lines = append(lines, "user "+rapid.SampledFrom([]string{"a", "b", "fine"}).Draw(t, "user"))
				continue
			}
			lines = append(lines, rapid.SampledFrom([]string{"topic", "pattern"}).Draw(t, "kind")+" "+
				rapid.SampledFrom([]string{"read", "write", "readwrite", "readwrite", "deny"}).Draw(t, "access")+" "+
				rapid.SampledFrom(filters).Draw(t, "filter"))
		}
		judgeEverything(t, lines, rapid.SampledFrom(names).Draw(t, "name"), rapid.SampledFrom(names).Draw(t, "client"), nil, nil)
	})
}

func FuzzRights(f *testing.F) {
	f.Add("topic read a/#\ntopic deny a/b\nuser fine\npattern readwrite %u/%c", "fine", "c", "a/b", "a/+")
	f.Add("pattern read a/%u/#\npattern deny +/b", "+", "#", "a/x", "a/+/#")
	f.Add("user a\ntopic read $SYS/#\ntopic deny $SYS/x", "a", "c", "$SYS/x", "$share/g/$SYS/+")
	f.Fuzz(func(t *testing.T, text, user, client, name, filter string) {
		if strings.ContainsAny(user+client, " \t\v\f\r\n") || topic.ValidName(name, 0) != nil || topic.ValidFilter(filter, 0) != nil {
			return
		}
		var lines []string
		for _, line := range strings.Split(text, "\n") {
			words := strings.Split(line, " ")
			plain := !slices.Contains(words, "") && !strings.ContainsAny(line, "\t\v\f\r") // the plain reference reads no others
			if plain && (len(words) == 3 || len(words) == 2 && words[0] == "user") {
				lines = append(lines, line)
			}
		}
		if len(lines) > 20 {
			return
		}
		if _, err := parseACL("acl", []byte(strings.Join(lines, "\n"))); err != nil {
			return
		}
		judgeEverything(t, lines, user, client, []string{name}, nil)
		if inner := received(filter); inner != filter {
			r := mustACL(t, lines...).rightsOf(user, client)
			if got := r.maySubscribe(filter); got != (inner != "" && r.maySubscribe(inner)) {
				t.Fatalf("%q is %v, unlike %q", filter, got, inner)
			}
			return
		}
		judgeEverything(t, lines, user, client, []string{name}, []string{filter})
	})
}
