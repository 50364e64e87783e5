package broker

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// TopicLevel is one level of the tree of topics, with what is below it. Levels that
// are the only way to go are joined: "gatehouse/v1" is one.
type TopicLevel struct {
	Level  string // name, behind the prefix that was asked for
	Prefix string // with which the levels below it begin; empty: there are none
	// Of the topic that ends here and those below:
	Topics   int
	Retained int
	Messages uint64
	Last     time.Time // zero: no message has come
	// Topic is the one that ends here; nil if none does.
	Topic *TopicSeen

	first  *TopicSeen // of those that were added
	common string     // of the names of those below: all but their last level, as far as they agree
}

// TopicOrder is how levels are sorted.
type TopicOrder string

// The orders of levels. Equal ones follow each other by name.
const (
	TopicsByName TopicOrder = "name"
	TopicsByRate TopicOrder = "rate" // the most messages first
	TopicsByLast TopicOrder = "last" // the newest message first
)

// TopicLevels puts topics that all begin with the prefix into the levels below it. The
// prefix is empty or ends with a slash.
func TopicLevels(list []TopicSeen, prefix string, order TopicOrder) []TopicLevel {
	found := make(map[string]*TopicLevel)
	for i := range list {
		rest := strings.TrimPrefix(list[i].Topic, prefix)
		name, _, _ := strings.Cut(rest, "/")
		l := found[name]
		if l == nil {
			l = &TopicLevel{Level: name}
			found[name] = l
		}
		l.add(&list[i], rest)
	}
	levels := make([]TopicLevel, 0, len(found))
	for _, l := range found {
		levels = append(levels, l.joined(prefix))
	}
	slices.SortFunc(levels, func(x, y TopicLevel) int {
		return cmp.Or(order.compare(&x, &y), cmp.Compare(x.Level, y.Level), cmp.Compare(x.Prefix, y.Prefix))
	})
	return levels
}

func (o TopicOrder) compare(x, y *TopicLevel) int {
	switch o {
	case TopicsByRate:
		return cmp.Compare(y.Messages, x.Messages)
	case TopicsByLast:
		return y.Last.Compare(x.Last)
	}
	return 0
}

// add counts a topic; rest is its name behind the prefix.
func (l *TopicLevel) add(s *TopicSeen, rest string) {
	l.Topics++
	l.Messages += s.Messages
	if s.Retained {
		l.Retained++
	}
	if s.Last.After(l.Last) {
		l.Last = s.Last
	}
	if l.first == nil {
		l.first = s
	}
	switch {
	case rest == l.Level:
		l.Topic = s
	case l.common == "":
		l.common = rest[:strings.LastIndexByte(rest, '/')+1]
	default:
		for !strings.HasPrefix(rest, l.common) { // this ends: the first level agrees
			l.common = l.common[:strings.LastIndexByte(l.common[:len(l.common)-1], '/')+1]
		}
	}
}

// joined is the level with those behind it that are the only way to go.
func (l *TopicLevel) joined(prefix string) TopicLevel {
	j := *l
	switch {
	case l.Topics == 1:
		j.Level, j.Topic = strings.TrimPrefix(l.first.Topic, prefix), l.first
	case l.Topic == nil:
		j.Level, j.Prefix = strings.TrimSuffix(l.common, "/"), prefix+l.common
	default:
		j.Prefix = prefix + l.Level + "/"
	}
	return j
}
