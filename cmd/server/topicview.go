package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"gatehouse/broker"
	"gatehouse/web"
)

// topicsSeenFor is how long topics are watched after the last question about them.
const topicsSeenFor = time.Minute

// topicView shows people the topics of the broker. All who look share one watch, which
// begins with the first question and ends a minute after the last.
type topicView struct {
	broker *broker.Broker

	mu    sync.Mutex
	watch *broker.TopicWatch // nil: nobody looks
	until time.Time
	timer *time.Timer
}

// Topics implements web.BrokerTopics.
func (v *topicView) Topics(ctx context.Context, q web.TopicQuery) (web.BrokerTopicPage, error) {
	w, err := v.look(ctx)
	if err != nil {
		return web.BrokerTopicPage{}, err
	}
	text := strings.ToLower(q.Text)
	seen, err := w.Topics(ctx, func(topic string) bool {
		return strings.HasPrefix(topic, q.Prefix) && (text == "" || strings.Contains(strings.ToLower(topic), text))
	})
	if err != nil {
		return web.BrokerTopicPage{}, err
	}
	levels := broker.TopicLevels(seen.Topics, q.Prefix, broker.TopicOrder(q.Sort))
	page := web.BrokerTopicPage{
		Since: milliseconds(w.Began()), Levels: []web.BrokerTopicLevel{}, Matching: len(levels), Topics: len(seen.Topics),
		Known: seen.Known, Others: seen.Others, Unlisted: seen.Unlisted,
	}
	passed := max(seen.Passed.Seconds(), 1)
	from := min(q.Offset, len(levels))
	for i := range levels[from:min(from+q.Limit, len(levels))] {
		page.Levels = append(page.Levels, v.level(&levels[from+i], passed))
	}
	return page, nil
}

// look gives the watch, which goes on for a minute.
func (v *topicView) look(ctx context.Context) (*broker.TopicWatch, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.until = time.Now().Add(topicsSeenFor)
	if v.watch == nil {
		w, err := v.broker.WatchTopics(ctx)
		if err != nil {
			return nil, err
		}
		v.watch, v.timer = w, time.AfterFunc(topicsSeenFor, v.lapse)
	}
	return v.watch, nil
}

// lapse ends the watch if nobody has asked for a minute.
func (v *topicView) lapse() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if left := time.Until(v.until); v.watch != nil && left > 0 {
		v.timer.Reset(left)
		return
	}
	v.end()
}

// Close ends the watch.
func (v *topicView) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.end()
	return nil
}

// end is Close; the lock is held.
func (v *topicView) end() {
	if v.watch != nil {
		v.timer.Stop()
		v.watch.Stop()
		v.watch = nil
	}
}

// level is a level as the API shows it; passed is how many seconds were counted.
func (v *topicView) level(l *broker.TopicLevel, passed float64) web.BrokerTopicLevel {
	shown := web.BrokerTopicLevel{
		Level: l.Level, Prefix: l.Prefix, Topics: l.Topics, Retained: l.Retained, Messages: l.Messages,
		PerSecond: float64(l.Messages) / passed, Last: momentOrNull(l.Last),
	}
	if s := l.Topic; s != nil {
		shown.Topic = &web.BrokerTopic{
			Topic: s.Topic, Messages: s.Messages, PerSecond: float64(s.Messages) / passed, Last: momentOrNull(s.Last),
			Size: s.Size, QoS: int(s.QoS), From: string(s.From), Retained: s.Retained, Subscriptions: v.broker.Subscriptions(s.Topic),
		}
	}
	return shown
}

// momentOrNull is a time as the API writes it; null for the zero time.
func momentOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = milliseconds(t)
	return &t
}
