package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
	"gatehouse/devices"
	"gatehouse/web"
)

// lookout shows people the broker and does there what they want done. What changes
// something is in the audit trail before it is done.
type lookout struct {
	broker  *broker.Broker
	control *devices.Control
	began   time.Time
}

// Clients implements web.BrokerClients.
func (l lookout) Clients() []web.BrokerClient {
	all := l.broker.Clients()
	list := make([]web.BrokerClient, len(all))
	for i := range all {
		list[i] = l.client(&all[i])
	}
	return list
}

// Client implements web.BrokerClients.
func (l lookout) Client(id string) (web.BrokerClientDetail, error) {
	d, ok := l.broker.Client(broker.ClientID(id))
	if !ok {
		return web.BrokerClientDetail{}, noClient("broker.client")
	}
	detail := web.BrokerClientDetail{Client: l.client(&d.ClientInfo), Subscriptions: make([]web.BrokerSubscription, len(d.Subscriptions))}
	if d.Expiry != broker.NeverExpires {
		seconds := int64(d.Expiry / time.Second)
		detail.SessionExpiry = &seconds
	}
	for i, s := range d.Subscriptions {
		detail.Subscriptions[i] = web.BrokerSubscription{
			Filter: s.Filter, QoS: int(s.QoS), NoLocal: s.NoLocal, RetainAsPublished: s.RetainAsPublished,
			RetainHandling: int(s.RetainHandling), Identifier: s.Identifier, Attached: s.Attached,
		}
	}
	return detail, nil
}

func (l lookout) client(i *broker.ClientInfo) web.BrokerClient {
	c := web.BrokerClient{
		Client: string(i.Client), Identity: i.Identity, Address: i.Remote, Listener: i.Listener, Protocol: i.Version.String(),
		Connected: i.Connected, Cause: string(i.Cause), KeepAlive: int64(i.KeepAlive / time.Second),
		Filters: i.Filters, Queued: i.Queued, InFlight: i.InFlight, Dropped: i.Dropped,
		TakeOvers: i.TakeOvers, Contested: i.Contested,
	}
	if !i.Since.IsZero() {
		since := milliseconds(i.Since)
		c.Since = &since
	}
	if i.Identity == deviceIdentity(c.Client) {
		if d, ok := l.control.Registered(devices.DeviceID(c.Client)); ok {
			c.DeviceName = d.Name
		}
	}
	return c
}

// Kick implements web.BrokerClients.
func (l lookout) Kick(ctx context.Context, by devices.Actor, id string, reason web.KickReason) error {
	const op = "broker.kick"
	d, ok := l.broker.Client(broker.ClientID(id))
	if !ok {
		return noClient(op)
	}
	code, known := kickReasons()[reason]
	if !known {
		return &devices.Error{Op: op, Code: devices.Invalid, Field: "reason", Message: "must be a reason of MQTT that the API names"}
	}
	absent := &devices.Error{Op: op, Code: devices.Conflict, Message: "the client is not connected"}
	if !d.Connected {
		return absent
	}
	detail := map[string]any{"reason": string(reason), "identity": d.Identity, "address": d.Remote}
	if err := l.control.Record(ctx, by, op, "client:"+id, detail); err != nil {
		return err
	}
	if !l.broker.Kick(broker.ClientID(id), code) {
		return absent // it left by itself meanwhile
	}
	return nil
}

// kickReasons are the reason codes of MQTT for the words of the API.
func kickReasons() map[web.KickReason]packet.ReasonCode {
	return map[web.KickReason]packet.ReasonCode{
		web.KickAdministrative: packet.AdministrativeAction,
		web.KickNotAuthorized:  packet.NotAuthorized,
		web.KickServerBusy:     packet.ServerBusy,
		web.KickQuota:          packet.QuotaExceeded,
		web.KickRate:           packet.MessageRateTooHigh,
	}
}

// Retained implements web.RetainedMessages.
func (l lookout) Retained(ctx context.Context, filter, after string, limit int) ([]web.Retained, bool, error) {
	if err := checkFilter("broker.retained", filter); err != nil {
		return nil, false, err
	}
	return l.retained(ctx, filter, after, limit)
}

// retained is Retained for a valid filter.
func (l lookout) retained(ctx context.Context, filter, after string, limit int) ([]web.Retained, bool, error) {
	page, err := l.broker.Retained(ctx, filter, after, limit)
	if err != nil {
		return nil, false, err
	}
	list := make([]web.Retained, len(page.Messages))
	for i, m := range page.Messages {
		list[i] = web.Retained{Topic: m.Topic, Payload: m.Payload, QoS: int(m.QoS), ContentType: m.Properties.ContentType, Expires: m.Expires}
	}
	return list, page.More, nil
}

// RetainedAt implements web.RetainedMessages.
func (l lookout) RetainedAt(ctx context.Context, name string) (web.Retained, error) {
	const op = "broker.retained"
	if err := topic.ValidName(name, 0); err != nil {
		return web.Retained{}, &devices.Error{Op: op, Code: devices.Invalid, Field: "topic", Message: err.Error()}
	}
	list, _, err := l.retained(ctx, name, "", 1)
	if err != nil {
		return web.Retained{}, err
	}
	if len(list) == 0 {
		return web.Retained{}, &devices.Error{Op: op, Code: devices.NotFound, Message: "no message is retained on this topic"}
	}
	return list[0], nil
}

// DeleteRetained implements web.RetainedMessages: an empty retained message takes
// the place of the one that is there, and subscribers see it (MQTT-3.3.1-6).
func (l lookout) DeleteRetained(ctx context.Context, by devices.Actor, name string) error {
	m, err := l.RetainedAt(ctx, name)
	if err != nil {
		return err
	}
	if err := l.control.Record(ctx, by, "retained.delete", "topic:"+name, map[string]any{"bytes": len(m.Payload)}); err != nil {
		return err
	}
	return l.broker.Publish(ctx, broker.Message{Topic: name, QoS: 1, Retain: true})
}

// Stats implements web.BrokerCounts.
func (l lookout) Stats() web.BrokerStats {
	s := l.broker.Stats()
	return web.BrokerStats{
		Since: milliseconds(l.began), Connections: s.Connections, Sessions: s.Sessions, Subscriptions: s.Subscriptions,
		Retained: s.Retained, RetainedBytes: s.RetainedBytes, TakeOvers: s.TakeOvers, Contested: s.Contested,
		Received: s.Received, Published: s.Published, Delivered: s.Delivered,
		Refused: byReason(s.Refused), Dropped: byReason(s.Dropped),
	}
}

func byReason(counts map[string]uint64) []web.ReasonCount {
	list := make([]web.ReasonCount, 0, len(counts))
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, web.ReasonCount{Reason: reason, Count: counts[reason]})
	}
	return list
}

func noClient(op string) error {
	return &devices.Error{Op: op, Code: devices.NotFound, Message: "the broker knows no client of this identifier"}
}
