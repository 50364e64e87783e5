package broker

import (
	"context"
	"fmt"
	"net"
	"testing"

	"gatehouse/broker/packet"
)

// A program that greets a client as soon as it hears of it must not overtake the
// CONNACK (MQTT-3.2.0-1).
func TestConnackComesBeforeWhatIsSentToAClientThatHasJustComeUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
	greet := make(chan ClientID, 100)
	h.b.Watch(func(p Presence) {
		if p.Up {
			greet <- p.Client
		}
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for id := range greet {
			if err := h.b.Send(context.Background(), id, Message{Topic: "hello", Payload: []byte(id)}, func(Delivery) {}); err != nil {
				t.Errorf("send to %s: %v", id, err)
			}
		}
	}()
	defer func() { close(greet); <-ended }()
	address := h.listen()
	for i := range 200 {
		id := fmt.Sprint("c", i)
		nc, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c := wire(t, nc, packet.V5)
		c.mustGreet(id, keep)
		c.message("hello", id)
	}
}
