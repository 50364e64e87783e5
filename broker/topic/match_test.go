package topic

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naive is the standard's text (section 4.7) in its plainest form, on lists of
// levels.
func naive(filter, name []string) bool {
	switch {
	case len(filter) == 1 && filter[0] == "#":
		return true
	case len(filter) == 0 || len(name) == 0:
		return len(filter) == len(name)
	case filter[0] == "+" || filter[0] == name[0]:
		return naive(filter[1:], name[1:])
	}
	return false
}

func naiveMatch(filter, name string) bool {
	if strings.HasPrefix(name, "$") && strings.ContainsAny(filter[:1], "+#") {
		return false
	}
	return naive(strings.Split(filter, "/"), strings.Split(name, "/"))
}

func TestMatchKnowsTheExamplesOfTheStandard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		filter, name string
		want         bool
	}{
		{"sport/tennis/player1/#", "sport/tennis/player1", true},
		{"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
		{"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
		{"sport/#", "sport", true},
		{"sport/tennis/+", "sport/tennis/player1", true},
		{"sport/tennis/+", "sport/tennis/player1/ranking", false},
		{"sport/+", "sport", false},
		{"sport/+", "sport/", true},
		{"+/+", "/finance", true},
		{"/+", "/finance", true},
		{"+", "/finance", false},
		{"#", "$SYS/x", false},
		{"+/monitor/Clients", "$SYS/monitor/Clients", false},
		{"$SYS/#", "$SYS", true},
		{"$SYS/monitor/+", "$SYS/monitor/Clients", true},
		{"ACCOUNTS", "Accounts", false},
		{"/finance", "finance", false},
		{"a/$b/#", "a/$b/c", true},
		{"a/+", "a/$b", true},
		{"a/+/#", "a", false},
	}
	for _, tt := range tests {
		if got := Match(tt.filter, tt.name); got != tt.want {
			t.Errorf("Match(%q, %q) = %v", tt.filter, tt.name, got)
		}
		if got := naiveMatch(tt.filter, tt.name); got != tt.want {
			t.Errorf("the model is wrong about %q, %q", tt.filter, tt.name)
		}
	}
}

func TestCoversAndOverlapsAtTheEdges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wide, narrow     string
		covers, overlaps bool
	}{
		{"#", "#", true, true},
		{"+/#", "#", true, true},
		{"#", "+/#", true, true},
		{"a/+/#", "a/#", false, true},
		{"a/#", "a", true, true},
		{"a/#", "a/+/b/#", true, true},
		{"a", "a/#", false, true},
		{"+", "a", true, true},
		{"+", "+/+", false, false},
		{"+/+", "#", false, true},
		{"#", "$SYS/x", false, false},
		{"#", "$SYS/#", false, false},
		{"+/x", "$SYS/x", false, false},
		{"$SYS/#", "$SYS/+", true, true},
		{"$SYS/#", "#", false, false},
		{"$SYS/#", "+/x", false, false},
		{"a/+", "+/b", false, true},
		{"a/b", "a/c", false, false},
		{"a/b/c", "a/b", false, false},
		{"a/b", "a/b/c", false, false},
		{"a/b/#", "a", false, false},
	}
	for _, tt := range tests {
		if got := Covers(tt.wide, tt.narrow); got != tt.covers {
			t.Errorf("Covers(%q, %q) = %v", tt.wide, tt.narrow, got)
		}
		if Overlaps(tt.wide, tt.narrow) != tt.overlaps || Overlaps(tt.narrow, tt.wide) != tt.overlaps {
			t.Errorf("Overlaps(%q, %q) is not %v both ways", tt.wide, tt.narrow, tt.overlaps)
		}
	}
}

// The alphabet is small, so that random filters and names meet.
func drawName(t *rapid.T, label string) string {
	levels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "", "$", "$a"}), 1, 4).
		Filter(func(l []string) bool { return len(l) > 1 || l[0] != "" }).Draw(t, label)
	return strings.Join(levels, "/")
}

