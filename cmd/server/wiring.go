package main

import (
	"context"
	"log/slog"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/devices"
	"gatehouse/devices/bans"
	"gatehouse/devices/operators"
	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
)

// connect joins broker and domain: what devices say goes to the part that owns
// it, connections to presence, and rights that end cut connections.
func (p *platform) connect(log *slog.Logger) error {
	p.clock = newClock(p.broker, p.control, log)
	owners := map[wire.Channel]func(context.Context, []devices.Report) []error{
		wire.Status:    p.control.HandleReports,
		wire.State:     p.control.HandleReports,
		wire.Telemetry: p.control.HandleReports,
		wire.Event:     p.control.HandleReports,
		wire.Answer:    p.control.HandleReports,
		wire.Billing:   p.control.Owing(p.ledger.Take),
		wire.Picture:   p.control.Owing(p.pictures.Take),
	}
	for channel, take := range owners {
		h := handler(channel, take)
		if channel == wire.Event || channel == wire.Answer {
			h = glancing{h, channel, p.control.Glance}
		}
		if err := p.broker.Handle(wire.Filter(channel), h); err != nil {
			return err
		}
	}
	p.broker.Watch(func(c broker.Presence) {
		if c.Identity != deviceIdentity(string(c.Client)) {
			return // a console or an integrator
		}
		id := devices.DeviceID(c.Client)
		p.control.Presence(id, presence.Change{Up: c.Up, Epoch: c.Epoch, At: c.At, Cause: string(c.Cause), Remote: c.Remote})
		if c.Up {
			p.clock.Greet(id)
		}
	})
	p.credentials.OnChange(func(username string) {
		p.broker.Recheck(deviceIdentity(username))
		p.broker.Recheck(integratorIdentity(username))
		// What is over is known without the store, so that the next one's end does not wait for it.
		if c, err := p.credentials.Known(context.Background(), username); devices.CodeOf(err) == devices.NotFound || c.Over(time.Now()) {
			p.broker.Forget(deviceIdentity(username)) // revoked or over, not replaced: its sessions end too
			p.broker.Forget(integratorIdentity(username))
		}
	})
	p.bans.OnBan(func(b bans.Ban) { shutOut(p.broker, b) })
	withdraw := func(ctx context.Context, by devices.Actor, kind devices.ActorKind, id string, left devices.Reach) {
		if err := p.control.Withdraw(ctx, by, devices.Actor{Kind: kind, ID: id}, left); err != nil {
			log.WarnContext(ctx, "what somebody ordered who may not any more is not known to be taken back", string(kind), id, "err", err)
		}
	}
	p.operators.OnCommandLost(func(ctx context.Context, by devices.Actor, o operators.Operator, left devices.Reach) {
		withdraw(ctx, by, devices.ActorOperator, string(o.ID), left)
		for _, t := range p.apiTokens.Of(o.ID) {
			withdraw(ctx, by, devices.ActorToken, string(t.ID), left)
		}
	})
	p.apiTokens.OnRevoke(func(ctx context.Context, by devices.Actor, t operators.APIToken) {
		withdraw(ctx, by, devices.ActorToken, string(t.ID), devices.Reach{})
	})
	p.operators.OnWatchChange(func(id operators.ID) { p.broker.Recheck(operators.Identity(id)) })
	p.operators.OnSessionEnd(func(h operators.SessionKey) {
		for _, id := range p.tickets.Clients(h) {
			p.broker.Kick(broker.ClientID(id), packet.NotAuthorized)
		}
	})
	return nil
}

// handler turns messages of one channel into reports. The broker let them in, so
// their topics are of the contract; one that is not is the owner's to quarantine.
func handler(channel wire.Channel, take func(context.Context, []devices.Report) []error) broker.Handler {
	return broker.HandlerFunc(func(ctx context.Context, from broker.Sender, batch []broker.Incoming) []error {
		reports := make([]devices.Report, len(batch))
		for i, m := range batch {
			reports[i] = reportOf(channel, from, m)
		}
		return take(ctx, reports)
	})
}

func reportOf(channel wire.Channel, from broker.Sender, m broker.Incoming) devices.Report {
	r := devices.Report{
		Channel: channel, Device: devices.DeviceID(from.Client), Topic: m.Topic, Payload: m.Payload,
		Arrived: m.Arrived, Epoch: from.Epoch,
	}
	if a, err := wire.Parse(m.Topic); err == nil {
		r.Site, r.Device, r.Event = devices.SiteID(a.Site), devices.DeviceID(a.Device), devices.EventID(a.Event)
	}
	return r
}

// glancing is a handler whose messages are seen before their turn: see
// devices.Control.Glance.
type glancing struct {
	broker.Handler
	channel wire.Channel
	glance  func(devices.Report)
}

// Glance implements broker.Glancer.
func (g glancing) Glance(from broker.Sender, m broker.Incoming) {
	g.glance(reportOf(g.channel, from, m))
}

// outlet publishes feeds. A feed is memory only: publishing it waits for nothing.
type outlet struct {
	broker *broker.Broker
	log    *slog.Logger
}

func (o outlet) Put(topic string, payload []byte)  { o.publish(topic, payload, 1, true) }
func (o outlet) Clear(topic string)                { o.publish(topic, nil, 1, true) }
func (o outlet) Tick(topic string, payload []byte) { o.publish(topic, payload, 0, false) }

func (o outlet) publish(topic string, payload []byte, qos packet.QoS, retain bool) {
	m := broker.Message{Topic: topic, Payload: payload, QoS: qos, Retain: retain}
	if err := o.broker.Publish(context.Background(), m); err != nil {
		o.log.Error("feed not published", "topic", topic, "error", err)
	}
}
