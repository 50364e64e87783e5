package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"gatehouse/broker/packet"
)

// Serve accepts connections until ctx ends, the broker is closed, or the store
// fails, and closes the listener. The connections go on until Close. It returns
// nil at the end of ctx, otherwise why it ended. Several listeners may be served
// at once.
func (b *Broker) Serve(ctx context.Context, l net.Listener) error {
	return b.serve(ctx, l, b.front)
}

// ServeWith is Serve with rights and limits of its own for this listener.
func (b *Broker) ServeWith(ctx context.Context, l net.Listener, o Listener) error {
	return b.serve(ctx, l, b.entrance(o))
}

func (b *Broker) serve(ctx context.Context, l net.Listener, via *entrance) error {
	defer l.Close()
	if !b.beginServe() {
		return ErrClosed
	}
	ended := make(chan struct{})
	defer close(ended)
	b.spawn(func() {
		select {
		case <-ctx.Done():
		case <-b.ctx.Done():
		case <-b.broken:
		case <-ended:
		}
		_ = l.Close() // ends Accept
	})
	defer b.running.Done()
	return b.accept(ctx, l, via)
}

func (b *Broker) beginServe() bool {
	t := b.turn()
	defer t.end()
	if b.closing {
		return false
	}
	b.start()
	b.running.Add(1)
	return true
}

// accept serves what comes. When there are no descriptors left it waits a little:
// they come back.
func (b *Broker) accept(ctx context.Context, l net.Listener, via *entrance) error {
	const pause = 50 * time.Millisecond
	for {
		nc, err := l.Accept()
		if err == nil {
			b.spawn(func() { b.serveConn(nc, via) })
			continue
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case b.ctx.Err() != nil:
			return ErrClosed
		case errors.Is(err, net.ErrClosed):
			if broken := b.storeError(); broken != nil {
				return broken
			}
			return fmt.Errorf("broker: accept: %w", err)
		}
		b.log.Error("accept failed: trying again", "listener", via.Name, "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		case <-b.ctx.Done():
		}
	}
}

func (b *Broker) storeError() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.commit.broken
}

// beginClose ends the connections; false if that was done before.
func (b *Broker) beginClose() bool {
	t := b.turn()
	defer t.end()
	if b.closing {
		return false
	}
	b.closing = true
	for c := range b.conns {
		t.drop(c, CauseShutdown, packet.ServerShuttingDown)
	}
	return true
}
