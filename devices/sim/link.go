package sim

import "gatehouse/devices/wire"

// Link carries a device's messages to the broker.
type Link interface {
	// Publish hands the message over without waiting; messages leave in the order
	// of the calls. A message that must arrive comes with done, one per channel at
	// a time: it is called once, from another goroutine, with nil once the message
	// is acknowledged to its QoS, or with an error if that is not known.
	Publish(m Message, done func(error))
}

// Message is one message of a device.
type Message struct {
	Channel wire.Channel `json:"channel"`
	Topic   string       `json:"topic"`
	Payload []byte       `json:"payload"`
	QoS     byte         `json:"qos"`
	Retain  bool         `json:"retain"`
}

// Will is the message that the broker publishes when the device is gone.
func (i Identity) Will() Message {
	return Message{
		Channel: wire.Status,
		Topic:   wire.Topic(i.Site, i.ID, wire.Status),
		Payload: encode(wire.StatusPayload{Status: "offline", Cause: "connection lost"}),
		QoS:     1,
		Retain:  true,
	}
}

// Filters are what the device subscribes to.
func (i Identity) Filters() map[string]byte {
	return map[string]byte{
		wire.Topic(i.Site, i.ID, wire.Command): 1,
		wire.Topic(i.Site, i.ID, wire.Time):    0,
		wire.Topic(i.Site, i.ID, wire.Config):  1,
	}
}
