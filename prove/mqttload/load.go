package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"gatehouse/prove/mqtt"
)

// load is one run.
type load struct {
	settings
	deadline time.Time
}

// dial connects; every wait on the connection ends with the run.
func (l load) dial(id string, buffer int, change ...func(*mqtt.Connect)) (*mqtt.Conn, error) {
	o := mqtt.Options{Connect: mqtt.Connect{ClientID: id}, ReadBuffer: buffer}
	for _, f := range change {
		f(&o.Connect)
	}
	c, err := mqtt.Dial(l.address, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return c, c.SetDeadline(l.deadline)
}

// dialSubscribed connects and subscribes to one filter.
func (l load) dialSubscribed(id string, buffer int, filter string) (*mqtt.Conn, error) {
	c, err := l.dial(id, buffer)
	if err != nil {
		return nil, err
	}
	return c, c.SubscribeNow(1, byte(l.qos), filter)
}

// dialPersistent is dialSubscribed with a persistent session that is new.
func (l load) dialPersistent(id string, buffer int, filter string) (*mqtt.Conn, error) {
	if err := l.forget(id); err != nil {
		return nil, err
	}
	c, err := l.resume(id, buffer)
	if err != nil {
		return nil, err
	}
	return c, c.SubscribeNow(1, byte(l.qos), filter)
}

// resume connects with a persistent session.
func (l load) resume(id string, buffer int) (*mqtt.Conn, error) {
	return l.dial(id, buffer, func(c *mqtt.Connect) { c.Persistent = true })
}

// forget ends the session of a client and all that waits in it.
func (l load) forget(id string) error {
	c, err := l.dial(id, 128)
	if err != nil {
		return err
	}
	return goodbye(c)
}

// goodbye disconnects and waits until the broker has closed.
func goodbye(c *mqtt.Conn) error {
	defer c.Cut()
	c.Disconnect()
	if err := c.Flush(); err != nil {
		return err
	}
	if p, err := c.Read(); err == nil {
		return fmt.Errorf("the end after DISCONNECT expected, %s came", p.Type)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("the end after DISCONNECT expected: %w", err)
	}
	return nil
}

// device is a connection like that of a device: with a will that is retained.
func (l load) device(name string, number int) (*mqtt.Conn, error) {
	payload := make([]byte, stampSize)
	stamp(payload, number, 0, time.Now())
	return l.dial(fmt.Sprintf("load-%s%d", name, number), 128, func(c *mqtt.Connect) {
		c.KeepAlive = 600
		c.Will = &mqtt.Will{Topic: fmt.Sprintf("%s%s/%d/status", l.prefix, name, number), Payload: payload, QoS: 1, Retain: true}
	})
}
