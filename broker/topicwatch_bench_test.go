package broker

import (
	"fmt"
	"testing"

	"gatehouse/broker/packet"
)

// What a watch of topics costs a message: of the program, where the message is all
// there is, and in a stream over sockets.
func BenchmarkTopicWatch(b *testing.B) {
	for _, watched := range []bool{false, true} {
		name := map[bool]string{false: "unwatched", true: "watched"}[watched]
		b.Run("Publish/"+name, func(b *testing.B) {
			h := newHouse(b, nil)
			topics := manyTopics(h, watched)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				if err := h.b.Publish(b.Context(), Message{Topic: topics[n%len(topics)]}); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
		b.Run("Flow/"+name, func(b *testing.B) {
			const burst = 100
			s := newStream(b, packet.QoS(1), 1, burst)
			defer s.end()
			manyTopics(&house{t: b, b: s.b}, watched)
			s.run(b)
			b.ReportAllocs()
			for b.Loop() {
				s.run(b)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*burst), "ns/message")
		})
	}
}

// manyTopics begins a watch, if one is wanted, and has it know half of what it may.
func manyTopics(h *house, watched bool) (topics []string) {
	if watched {
		h.watchTopics()
	}
	for n := range maxWatchedTopics / 2 {
		topics = append(topics, fmt.Sprint("gatehouse/v1/devices/site/", n, "/telemetry"))
		h.say(topics[n], "m", 0)
	}
	return topics
}

// BenchmarkTopicWatchLook is what a page costs whoever looks at it, with as many
// topics as a watch keeps.
func BenchmarkTopicWatchLook(b *testing.B) {
	h := newHouse(b, nil)
	w := h.watchTopics()
	for n := range maxWatchedTopics {
		h.say(fmt.Sprint("gatehouse/v1/devices/site/", n, "/telemetry"), "m", 0)
	}
	for b.Loop() {
		view, err := w.Topics(b.Context(), func(string) bool { return true })
		if err != nil || len(TopicLevels(view.Topics, "gatehouse/v1/devices/site/", TopicsByRate)) != maxWatchedTopics {
			b.Fatal(len(view.Topics), err)
		}
	}
}
