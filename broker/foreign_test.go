package broker

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	paho5 "github.com/eclipse/paho.golang/paho"
	paho3 "github.com/eclipse/paho.mqtt.golang"

	"gatehouse/prove"
)

// tool finds a program of the mosquitto-clients package.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not there: install the package mosquitto-clients (make test does, as root on Debian)", name)
	}
	return path
}

func TestMosquittoClientsTalkToTheBroker(t *testing.T) {
	t.Parallel()
	sub, pub := tool(t, "mosquitto_sub"), tool(t, "mosquitto_pub")
	for _, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
		for _, qos := range []string{"0", "1", "2"} {
			t.Run(version+"/QoS"+qos, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
				host, port, err := net.SplitHostPort(h.listen())
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				common := []string{"-h", host, "-p", port, "-V", version, "-q", qos, "-u", "u", "-t"}
				reader := exec.CommandContext(ctx, sub, append(common, "a/#", "-i", "reader", "-C", "3", "-F", "%t %p")...)
				var out bytes.Buffer
				reader.Stdout, reader.Stderr = &out, &out
				if err := reader.Start(); err != nil {
					t.Fatal(err)
				}
				prove.Eventually(t, "subscribed", func() bool { return h.b.Stats().Subscriptions == 1 })
				for i := range 3 {
					args := append(common, fmt.Sprint("a/", i), "-i", "writer", "-m", fmt.Sprint("m", i))
					if said, err := exec.CommandContext(ctx, pub, args...).CombinedOutput(); err != nil {
						t.Fatalf("mosquitto_pub: %v: %s", err, said)
					}
				}
				if err := reader.Wait(); err != nil || out.String() != "a/0 m0\na/1 m1\na/2 m2\n" {
					t.Fatalf("mosquitto_sub: %v: %q", err, out.String())
				}
			})
		}
	}
}

func TestMosquittoIsToldWhyItMayNotConnect(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	host, port, err := net.SplitHostPort(h.listen())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	said, err := exec.CommandContext(ctx, tool(t, "mosquitto_pub"), "-h", host, "-p", port, "-u", "u", "-P", "wrong", "-t", "t", "-m", "x").CombinedOutput()
	if err == nil || !bytes.Contains(said, []byte("bad user name or password")) {
		t.Fatalf("%v: %s", err, said)
	}
}

func TestPahoForThreeKeepsItsSessionThroughAReconnect(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
	got := make(chan string, 100)
	options := paho3.NewClientOptions().AddBroker("tcp://" + h.listen()).SetClientID("p3").SetUsername("u").
		SetCleanSession(false).SetAutoReconnect(false).SetOrderMatters(true)
	options.SetDefaultPublishHandler(func(_ paho3.Client, m paho3.Message) { got <- string(m.Payload()) })
	done := func(what string, token paho3.Token) {
		t.Helper()
		if !token.WaitTimeout(patience) || token.Error() != nil {
			t.Fatalf("%s: %v", what, token.Error())
		}
	}
	c := paho3.NewClient(options)
	done("connect", c.Connect())
	done("subscribe", c.Subscribe("t", 2, nil))
	for i := range 10 {
		done("publish", c.Publish("t", byte(i%3), false, fmt.Sprint(i)))
	}
	for i := range 10 {
		if m := <-got; m != fmt.Sprint(i) && i%3 == 0 {
			t.Fatalf("message %d is %s", i, m)
		}
	}
	c.Disconnect(100)
	prove.Eventually(t, "gone", func() bool { return !h.b.Clients()[0].Connected })
	if err := h.b.Publish(t.Context(), Message{Topic: "t", Payload: []byte("away"), QoS: 2}); err != nil {
		t.Fatal(err)
	}
	c = paho3.NewClient(options)
	done("connect again", c.Connect())
	if m := <-got; m != "away" {
		t.Fatalf("got %s", m)
	}
	c.Disconnect(100)
}

func TestPahoForFiveFlowsBothWays(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.Store = NewMemoryStore() })
	nc, err := net.Dial("tcp", h.listen())
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan *paho5.Publish, 100)
	c := paho5.NewClient(paho5.ClientConfig{
		Conn: nc,
		OnPublishReceived: []func(paho5.PublishReceived) (bool, error){func(p paho5.PublishReceived) (bool, error) {
			got <- p.Packet
			return true, nil
		}},
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	a, err := c.Connect(ctx, &paho5.Connect{ClientID: "p5", CleanStart: true, KeepAlive: 30, Username: "u", UsernameFlag: true})
	if err != nil || a.ReasonCode != 0 {
		t.Fatal(a, err)
	}
	if !a.Properties.SharedSubAvailable {
		t.Error("shared subscriptions are not announced")
	}
	if _, err := c.Subscribe(ctx, &paho5.Subscribe{Subscriptions: []paho5.SubscribeOptions{{Topic: "t", QoS: 2}}}); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		m := &paho5.Publish{Topic: "t", QoS: byte(i % 3), Payload: []byte(fmt.Sprint(i)),
			Properties: &paho5.PublishProperties{CorrelationData: []byte{byte(i)}, ResponseTopic: "r"}}
		if _, err := c.Publish(ctx, m); err != nil {
			t.Fatal(err)
		}
		select {
		case p := <-got:
			if string(p.Payload) != fmt.Sprint(i) || p.QoS != byte(i%3) || p.Properties.ResponseTopic != "r" {
				t.Fatalf("got %v", p)
			}
		case <-time.After(patience):
			t.Fatal("nothing came")
		}
	}
	if err := c.Disconnect(&paho5.Disconnect{}); err != nil {
		t.Fatal(err)
	}
}
