package main

import (
	"bytes"
	"context"

	"gatehouse/broker"
	"gatehouse/devices"
	"gatehouse/devices/wire"
)

// shelf is where devices find how they are wanted to be: retained on their channel
// config.
type shelf struct{ broker *broker.Broker }

// PutConfig implements devices.ConfigOutlet. What lies there already is not put
// again: no device is told twice because the server started.
func (s shelf) PutConfig(ctx context.Context, to devices.Device, payload []byte) error {
	m := broker.Message{
		Topic: wire.Topic(string(to.Site), string(to.ID), wire.Config), Payload: payload, QoS: 1, Retain: true,
	}
	lies, err := s.broker.Retained(ctx, m.Topic, "", 1)
	if err != nil {
		return err
	}
	var there []byte
	if len(lies.Messages) > 0 {
		there = lies.Messages[0].Payload
	}
	if bytes.Equal(there, payload) {
		return nil
	}
	return s.broker.Publish(ctx, m)
}
