package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session/state"
	"github.com/google/uuid"

	"gatehouse/devices/wire"
)

func newKey() string { return uuid.NewString() }

// foreign is an MQTT 5 client by other hands.
type foreign struct {
	t *testing.T
	*paho.Client
	conn     net.Conn
	messages chan *paho.Publish
	gone     chan struct{}
}

// dial connects; refused is the broker's reason code if it said no.
func dial(t *testing.T, address string, cp *paho.Connect) (f *foreign, refused byte, err error) {
	t.Helper()
	return dialWith(t, address, cp, state.NewInMemory())
}

// dialWith is dial with the client's half of a session, which a client that
// resumes one must have kept (MQTT-3.2.2-4).
func dialWith(t *testing.T, address string, cp *paho.Connect, kept *state.State) (f *foreign, refused byte, err error) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, 0, err
	}
	return greetWith(t, conn, cp, kept)
}

// greet connects over a connection that is there already.
func greet(t *testing.T, conn net.Conn, cp *paho.Connect) (f *foreign, refused byte, err error) {
	t.Helper()
	return greetWith(t, conn, cp, state.NewInMemory())
}

func greetWith(t *testing.T, conn net.Conn, cp *paho.Connect, kept *state.State) (f *foreign, refused byte, err error) {
	t.Helper()
	f = &foreign{t: t, conn: conn, messages: make(chan *paho.Publish, 1000), gone: make(chan struct{})}
	var once sync.Once
	leave := func() { once.Do(func() { close(f.gone) }) }
	f.Client = paho.NewClient(paho.ClientConfig{
		Conn:    conn,
		Session: kept,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
			f.messages <- p.Packet
			return true, nil
		}},
		OnClientError:      func(error) { leave() },
		OnServerDisconnect: func(*paho.Disconnect) { leave() },
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ack, err := f.Connect(ctx, cp)
	if err != nil {
		_ = conn.Close()
		if ack != nil {
			return nil, ack.ReasonCode, err
		}
		return nil, 0, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return f, 0, nil
}

// connect is a CONNECT with user name and password.
func connect(clientID, username, password string) *paho.Connect {
	return &paho.Connect{
		ClientID: clientID, KeepAlive: 30, CleanStart: true,
		Username: username, UsernameFlag: true, Password: []byte(password), PasswordFlag: true,
	}
}

// next waits for a message that fits.
func (f *foreign) next(what string, fits func(*paho.Publish) bool) *paho.Publish {
	f.t.Helper()
	end := time.After(patience)
	for {
		select {
		case m := <-f.messages:
			if fits(m) {
				return m
			}
		case <-end:
			f.t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}

// send publishes and gives the broker's reason.
func (f *foreign) send(topic string, qos byte, retain bool, payload []byte) (reason byte, err error) {
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	r, err := f.Publish(ctx, &paho.Publish{Topic: topic, QoS: qos, Retain: retain, Payload: payload})
	if r != nil {
		return r.ReasonCode, err
	}
	return 0, err
}

// ask subscribes and gives the reason for the filter.
func (f *foreign) ask(filter string) byte {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	a, err := f.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: 1}}})
	if a == nil {
		f.t.Fatalf("subscribe %s: %v", filter, err)
	}
	return a.Reasons[0]
}

// obey has what comes on a topic acted on until the connection ends.
func (f *foreign) obey(topic string, act func(payload []byte)) {
	for {
		select {
		case <-f.gone:
			return
		case <-f.t.Context().Done():
			return
		case m := <-f.messages:
			if m.Topic == topic {
				act(m.Payload)
			}
		}
	}
}

// ticket is what a console is let in with, once.
type ticket struct {
	ClientID, Username, Password string
	Filters                      []string
}

// watchFeed reads the feed as a console does.
func watchFeed(t *testing.T, s *staff, p *program) (*foreign, ticket) {
	t.Helper()
	var x ticket
	s.must(http.MethodPost, "/live/ticket", nil, 200, &x)
	f, _, err := dial(t, p.MQTT, connect(x.ClientID, x.Username, x.Password))
	if err != nil {
		t.Fatal(err)
	}
	for _, filter := range x.Filters {
		if reason := f.ask(filter); reason > 2 {
			t.Fatalf("%s: reason %#x", filter, reason)
		}
	}
	return f, x
}

// gate is a device by other hands: it opens when it is told to.
type gate struct {
	*foreign
	id, prefix string
	key        []byte

	mu       sync.Mutex
	physical string
	acted    map[string]int // times that a command id was acted on
	obeys    bool
}

// connectGate connects a gate the way a maker of devices would, from the contract.
func connectGate(t *testing.T, address string, c seenCredential) *gate {
	t.Helper()
	cp := connect(c.ClientID, c.Username, c.Password)
	cp.WillMessage = &paho.WillMessage{Topic: c.TopicPrefix + "/status", QoS: 1, Retain: true, Payload: []byte(`{"status":"offline"}`)}
	f, _, err := dial(t, address, cp)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.RawURLEncoding.DecodeString(c.CommandKey)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{foreign: f, id: c.ClientID, prefix: c.TopicPrefix, key: key, physical: "closed", acted: map[string]int{}, obeys: true}
	if r := g.ask(g.prefix + "/command"); r > 2 {
		t.Fatalf("subscribe: reason %#x", r)
	}
	go f.obey(g.prefix+"/command", g.act)
	g.put("status", true, map[string]any{"status": "online"})
	g.report("")
	return g
}

func (g *gate) act(payload []byte) {
	c, err := wire.DecodeCommand(payload)
	if err != nil || !wire.Verify(g.key, g.id, c) {
		g.t.Errorf("command is not signed for this device: %v: %s", err, payload)
		return
	}
	g.mu.Lock()
	g.acted[c.ID]++
	obeys := g.obeys
	if c.Action == "open" {
		g.physical = "open"
	} else {
		g.physical = "closed"
	}
	g.mu.Unlock()
	if obeys {
		g.put("answer", false, map[string]any{"id": c.ID, "outcome": "done", "at": time.Now().UnixMilli()})
		g.report(c.ID)
	}
}

// report publishes the full state.
func (g *gate) report(command string) {
	g.mu.Lock()
	physical := g.physical
	g.mu.Unlock()
	g.put("state", true, map[string]any{
		"at": time.Now().UnixMilli(), "mode": "controlled", "physical": physical, "tamper": false,
		"capabilities": []string{"open", "close"}, "command": command,
	})
}

func (g *gate) put(channel string, retain bool, payload map[string]any) {
	if payload["command"] == "" {
		delete(payload, "command")
	}
	b, err := json.Marshal(payload)
	if err != nil {
		g.t.Error(err)
		return
	}
	if _, err := g.send(g.prefix+"/"+channel, 1, retain, b); err != nil && !errors.Is(err, context.Canceled) {
		select {
		case <-g.gone:
		default:
			g.t.Logf("publish %s: %v", channel, err)
		}
	}
}

// bill publishes a billing event at QoS 2.
func (g *gate) bill(id string, seq, amount int64) error {
	b, err := json.Marshal(wire.BillingPayload{ID: id, Seq: seq, At: 1767225600000, Amount: amount, Currency: "CNY", For: "parking"})
	if err != nil {
		return err
	}
	_, err = g.send(g.prefix+"/billing", 2, false, b)
	return err
}
