package broker

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
)

func seenOn(topics ...string) (list []TopicSeen) {
	for i, name := range topics {
		list = append(list, TopicSeen{Topic: name, Messages: uint64(i + 1), Last: time.Unix(int64(i), 0), Retained: i == 0})
	}
	return list
}

// shownLevels gives each level as its name, with the prefix of what is below it.
func shownLevels(list []TopicLevel) (shown []string) {
	for i := range list {
		text := list[i].Level
		if list[i].Topic != nil {
			text += "."
		}
		if list[i].Prefix != "" {
			text += " > " + list[i].Prefix
		}
		shown = append(shown, text)
	}
	return shown
}

func TestLevelsThatAreTheOnlyWayToGoAreJoined(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prefix string
		topics []string
		want   []string
	}{
		{"", []string{"g/v1/a/x", "g/v1/a/y", "g/v1/b", "h"}, []string{"g/v1 > g/v1/", "h."}},
		{"g/v1/", []string{"g/v1/a/x", "g/v1/a/y", "g/v1/b"}, []string{"a > g/v1/a/", "b."}},
		{"", []string{"a", "a/b", "a/b/c"}, []string{"a. > a/"}},
		{"a/", []string{"a/b", "a/b/c"}, []string{"b. > a/b/"}},
		{"", []string{"only/one/way"}, []string{"only/one/way."}},
		{"", []string{"/", "/x/1", "/x/2"}, []string{" > /"}},
		{"/", []string{"/", "/x/1", "/x/2"}, []string{".", "x > /x/"}},
		{"", []string{"a/", "a"}, []string{"a. > a/"}},
		{"a/", []string{"a/"}, []string{"."}},
		{"", nil, nil},
	} {
		if got := shownLevels(TopicLevels(seenOn(c.topics...), c.prefix, TopicsByName)); !slices.Equal(got, c.want) {
			t.Errorf("%q below %q: %q, want %q", c.topics, c.prefix, got, c.want)
		}
	}
}

func TestALevelHasTheSumOfWhatIsBelowIt(t *testing.T) {
	t.Parallel()
	levels := TopicLevels(seenOn("a", "b/1", "b/2", "c", "b"), "", TopicsByName)
	b := levels[1]
	if b.Level != "b" || b.Topics != 3 || b.Messages != 2+3+5 || b.Retained != 0 || !b.Last.Equal(time.Unix(4, 0)) || b.Topic.Messages != 5 {
		t.Errorf("%+v", b)
	}
	if a := levels[0]; a.Retained != 1 {
		t.Errorf("%+v", a)
	}
	for order, want := range map[TopicOrder]string{TopicsByName: "abc", TopicsByRate: "bca", TopicsByLast: "bca"} {
		got := ""
		for _, l := range TopicLevels(seenOn("a", "b/1", "b/2", "c", "b"), "", order) {
			got += l.Level
		}
		if got != want {
			t.Errorf("by %s: %s, want %s", order, got, want)
		}
	}
}

// walk gives every topic below a prefix, level by level.
func walk(t *testing.T, all []TopicSeen, prefix string) (found []string) {
	var below []TopicSeen
	for _, s := range all {
		if strings.HasPrefix(s.Topic, prefix) {
			below = append(below, s)
		}
	}
	topics := 0
	for _, l := range TopicLevels(below, prefix, TopicsByName) {
		topics += l.Topics
		if l.Topic != nil {
			found = append(found, l.Topic.Topic)
		}
		if l.Prefix != "" {
			if len(l.Prefix) <= len(prefix) {
				t.Fatalf("below %q is %q", prefix, l.Prefix)
			}
			found = append(found, walk(t, all, l.Prefix)...)
		}
	}
	if topics != len(below) {
		t.Fatalf("below %q are %d topics, and its levels have %d", prefix, len(below), topics)
	}
	return found
}

func TestEveryTopicIsFoundOnceByItsLevels(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 0))
	for range prove.Size(200, 5_000) {
		names := make(map[string]bool)
		for range 1 + r.IntN(30) {
			name := make([]byte, 1+r.IntN(7))
			for i := range name {
				name[i] = "/ab"[r.IntN(3)]
			}
			names[string(name)] = true
		}
		var all []TopicSeen
		var want []string
		for name := range names {
			all, want = append(all, TopicSeen{Topic: name}), append(want, name)
		}
		got := walk(t, all, "")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}
