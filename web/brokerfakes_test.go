package web

import (
	"context"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// mqttBroker is the broker: d1 is a client of it, and a is retained.
type mqttBroker struct {
	err     error
	actor   devices.Actor
	asked   any
	kicked  string
	reason  KickReason
	deleted string
	trace   NewTrace
	stopped bool
}

func brokerClient() BrokerClient {
	at := noon
	return BrokerClient{
		Client: "d1", Identity: "device:d1", DeviceName: "North in", Address: "192.0.2.7:4711", Listener: "mqtt", Protocol: "5.0", Connected: true,
		Since: &at, Cause: "kicked", KeepAlive: 60, Filters: 2, Queued: 3, InFlight: 1, Dropped: 4, TakeOvers: 5, Contested: true,
	}
}

func (b *mqttBroker) Clients() []BrokerClient {
	return []BrokerClient{
		brokerClient(),
		{Client: "zeta", Identity: "integrator:i1", Address: "198.51.100.1:9", Protocol: "3.1.1", Connected: true, Dropped: 9},
		{Client: "abc", Identity: "integrator:i1", Protocol: "3.1.1", Queued: 8},
	}
}

func (b *mqttBroker) Client(id string) (BrokerClientDetail, error) {
	b.asked = id
	if id == "nobody" {
		return BrokerClientDetail{}, refusal(devices.NotFound, "", "there is no such client")
	}
	hour := int64(3600)
	return BrokerClientDetail{Client: brokerClient(), SessionExpiry: &hour, Subscriptions: []BrokerSubscription{{Filter: "a/#", QoS: 1, Identifier: 7}}}, b.err
}

func (b *mqttBroker) Kick(_ context.Context, by devices.Actor, id string, reason KickReason) error {
	b.actor, b.kicked, b.reason = by, id, reason
	return b.err
}

func (b *mqttBroker) Retained(_ context.Context, filter, after string, limit int) (list []Retained, more bool, err error) {
	b.asked = [3]any{filter, after, limit}
	return []Retained{
		{Topic: "a", Payload: []byte("open"), QoS: 1, ContentType: "text/plain", Expires: noon.Add(time.Hour)},
		{Topic: "b", Payload: []byte{0xff, 0xfe}},
	}, true, b.err
}

func (b *mqttBroker) RetainedAt(_ context.Context, topic string) (Retained, error) {
	if topic != "a" {
		return Retained{}, refusal(devices.NotFound, "", "nothing is retained there")
	}
	return Retained{Topic: "a", Payload: []byte("open"), QoS: 1}, b.err
}

func (b *mqttBroker) DeleteRetained(_ context.Context, by devices.Actor, topic string) error {
	b.actor, b.deleted = by, topic
	return b.err
}

func (b *mqttBroker) Stats() BrokerStats {
	return BrokerStats{
		Since: noon, Connections: 1, Sessions: 2, Subscriptions: 3, Retained: 4, RetainedBytes: 5, Received: 6, Published: 7, Delivered: 8,
		Refused: []ReasonCount{{"login", 9}}, Dropped: []ReasonCount{{"queue full", 10}}, TakeOvers: 11, Contested: 12,
	}
}

func (b *mqttBroker) Topics(_ context.Context, q TopicQuery) (BrokerTopicPage, error) {
	b.asked = q
	at := noon
	topic := BrokerTopic{Topic: "a", Messages: 3, PerSecond: 1.5, Last: &at, Size: 4, QoS: 1, From: "d1", Retained: true, Subscriptions: 2}
	return BrokerTopicPage{
		Since: noon, Matching: 9, Topics: 10, Known: 11, Others: 12, Unlisted: true,
		Levels: []BrokerTopicLevel{{Level: "a", Prefix: "a/", Topics: 2, Retained: 1, Messages: 5, PerSecond: 2.5, Last: &at, Topic: &topic}},
	}, b.err
}

func (b *mqttBroker) IssueTest(_ context.Context, by devices.Actor, s operators.Session) (Ticket, error) {
	b.actor, b.asked = by, s.Key
	return Ticket{ClientID: "console-test-1", Username: "console", Password: "secret", Filters: []string{"test/#"}, Expires: noon}, b.err
}

func (b *mqttBroker) StartTrace(_ context.Context, by devices.Actor, q NewTrace) (Trace, error) {
	b.actor, b.trace = by, q
	t, _ := b.Trace()
	return t, b.err
}

func (b *mqttBroker) Trace() (Trace, bool) {
	return Trace{
		Client: b.trace.Client, Filter: b.trace.Filter, StartedBy: "Wang", Started: noon, Ends: noon.Add(time.Minute), Running: true, Missed: 1,
		Events: []TraceStep{{At: noon, Message: 7, Step: "matched", From: "d1", Client: "", Topic: "a", QoS: 1, Size: 4, Receivers: 2}},
	}, b.trace != NewTrace{}
}

func (b *mqttBroker) StopTrace(_ context.Context, by devices.Actor) error {
	b.actor, b.stopped = by, true
	return b.err
}
