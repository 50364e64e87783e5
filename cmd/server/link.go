package main

import (
	"context"
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/devices"
	"gatehouse/devices/wire"
)

// link carries commands over the broker to a device's live connection.
type link struct{ broker *broker.Broker }

// Give implements devices.Link.
func (l link) Give(ctx context.Context, to devices.Device, payload []byte, id devices.CommandID, deadline time.Time, report func(devices.LinkReport)) (recall func() bool, err error) {
	m := broker.Message{
		Topic:   wire.Topic(string(to.Site), string(to.ID), wire.Command),
		Payload: payload,
		QoS:     1,
		Expires: deadline,
		Properties: packet.Properties{
			ResponseTopic:   wire.Topic(string(to.Site), string(to.ID), wire.Answer),
			CorrelationData: []byte(id),
		},
	}
	written := false // Send's reports come in order, one at a time
	return l.broker.SendRecallable(ctx, broker.ClientID(to.ID), m, func(d broker.Delivery) {
		switch d.Step {
		case broker.Written:
			written = true
			report(devices.LinkReport{Step: devices.LinkWritten, At: d.At})
		case broker.Acknowledged:
			report(devices.LinkReport{Step: devices.LinkAcknowledged, At: d.At})
		case broker.Ended:
			report(devices.LinkReport{Step: devices.LinkEnded, At: d.At, Cause: string(d.Cause), Wire: written})
		}
	})
}
