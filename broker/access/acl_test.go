package access

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAnAccessControlListIsReadAsMosquittoReadsIt(t *testing.T) {
	t.Parallel()
	got, err := parseACL("acl", []byte(strings.Join([]string{
		"# comment",
		"  # indented comment",
		"",
		"   \t ",
		"topic read news/#\r",
		"topic write in",
		"user bob",
		"topic both/+/x",
		"topic readwrite with two  spaces/# ",
		"  topic   deny   secret/#  ",
		"topic read $SYS/#",
		"pattern own/%u/#",
		"user eve with spaces ",
		"topic write %u",
		"pattern deny %c/+",
		"user bob",
		"topic read more",
		"user nobody",
		"topic readwrite read",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	want := &acl{
		anonymous: rules{read: []string{"news/#"}, write: []string{"in"}},
		users: map[string]rules{
			"bob": {
				deny:  []string{"secret/#"},
				read:  []string{"both/+/x", "with two  spaces/#", "$SYS/#", "more"},
				write: []string{"both/+/x", "with two  spaces/#"},
			},
			"eve with spaces": {write: []string{"%u"}},
			"nobody":          {read: []string{"read"}, write: []string{"read"}},
		},
		patterns: []rule{{read | write, "own/%u/#"}, {deny, "%c/+"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(acl{}, rules{}, rule{}), cmpopts.IgnoreFields(rules{}, "tree")); diff != "" {
		t.Error(diff)
	}
}

func TestALineOfAnAccessControlListThatMakesNoSenseIsNamedWithWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	for line, words := range map[string]string{
		"user":                    "write user NAME",
		"user   ":                 "write user NAME",
		"topic":                   "write topic [read|write|readwrite|deny] FILTER",
		"pattern":                 "write pattern [read|write|readwrite|deny] FILTER",
		"topic read":              "write topic read FILTER",
		"topic deny ":             "write topic deny FILTER",
		"pattern write":           "write pattern write FILTER",
		"topic reed a/b":          `"reed" is not read, write, readwrite or deny`,
		"topic two words":         "a filter with spaces in it needs one of them before it",
		"topic READ a":            `"READ" is not read`,
		"Topic read a":            "a line begins with user, topic, pattern or #",
		"usr bob":                 `"usr" is not known here`,
		"topic\tread\ta":          "not a tab",
		"topic read\ta":           "not a tab",
		"topic read a/#/b":        "has a # that is not the whole last level",
		"topic read a#":           "has a # that is not the whole last level",
		"topic deny a+/b":         "has a + that is not a whole level",
		"pattern read +%u/x":      "has a + that is not a whole level",
		"topic read $share/g/a/b": "write topic a/b",
		"topic read $queue/a":     "write topic a",
		"pattern $local/%u":       "write pattern %u",
		"topic read $share/g":     "no filter behind its prefix",
		"topic deny $queue":       "no filter behind its prefix",
		"topic a\x00b":            "zero byte",
		"topic a\xffb":            "UTF-8",
		"topic read a # why":      "has a # that is not the whole last level",
		"\uFEFFtopic a":           "known here",
		"pattern read " + strings.Repeat("a", 70_000): "longer than 65,535 bytes",
	} {
		text := "# first\n" + line + "\ntopic read fine\n"
		got, err := parseACL("the/acl", []byte(text))
		var e *FileError
		switch {
		case !errors.As(err, &e) || e.File != "the/acl" || e.Line != 2 || got != nil:
			t.Errorf("%q: %v, want an error of line 2", line, err)
		case !strings.Contains(err.Error(), words):
			t.Errorf("%q: %v does not say %q", line, err, words)
		case !strings.HasPrefix(err.Error(), "the/acl:2: "):
			t.Errorf("%q: %v does not begin with file and line", line, err)
		}
	}
	if _, err := parseACL("acl", []byte("\uFEFFtopic a")); err == nil || !strings.Contains(err.Error(), "acl:1: ") || !strings.Contains(err.Error(), "byte order mark") {
		t.Error(err)
	}
}

func TestTheListOfTheDocumentationIsOne(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/broker.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "## Rights\n\n```\n")
	list, _, _ := strings.Cut(rest, "```")
	l, err := parseACL("docs", []byte(list))
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	alice := l.rightsOf("alice", "c")
	if !alice.maySubscribe("house/door/#") || alice.maySubscribe("house/#") || !alice.maySubscribe("$SYS/#") || !alice.mayPublish("clients/c/state") {
		t.Error("it does not say what the documentation does")
	}
}

func FuzzACLFile(f *testing.F) {
	for _, text := range []string{"topic read a\nuser b\ntopic deny c/#\npattern %u/%c/+\n", "user", "topic x y", "pattern read $share/g/x", "\uFEFF#"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parseACL("f", text)
		var e *FileError
		if err != nil {
			if !errors.As(err, &e) || e.Line < 1 || e.Line > 1+strings.Count(string(text), "\n") || l != nil {
				t.Fatalf("error %v", err)
			}
			return
		}
		// Written down again it says the same, and line by line too.
		again, err := parseACL("again", []byte(l.text()))
		if err != nil {
			t.Fatalf("%q: %v", l.text(), err)
		}
		if !equalACL(l, again) {
			t.Fatalf("%q is read as %q", text, l.text())
		}
	})
}

// text writes a list down.
func (l *acl) text() string {
	var s strings.Builder
	put := func(r *rules) {
		for word, filters := range map[string][]string{"deny": r.deny, "read": r.read, "write": r.write} {
			for _, f := range filters {
				s.WriteString("topic " + word + " " + f + "\n")
			}
		}
	}
	put(&l.anonymous)
	for _, p := range l.patterns {
		for word, may := range accessNames {
			if may == p.may {
				s.WriteString("pattern " + word + " " + p.filter + "\n")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.users)) {
		s.WriteString("user " + name + "\n")
		r := l.users[name]
		put(&r)
	}
	return s.String()
}

func equalACL(a, b *acl) bool {
	return a.anonymous.equal(&b.anonymous) && slices.Equal(a.patterns, b.patterns) &&
		maps.EqualFunc(a.users, b.users, func(x, y rules) bool { return x.equal(&y) })
}
