package broker

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

// systemOf reads what a client is sent below $SYS until nothing more is there.
func (c *client) systemOf() map[string]string {
	c.t.Helper()
	values := map[string]string{}
	synctest.Wait()
	for {
		select {
		case p := <-c.in:
			if m, ok := p.(*packet.Publish); ok {
				values[strings.TrimPrefix(m.Topic, sysRoot)] = string(m.Payload)
			}
		default:
			return values
		}
	}
}

func TestTheBrokerSaysHowItIs(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := NewMemoryStore()
				h := newHouse(t, func(o *Options) { o.SysInterval, o.Store = 10*time.Second, store })
				h.rules.of("curious").noRead = []string{"$SYS/#"}
				curious := h.over(v, "curious", keepAlive(0))
				curious.send(&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "$SYS/#"}, {Filter: "#"}, {Filter: "+/broker/uptime"}}})
				if r := expect[*packet.Suback](curious).Reasons; !r[0].Failed() || r[1].Failed() || r[2].Failed() {
					t.Fatal(r)
				}
				c := h.over(v, "c", keepAlive(0))
				c.subscribe(0, "$SYS/#")
				writer := h.over(v, "writer", keepAlive(0))
				writer.send(pub("t", "payload", 1, 1))
				writer.ack(packet.PUBACK, 1)
				time.Sleep(25 * time.Second)
				got := c.systemOf()
				for name, want := range map[string]string{
					"clients/connected": "3", "clients/total": "3", "clients/maximum": "3", "subscriptions/count": "3",
					"publish/messages/received": "1", "publish/bytes/received": "7", "uptime": "20 seconds",
					"clients/takeovers": "0", "clients/contested": "0",
					"refused/subscribe not permitted": "1", "dropped/queue full": "0", "store/full": "0",
				} {
					if got[name] != want {
						t.Errorf("%s: %q, want %q", name, got[name], want)
					}
				}
				if got["bytes/received"] == "" || got["load/publish/received/1min"] == "0.00" || !strings.HasPrefix(got["version"], "gatehouse") {
					t.Errorf("%v", got)
				}
				if m := <-curious.in; m.(*packet.Publish).Topic != "t" || len(curious.in) > 0 {
					t.Errorf("who may not read it got %v", m)
				}
				time.Sleep(10 * time.Second)
				if again := c.systemOf(); again["uptime"] != "30 seconds" || again["clients/total"] != "" {
					t.Errorf("said again although it is as it was: %v", again)
				}
				writer.send(pub("$SYS/broker/uptime", "lie", 0, 0))
				writer.silent()
				if len(c.systemOf()) > 0 {
					t.Error("a client wrote below $SYS")
				}
				if len(store.retained) != 0 {
					t.Errorf("stored: %v", store.retained)
				}
			})
		})
	}
}

func TestASystemValueThatFoundNoRoomComesLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Limits.MaxRetained = 1 })
	if err := h.b.Publish(t.Context(), Message{Topic: "r", Payload: []byte("x"), Retain: true}); err != nil {
		t.Fatal(err)
	}
	y := newSystem(h.b)
	y.tell(0)
	h.b.limits.MaxRetained = 1000
	y.tell(time.Second)
	p, err := h.b.Retained(t.Context(), sysRoot+"version", "", 10)
	if err != nil || len(p.Messages) != 1 {
		t.Fatalf("%v, %v", p, err)
	}
}
