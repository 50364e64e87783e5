package web

import (
	"context"
	"time"

	"gatehouse/devices"
)

func aBatch() devices.Batch {
	return devices.Batch{
		ID: "b1", Site: "s1", Zone: "z1", Action: devices.ActionOpen, Reason: "moving in", Actor: wang, Issued: noon, TTL: 5 * time.Second,
		Members: []devices.Member{{Device: "d1", Command: "c1"}, {Device: "d2", Command: "c2", Code: devices.Refused, Problem: "locked down by Wang"}},
	}
}

func (c *control) SendBatch(_ context.Context, a devices.Actor, r devices.BatchRequest) (devices.BatchResult, error) {
	c.actor, c.asked = a, r
	return devices.BatchResult{Batch: aBatch(), Commands: []devices.Command{openCommand(), {}}}, c.err
}

func (c *control) CancelBatch(ctx context.Context, a devices.Actor, id devices.BatchID) (devices.BatchResult, error) {
	c.actor = a
	return c.Batch(ctx, id)
}

func (c *control) Cancel(ctx context.Context, a devices.Actor, id devices.CommandID) (devices.Command, error) {
	c.actor = a
	if c.err != nil {
		return devices.Command{}, c.err
	}
	return c.Command(ctx, id)
}

func (c *control) Batch(_ context.Context, id devices.BatchID) (devices.BatchResult, error) {
	if id != "b1" {
		return devices.BatchResult{}, refusal(devices.NotFound, "", "batch "+string(id)+" does not exist")
	}
	return devices.BatchResult{Batch: aBatch(), Commands: []devices.Command{openCommand(), {}}}, nil
}

func (c *control) Batches(_ context.Context, q devices.BatchQuery) ([]devices.Batch, error) {
	c.asked = q
	return []devices.Batch{aBatch()}, nil
}
