package topic

import (
	"slices"
	"strings"
	"testing"
)

// FuzzTree: a tree that was changed in any way finds what a plain list finds.
// A script is lines: a filter is set, one behind "-" is deleted, one behind "?" is a
// name to look for.
func FuzzTree(f *testing.F) {
	f.Add("a/b\n+/b\n#\n?a/b\n-+/b\n?a/b")
	f.Add("a/#\na\n?a\n?a/\n-a/#\n?a")
	f.Add("+/+\n/+\n+\n?/a\n?a/\n-/+\n?/")
	f.Add("$SYS/#\n#\n+/x\n?$SYS/x\n?$SYS")
	f.Fuzz(func(t *testing.T, script string) {
		var tree Tree[int, string]
		var list []string // filters, in no order
		for key, line := range strings.Split(script, "\n") {
			if key == 200 {
				return
			}
			switch rest := strings.TrimLeft(line, "-?"); {
			case strings.HasPrefix(line, "?"):
				if ValidName(rest, 64) == nil {
					sameAsList(t, &tree, list, rest)
				}
			case strings.HasPrefix(line, "-"):
				i := slices.Index(list, rest)
				if had := tree.Delete(rest, 1); had != (i >= 0) {
					t.Fatalf("Delete(%q) = %v", rest, had)
				}
				if i >= 0 {
					list = slices.Delete(list, i, i+1)
				}
			case ValidFilter(rest, 64) == nil:
				if had := tree.Set(rest, 1, rest); had != slices.Contains(list, rest) {
					t.Fatalf("Set(%q) = %v", rest, had)
				}
				if !slices.Contains(list, rest) {
					list = append(list, rest)
				}
			}
		}
		if tree.Len() != len(list) {
			t.Fatalf("%d filters, want %d", tree.Len(), len(list))
		}
		for _, filter := range list {
			tree.Delete(filter, 1)
		}
		if !tree.root.empty() {
			t.Fatal("nodes are left behind")
		}
	})
}

func sameAsList(t *testing.T, tree *Tree[int, string], list []string, name string) {
	t.Helper()
	var got, want []string
	tree.Match(name, func(_ int, filter string) { got = append(got, filter) })
	for _, filter := range list {
		if naiveMatch(filter, name) {
			want = append(want, filter)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("%q is matched by %q, want %q", name, got, want)
	}
}
