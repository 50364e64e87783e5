package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker"
	"gatehouse/web"
)

func inTopicView(t *testing.T, test func(t *testing.T, v *topicView)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b, err := broker.New(t.Context(), broker.Options{Authorizer: &authorizer{}})
		if err != nil {
			t.Fatal(err)
		}
		v := &topicView{broker: b}
		test(t, v)
		if err := errors.Join(v.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	})
}

func (v *topicView) say(t *testing.T, topic string) {
	t.Helper()
	if err := v.broker.Publish(t.Context(), broker.Message{Topic: topic, Payload: []byte("m")}); err != nil {
		t.Fatal(err)
	}
}

func (v *topicView) page(t *testing.T, q web.TopicQuery) web.BrokerTopicPage {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 50
	}
	p, err := v.Topics(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTopicsAreWatchedFromTheFirstQuestionUntilAMinuteAfterTheLast(t *testing.T) {
	t.Parallel()
	inTopicView(t, func(t *testing.T, v *topicView) {
		v.say(t, "before")
		if p := v.page(t, web.TopicQuery{}); len(p.Levels) != 0 {
			t.Fatalf("%+v", p)
		}
		v.say(t, "a")
		<-time.After(50 * time.Second)
		v.say(t, "a")
		first := v.page(t, web.TopicQuery{})
		if len(first.Levels) != 1 || first.Levels[0].Messages != 2 || first.Levels[0].PerSecond != 2.0/50 {
			t.Fatalf("%+v", first)
		}
		<-time.After(59 * time.Second)
		if p := v.page(t, web.TopicQuery{}); len(p.Levels) != 1 || !p.Since.Equal(first.Since) {
			t.Fatalf("59 s later: %+v", p)
		}
		<-time.After(topicsSeenFor)
		synctest.Wait()
		if v.watch != nil {
			t.Error("a minute after the last question it goes on")
		}
		if p := v.page(t, web.TopicQuery{}); len(p.Levels) != 0 || !p.Since.After(first.Since) {
			t.Fatalf("a minute after the last question: %+v", p)
		}
	})
}

func TestTopicsThatCouldNotBeReadAreReadByTheNextQuestion(t *testing.T) {
	t.Parallel()
	inTopicView(t, func(t *testing.T, v *topicView) {
		given, up := context.WithCancel(t.Context())
		up()
		if _, err := v.Topics(given, web.TopicQuery{Limit: 1}); !errors.Is(err, context.Canceled) {
			t.Errorf("asked by somebody who has gone: %v", err)
		}
		v.page(t, web.TopicQuery{})
	})
}

func TestTopicsAreFoundByPrefixAndTextSortedAndPaged(t *testing.T) {
	t.Parallel()
	inTopicView(t, func(t *testing.T, v *topicView) {
		v.page(t, web.TopicQuery{})
		for n := range 5 {
			for range n + 1 {
				v.say(t, fmt.Sprintf("site/%d/State", n))
			}
		}
		v.say(t, "other")
		root := v.page(t, web.TopicQuery{})
		if len(root.Levels) != 2 || root.Levels[1].Level != "site" || root.Levels[1].Topics != 5 || root.Levels[1].Messages != 15 || root.Topics != 6 || root.Known != 6 {
			t.Fatalf("%+v", root)
		}
		names := func(p web.BrokerTopicPage) (list string) {
			for _, l := range p.Levels {
				list += l.Level + " "
			}
			return list
		}
		busy := v.page(t, web.TopicQuery{Prefix: "site/", Sort: "rate", Limit: 2, Offset: 1})
		if names(busy) != "3/State 2/State " || busy.Matching != 5 || busy.Levels[0].Topic.Topic != "site/3/State" {
			t.Errorf("%+v", busy)
		}
		if found := v.page(t, web.TopicQuery{Text: "1/sTATE"}); names(found) != "site/1/State " || found.Matching != 1 {
			t.Errorf("%+v", found)
		}
		if beyond := v.page(t, web.TopicQuery{Offset: 9}); beyond.Levels == nil || len(beyond.Levels) != 0 || beyond.Matching != 2 {
			t.Errorf("%+v", beyond)
		}
	})
}
