package broker

import (
	"context"
	"testing"

	"gatehouse/broker/packet"
)

// limiting lets everybody in with a Grant that retains nothing and takes 4 bytes.
type limiting struct{ gatekeeper }

type limited struct{ *rights }

func (limited) Limit(size int, retain bool) packet.ReasonCode {
	switch {
	case retain:
		return packet.NotAuthorized
	case size > 4:
		return packet.QuotaExceeded
	}
	return packet.Success
}

func (a *limiting) Connect(ctx context.Context, r ConnectRequest) (Grant, error) {
	if _, err := a.gatekeeper.Connect(ctx, r); err != nil {
		return nil, err
	}
	return limited{a.of(r.Username)}, nil
}

func TestALimiterSaysWhatIsPublishedBeyondTheTopic(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		for qos := range packet.QoS(3) {
			h := newHouse(t, func(o *Options) { o.Authorizer = &limiting{} })
			other := h.over(v, "other")
			other.subscribe(qos, "t/#")
			c := h.over(v, "c")
			for topic, p := range map[string]*packet.Publish{"long": pub("t/long", "12345", qos, 1), "kept": retainedPub("t/kept", "1", qos, 2)} {
				c.send(p)
				want := map[string]packet.ReasonCode{"long": packet.QuotaExceeded, "kept": packet.NotAuthorized}[topic]
				if v < packet.V5 {
					want = packet.Success
				}
				if qos == 0 {
					continue
				}
				if a := expect[*packet.Ack](c); a.Reason != want {
					t.Errorf("%v, QoS %d, %s: %v, want %v", v, qos, topic, a.Reason, want)
				}
				if qos == 2 && v < packet.V5 {
					c.send(ackOf(packet.PUBREL, p.ID))
					expect[*packet.Ack](c)
				}
			}
			c.send(pub("t/right", "1234", 0, 0))
			other.message("t/right", "1234")
			if h.b.Stats().Retained != 0 {
				t.Errorf("%v, QoS %d: it is retained", v, qos)
			}
		}
	}
}

func TestALimiterSaysWhatMayBeAWill(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		h := newHouse(t, func(o *Options) { o.Authorizer = &limiting{} })
		for _, w := range []packet.Will{{Topic: "w", Payload: []byte("12345")}, {Topic: "w", Payload: []byte("1"), Retain: true}} {
			if a := wire(t, h.pipe(), v).greet("c", withWill(w)); a.Reason == packet.Success {
				t.Errorf("%v: a will of %d bytes, retained %v, is taken", v, len(w.Payload), w.Retain)
			}
		}
		h.over(v, "c", withWill(packet.Will{Topic: "w", Payload: []byte("1234")}))
	}
}
