package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"gatehouse/broker"
	"gatehouse/devices"
	"gatehouse/devices/wire"
)

// clock tells devices the server's time: when they connect, and every minute.
// Without it a device refuses to open, because it cannot tell how old an order is.
type clock struct {
	broker  *broker.Broker
	control *devices.Control
	log     *slog.Logger

	mu    sync.Mutex
	greet []devices.DeviceID // connected since the last turn
	wake  chan struct{}      // holds one token while greet may not be empty
}

// clockEvery is how often the time is told.
const clockEvery = time.Minute

func newClock(b *broker.Broker, c *devices.Control, log *slog.Logger) *clock {
	return &clock{broker: b, control: c, log: log, wake: make(chan struct{}, 1)}
}

// Greet tells a device that has just connected, soon: it never blocks.
func (c *clock) Greet(id devices.DeviceID) {
	c.mu.Lock()
	c.greet = append(c.greet, id)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// greeted takes the devices that wait for their greeting.
func (c *clock) greeted() []devices.DeviceID {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := c.greet
	c.greet = nil
	return ids
}

// Run tells the time until ctx ends.
func (c *clock) Run(ctx context.Context) error {
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.wake:
			for _, id := range c.greeted() {
				if d, ok := c.control.Registered(id); ok {
					c.tell(ctx, d)
				}
			}
		case <-tick.C:
			for d := range c.control.Online() {
				c.tell(ctx, d)
			}
		}
	}
}

// tell sends the time to a live device; one that is gone by now needs none.
func (c *clock) tell(ctx context.Context, d devices.Device) {
	payload, err := json.Marshal(wire.TimePayload{Now: c.control.OrderClock().UnixMilli()})
	if err != nil {
		c.log.Error("time not told", "error", err)
		return
	}
	m := broker.Message{Topic: wire.Topic(string(d.Site), string(d.ID), wire.Time), Payload: payload}
	if err := c.broker.Send(ctx, broker.ClientID(d.ID), m, func(broker.Delivery) {}); err != nil {
		c.log.Debug("time not told", "device", d.ID, "error", err)
	}
}