func drawFilter(t *rapid.T, label string) string {
	levels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "", "+", "$", "$a"}), 0, 4).Draw(t, label)
	if len(levels) == 0 || rapid.Bool().Draw(t, label+" ends in #") {
		levels = append(levels, "#")
	}
	if f := strings.Join(levels, "/"); f != "" {
		return f
	}
	return "+"
}

func TestMatchIsTheStandardsOnRandomTopics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, n := drawFilter(t, "filter"), drawName(t, "name")
		if ValidFilter(f, 5) != nil || ValidName(n, 4) != nil {
			t.Fatalf("%q or %q is not valid", f, n)
		}
		if got, want := Match(f, n), naiveMatch(f, n); got != want {
			t.Fatalf("Match(%q, %q) = %v", f, n, got)
		}
	})
}

// names lists every name of up to five levels over a small alphabet; "z" stands
// for what no filter here names, and five levels are one more than any filter
// has, so the list decides Covers and Overlaps.
func names() []string {
	alphabet := []string{"a", "z", "", "$"}
	all := append([]string(nil), alphabet...)
	for start := 0; len(all) < 4+16+64+256+1024; {
		end := len(all)
		for _, prefix := range all[start:end] {
			for _, level := range alphabet {
				all = append(all, prefix+"/"+level)
			}
		}
		start = end
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func filters() []string {
	level := []string{"a", "", "+", "$"}
	all := []string{"#"}
	for _, x := range level {
		all = append(all, x, x+"/#")
		for _, y := range level {
			all = append(all, x+"/"+y, x+"/"+y+"/#")
			for _, z := range level {
				all = append(all, x+"/"+y+"/"+z, x+"/"+y+"/"+z+"/#")
			}
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func TestCoversAndOverlapsMeanWhatTheyDoToEveryName(t *testing.T) {
	t.Parallel()
	all, fs := names(), filters()
	matched := make([][]bool, len(fs))
	for i, f := range fs {
		if err := ValidFilter(f, 0); err != nil {
			t.Fatal(err)
		}
		matched[i] = make([]bool, len(all))
		for j, n := range all {
			matched[i][j] = Match(f, n)
		}
	}
	for i, wide := range fs {
		for j, narrow := range fs {
			covers, overlaps := true, false
			for k := range all {
				covers = covers && (matched[i][k] || !matched[j][k])
				overlaps = overlaps || matched[i][k] && matched[j][k]
			}
			if got := Covers(wide, narrow); got != covers {
				t.Errorf("Covers(%q, %q) = %v", wide, narrow, got)
			}
			if got := Overlaps(wide, narrow); got != overlaps {
				t.Errorf("Overlaps(%q, %q) = %v", wide, narrow, got)
			}
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range [][2]string{{"#", "$SYS"}, {"a/#", "a"}, {"+/+", "/"}, {"a/+/c", "a//c"}, {"$share/g/#", "x"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, filter, name string) {
		got := Match(filter, name) // never panics, whatever it is given
		_, _ = Covers(filter, name), Overlaps(filter, name)
		if ValidFilter(filter, 64) != nil || ValidName(name, 64) != nil {
			return
		}
		if got != naiveMatch(filter, name) {
			t.Fatalf("Match(%q, %q) = %v", filter, name, got)
		}
		if Covers(filter, name) != got || Overlaps(filter, name) != got {
			t.Fatalf("a name is a filter that matches itself: %q, %q", filter, name)
		}
		var tree Tree[int, int]
		tree.Set(filter, 1, 1)
		n := 0
		tree.Match(name, func(int, int) { n++ })
		var topics Names[int]
		topics.Put(name, 1)
		m := 0
		topics.Match(filter, func(string, int) { m++ })
		if (n == 1) != got || (m == 1) != got {
			t.Fatalf("tree %d, names %d, want %v for %q, %q", n, m, got, filter, name)
		}
		if !tree.Delete(filter, 1) || !topics.Delete(name) || !tree.root.empty() || len(topics.root.children.entries) > 0 {
			t.Fatal("not empty after the only entry was deleted")
		}
	})
}
