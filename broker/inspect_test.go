package broker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
	"gatehouse/prove"
)

func TestClientShowsWhatItReceives(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c", keep, keepAlive(60))
	c.send(&packet.Subscribe{ID: 1, Properties: packet.Properties{SubscriptionIDs: []uint32{7}}, Subscriptions: []packet.Subscription{
		{Filter: "b/#", QoS: 1, NoLocal: true}, {Filter: "a/+", QoS: 2, RetainAsPublished: true, RetainHandling: 1},
	}})
	expect[*packet.Suback](c)
	if err := h.b.Attach(t.Context(), "c", "a/group", 1); err != nil {
		t.Fatal(err)
	}
	d, ok := h.b.Client("c")
	want := []ClientSubscription{
		{Subscription: packet.Subscription{Filter: "a/+", QoS: 2, RetainAsPublished: true, RetainHandling: 1}, Identifier: 7},
		{Subscription: packet.Subscription{Filter: "a/group", QoS: 1}, Attached: true},
		{Subscription: packet.Subscription{Filter: "b/#", QoS: 1, NoLocal: true}, Identifier: 7},
	}
	if diff := cmp.Diff(want, d.Subscriptions); !ok || diff != "" {
		t.Errorf("found %v: %s", ok, diff)
	}
	if d.Client != "c" || !d.Connected || d.KeepAlive != time.Minute || d.Filters != 2 || d.Expiry != time.Hour {
		t.Errorf("got %+v", d)
	}
	if d, ok := h.b.Client("nobody"); ok {
		t.Errorf("nobody is %+v", d)
	}
}

// retainAll has each topic retained, with itself as payload.
func retainAll(t testing.TB, b *Broker, topics ...string) {
	t.Helper()
	for _, name := range topics {
		if err := b.Publish(t.Context(), Message{Topic: name, Payload: []byte(name), QoS: 1, Retain: true}); err != nil {
			t.Fatal(err)
		}
	}
}

func topicsOf(p RetainedPage) (list []string) {
	for _, m := range p.Messages {
		list = append(list, m.Topic)
	}
	return list
}

func TestRetainedPagesAreTheMatchingMessagesInOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 0))
	var all []string
	for range 3000 {
		name := fmt.Sprint([]string{"a", "b", "$x", "c/d"}[r.IntN(4)], "/", r.IntN(900))
		if r.IntN(3) == 0 {
			name += "/end"
		}
		all = append(all, name)
	}
	retainAll(t, h.b, all...)
	slices.Sort(all)
	all = slices.Compact(all)
	for _, filter := range []string{"#", "a/+", "+/+/end", "c/#", "$x/+", "a/1", "nothing/#"} {
		var want, got []string
		for _, name := range all {
			if topic.Match(filter, name) {
				want = append(want, name)
			}
		}
		for after, more := "", true; more; {
			page, err := h.b.Retained(t.Context(), filter, after, 1+r.IntN(400))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, topicsOf(page)...)
			if more = page.More; more {
				after = got[len(got)-1]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", filter, diff)
		}
	}
}

func TestRetainedShowsTheMessageAndNotWhatHasEnded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	h := newHouse(t, func(o *Options) { o.Now = func() time.Time { return now } })
	put := func(name string, life time.Duration) {
		m := Message{Topic: name, Payload: []byte{0xff}, QoS: 2, Retain: true, Properties: packet.Properties{ContentType: "x"}, Expires: now.Add(life)}
		if err := h.b.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	put("r/long", time.Hour)
	put("r/short", time.Second)
	put("r/gone", time.Hour)
	now = now.Add(time.Minute)
	if err := h.b.Publish(t.Context(), Message{Topic: "r/gone", Retain: true}); err != nil {
		t.Fatal(err)
	}
	page, err := h.b.Retained(t.Context(), "#", "", 10)
	if err != nil || page.More || !slices.Equal(topicsOf(page), []string{"r/long"}) {
		t.Fatalf("%+v, %v", page, err)
	}
	if m := page.Messages[0]; m.QoS != 2 || string(m.Payload) != "\xff" || m.Properties.ContentType != "x" || !m.Expires.Equal(now.Add(59*time.Minute)) {
		t.Errorf("got %+v", m)
	}
}

func TestRetainedRefusesWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	retainAll(t, h.b, "a")
	if _, err := h.b.Retained(t.Context(), "a/#/b", "", 10); err == nil {
		t.Error("a wrong filter was accepted")
	}
	if _, err := h.b.Retained(t.Context(), "a", "", 0); err == nil {
		t.Error("limit 0 was accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.b.Retained(ctx, "a", "", 10); !errors.Is(err, context.Canceled) {
		t.Errorf("a search that nobody waits for: %v", err)
	}
}

// Whoever looks through all retained messages holds nobody up.
func TestLookingThroughRetainedMessagesLeavesTheBrokerFree(t *testing.T) {
	t.Parallel()
	n := prove.Size(30_000, 1_000_000)
	h := newHouse(t, func(o *Options) { o.Limits.MaxRetained = n + 1 })
	for i := range n {
		retainAll(t, h.b, fmt.Sprint("flat/", i))
	}
	looked := make(chan RetainedPage)
	var took time.Duration
	go func() {
		begun := time.Now()
		page, err := h.b.Retained(t.Context(), "#", "flat/5", 100)
		if err != nil {
			t.Error(err)
		}
		took = time.Since(begun)
		looked <- page
	}()
	var longest time.Duration
	turns := 0
	for {
		select {
		case page := <-looked:
			if len(page.Messages) != 100 || !page.More || page.Messages[0].Topic != "flat/50" {
				t.Errorf("%d messages from %q", len(page.Messages), page.Messages[0].Topic)
			}
			prove.Record(t, fmt.Sprintf("a look through %d retained messages holds nobody up", n), "a turn waits at most 50 ms",
				fmt.Sprintf("%v at most, %d turns meanwhile; the look took %v", longest, turns, took))
			if prove.Full() && longest > 50*time.Millisecond {
				t.Errorf("a turn waited %v", longest)
			}
			return
		default:
			begun := time.Now()
			retainAll(t, h.b, "elsewhere")
			longest = max(longest, time.Since(begun))
			turns++
		}
	}
}
