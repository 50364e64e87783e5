package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"gatehouse/devices/sim"
)

// mqttLink is the sim.Link over one device's connection. A message that must
// arrive stays with the MQTT session over lost connections: its QoS flow goes on
// where it stopped.
type mqttLink struct {
	manager *autopaho.ConnectionManager
	life    context.Context // of the line, not of one connection
	log     *slog.Logger
}

// Publish implements sim.Link.
func (l *mqttLink) Publish(m sim.Message, done func(error)) {
	p := &paho.Publish{Topic: m.Topic, Payload: m.Payload, QoS: m.QoS, Retain: m.Retain}
	if done == nil {
		if err := l.manager.PublishViaQueue(l.life, &autopaho.QueuePublish{Publish: p}); err != nil {
			l.log.Error("message not queued", "topic", m.Topic, "err", err)
		}
		return
	}
	go func() { done(l.publish(p)) }()
}

// publish returns once the message is acknowledged to its QoS.
func (l *mqttLink) publish(p *paho.Publish) error {
	response, err := l.manager.Publish(l.life, p)
	if err != nil {
		return err
	}
	if response.ReasonCode >= 0x80 {
		return fmt.Errorf("the broker answered 0x%02X", response.ReasonCode)
	}
	return nil
}
