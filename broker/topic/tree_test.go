package topic

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type pair struct {
	filter string
	key    int
}

// The tree against a plain map and the naive match, through random changes.
func TestTreeFindsWhatAPlainListFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tree Tree[int, int]
		model := map[pair]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			p := pair{drawFilter(t, "filter"), rapid.IntRange(0, 20).Draw(t, "key")}
			value, exists := model[p]
			if v, ok := tree.Get(p.filter, p.key); ok != exists || v != value {
				t.Fatalf("Get(%v) is %d, %v, want %d, %v", p, v, ok, value, exists)
			}
			if rapid.IntRange(0, 2).Draw(t, "what") > 0 {
				v := rapid.Int().Draw(t, "value")
				if tree.Set(p.filter, p.key, v) != exists {
					t.Fatalf("Set(%v) does not know whether it replaced", p)
				}
				model[p] = v
			} else {
				if tree.Delete(p.filter, p.key) != exists {
					t.Fatalf("Delete(%v) is not %v", p, exists)
				}
				delete(model, p)
			}
			checkTree(t, &tree, model, drawName(t, "name"))
		}
		for p := range model {
			tree.Delete(p.filter, p.key)
		}
		if tree.Len() != 0 || !tree.root.empty() {
			t.Fatal("nodes are left behind")
		}
	})
}

// A client may ask for the end of a subscription to what is no filter.
func TestWhatIsNoFilterIsNotFoundInTheTree(t *testing.T) {
	t.Parallel()
	var tree Tree[int, int]
	tree.Set("a/#", 1, 1)
	tree.Set("#", 1, 1)
	for _, f := range []string{"a/#/", "a/#/b", "#/", "#/#", "a/#/#", ""} {
		if _, ok := tree.Get(f, 1); ok || tree.Delete(f, 1) {
			t.Errorf("%q was found", f)
		}
	}
	if tree.Len() != 2 {
		t.Errorf("%d filters are left of 2", tree.Len())
	}
}

func checkTree(t *rapid.T, tree *Tree[int, int], model map[pair]int, name string) {
	got, want := map[[2]int]int{}, map[[2]int]int{}
	tree.Match(name, func(k, v int) { got[[2]int{k, v}]++ })
	for p, v := range model {
		if naiveMatch(p.filter, name) {
			want[[2]int{p.key, v}]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q: %s", name, diff)
	}
	if tree.Len() != len(model) {
		t.Fatalf("Len is %d, want %d", tree.Len(), len(model))
	}
}

func TestNamesFindsWhatAPlainListFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tree Names[int]
		model := map[string]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			n := drawName(t, "name")
			_, exists := model[n]
			if v, ok := tree.Get(n); ok != exists || v != model[n] {
				t.Fatalf("Get(%q) = %d, %v", n, v, ok)
			}
			if rapid.IntRange(0, 2).Draw(t, "what") > 0 {
				v := rapid.Int().Draw(t, "value")
				if tree.Put(n, v) != exists {
					t.Fatalf("Put(%q) does not know whether it replaced", n)
				}
				model[n] = v
			} else {
				if tree.Delete(n) != exists {
					t.Fatalf("Delete(%q) is not %v", n, exists)
				}
				delete(model, n)
			}
			checkNames(t, &tree, model, drawFilter(t, "filter"))
		}
		for n := range model {
			tree.Delete(n)
		}
		if tree.Len() != 0 || len(tree.root.children.entries) != 0 {
			t.Fatal("nodes are left behind")
		}
	})
}

func checkNames(t *rapid.T, tree *Names[int], model map[string]int, filter string) {
	got, want := map[string]int{}, maps.Clone(model)
	tree.Match(filter, func(n string, v int) {
		if _, twice := got[n]; twice {
			t.Fatalf("%q twice for %q", n, filter)
		}
		got[n] = v
	})
	maps.DeleteFunc(want, func(n string, _ int) bool { return !naiveMatch(filter, n) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q: %s", filter, diff)
	}
	if tree.Len() != len(model) {
		t.Fatalf("Len is %d, want %d", tree.Len(), len(model))
	}
}

func TestManyOwnersOfOneFilterComeAndGo(t *testing.T) {
	t.Parallel()
	var tree Tree[int, string]
	const n = 1000
	for k := range n {
		tree.Set("a/+", k, strconv.Itoa(k))
	}
	for k := range n {
		if k%100 != 0 && !tree.Delete("a/+", k) {
			t.Fatal(k)
		}
		if tree.Delete("a/+", n+k) || tree.Delete("b", k) || tree.Delete("+/b", k) || tree.Delete("a/+/c", k) {
			t.Fatal("deleted what was never there")
		}
	}
	got := map[int]string{}
	tree.Match("a/x", func(k int, v string) { got[k] = v })
	if len(got) != n/100 || tree.Len() != n/100 || got[500] != "500" {
		t.Errorf("got %v, Len %d", got, tree.Len())
	}
}

func TestDeepHostileTopicsAreHarmless(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("/", MaxLength)
	var tree Tree[int, int]
	var names Names[int]
	tree.Set("a/#", 1, 1)
	names.Put("a/b", 1)
	tree.Match(deep, func(int, int) { t.Error("matched") })
	names.Match(deep, func(string, int) { t.Error("matched") })
	if tree.Delete(deep, 1) || names.Delete(deep) {
		t.Error("deleted")
	}
	if _, ok := names.Get(deep); ok {
		t.Error("found")
	}
	if _, ok := names.Get("a"); ok {
		t.Error("a prefix of a name is no name")
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	var tree Tree[int, int]
	for k := range 100 {
		tree.Set("gatehouse/v1/devices/s/"+strconv.Itoa(k)+"/#", k, k)
		tree.Set("gatehouse/v1/devices/+/+/state", k, k)
	}
	sum := 0
	f := func(_, v int) { sum += v }
	if n := testing.AllocsPerRun(100, func() { tree.Match("gatehouse/v1/devices/s/7/state", f) }); n != 0 {
		t.Errorf("Tree.Match: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = Match("a/+/c/#", "a/b/c/d") }); n != 0 {
		t.Errorf("Match: %v allocations", n)
	}
}
