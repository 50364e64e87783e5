package broker

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
	"gatehouse/prove"
)

// riddle is an authentication method for tests: the client says its name, is given
// a number that was never used, and proves with it that it knows its secret, which
// is "secret of NAME". The server proves the same in its last answer.
const riddle = "RIDDLE-SHA-256"

// sphinx is a gatekeeper that knows riddle.
type sphinx struct {
	gatekeeper
	mu       sync.Mutex
	requests []ConnectRequest
}

func (a *sphinx) Begin(_ context.Context, r ConnectRequest) (Exchange, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, r)
	switch r.Method {
	case riddle:
		return &question{a: a}, nil
	case "NOTHING":
		return nil, nil
	case "BROKEN":
		return nil, errors.New("the database is away")
	}
	return nil, &Refusal{Reason: packet.BadAuthenticationMethod, Detail: r.Method}
}

func (a *sphinx) last() ConnectRequest {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests[len(a.requests)-1]
}

// question is one exchange of riddle.
type question struct {
	a      *sphinx
	name   string
	number []byte
}

func (q *question) Step(_ context.Context, data []byte) ([]byte, Grant, error) {
	switch {
	case q.name == "" && len(data) == 0:
		return []byte("who?"), nil, nil
	case q.name == "" && string(data) == "panic":
		panic("the method has a bug")
	case q.name == "" && string(data) == "large":
		return make([]byte, 70_000), nil, nil
	case q.name == "":
		q.name, q.number = string(data), make([]byte, 16)
		_, _ = rand.Read(q.number)
		return q.number, nil, nil
	case !hmac.Equal(data, proof(q.name, "client", q.number)):
		return nil, nil, &Refusal{Reason: packet.BadUserNameOrPassword, Detail: "wrong proof"}
	}
	return proof(q.name, "server", q.number), q.a.of(q.name), nil
}

func proof(name, side string, number []byte) []byte {
	h := hmac.New(sha256.New, []byte("secret of "+name))
	h.Write([]byte(side))
	h.Write(number)
	return h.Sum(nil)
}

func newSphinx(t *testing.T, change func(*Options)) (*house, *sphinx) {
	t.Helper()
	a := &sphinx{}
	h := newHouse(t, func(o *Options) {
		o.Authorizer = a
		if change != nil {
			change(o)
		}
	})
	h.rules = &a.gatekeeper
	return h, a
}

func by(method, data string) option {
	return func(p *packet.Connect) {
		p.Properties.AuthMethod = method
		if data != "" {
			p.Properties.AuthData = []byte(data)
		}
	}
}

func auth(r packet.ReasonCode, method string, data []byte) *packet.Auth {
	return &packet.Auth{Reason: r, Properties: packet.Properties{AuthMethod: method, AuthData: data}}
}

// hail sends a CONNECT and waits for nothing.
func (c *client) hail(id string, options ...option) {
	c.t.Helper()
	p := &packet.Connect{Version: c.v, ClientID: id, CleanStart: true, KeepAlive: 60}
	for _, o := range options {
		o(p)
	}
	c.sendBytes(p.Append(nil))
}

// asked gives the data of the next AUTH, which must go on with the exchange.
func (c *client) asked(want packet.ReasonCode) []byte {
	c.t.Helper()
	a := expect[*packet.Auth](c)
	if a.Reason != want || a.Properties.AuthMethod != riddle { // MQTT-4.12.0-2, MQTT-4.12.0-5
		c.t.Fatalf("AUTH %v by %q", a.Reason, a.Properties.AuthMethod)
	}
	return a.Properties.AuthData
}

// solve connects by riddle.
func (c *client) solve(id, name string, options ...option) {
	c.t.Helper()
	c.hail(id, append([]option{by(riddle, name)}, options...)...)
	number := c.asked(packet.ContinueAuthentication)
	c.send(auth(packet.ContinueAuthentication, riddle, proof(name, "client", number)))
	a := expect[*packet.Connack](c)
	if a.Reason != packet.Success || a.Properties.AuthMethod != riddle {
		c.t.Fatalf("answered %v by %q", a.Reason, a.Properties.AuthMethod)
	}
	if !bytes.Equal(a.Properties.AuthData, proof(name, "server", number)) {
		c.t.Fatal("the server did not prove that it knows the secret")
	}
}

func (c *client) refused(want packet.ReasonCode) {
	c.t.Helper()
	if a := expect[*packet.Connack](c); a.Reason != want {
		c.t.Fatalf("answered %v, want %v", a.Reason, want)
	}
	c.ended()
}

func TestMethodOfSeveralStepsLetsAClientIn(t *testing.T) {
	t.Parallel()
	h, a := newSphinx(t, nil)
	c := dialTCP(t, h.listenWith(Listener{Name: "yard"}), packet.V5)
	c.hail("c", by(riddle, ""), as("user"), password("word"))
	if got := c.asked(packet.ContinueAuthentication); string(got) != "who?" {
		t.Fatalf("asked %q", got)
	}
	c.send(auth(packet.ContinueAuthentication, riddle, []byte("ann")))
	number := c.asked(packet.ContinueAuthentication)
	c.send(auth(packet.ContinueAuthentication, riddle, proof("ann", "client", number)))
	if r := expect[*packet.Connack](c); r.Reason != packet.Success {
		t.Fatalf("answered %v", r.Reason)
	}
	c.exactlyOnce("t", "x", 1)
	if i := h.b.Clients()[0]; i.Identity != "ann" {
		t.Errorf("let in as %q", i.Identity)
	}
	r := a.last()
	if r.Client != "c" || r.Username != "user" || string(r.Password) != "word" || r.Method != riddle || r.Identity != "" || r.Listener != "yard" {
		t.Errorf("the authorizer was told %+v", r)
	}
}

func TestMethodAndItsStepsAreRefused(t *testing.T) {
	t.Parallel()
	replayed := []byte("0123456789abcdef")
	for name, c := range map[string]struct {
		method, data string
		steps        []appender
		want         packet.ReasonCode
	}{
		"unknown method":    {method: "SCRAM", want: packet.BadAuthenticationMethod},
		"no exchange":       {method: "NOTHING", want: packet.ServerUnavailable},
		"broken authorizer": {method: "BROKEN", want: packet.ServerUnavailable},
		"too long an answer": {
			method: riddle, data: "large", want: packet.ServerUnavailable,
		},
		"wrong proof": {
			method: riddle, data: "ann", want: packet.BadUserNameOrPassword,
			steps: []appender{auth(packet.ContinueAuthentication, riddle, []byte("guess"))},
		},
		"replayed proof": {
			method: riddle, data: "ann", want: packet.BadUserNameOrPassword,
			steps: []appender{auth(packet.ContinueAuthentication, riddle, proof("ann", "client", replayed))},
		},
		"method switched": {
			method: riddle, data: "ann", want: packet.ProtocolError,
			steps: []appender{auth(packet.ContinueAuthentication, "PLAIN", []byte("x"))},
		},
		"method left out": {
			method: riddle, data: "ann", want: packet.ProtocolError,
			steps: []appender{auth(packet.ContinueAuthentication, "", nil)},
		},
		"success said by the client": {
			method: riddle, data: "ann", want: packet.ProtocolError, steps: []appender{auth(packet.Success, riddle, []byte("x"))},
		},
		"begun anew": {
			method: riddle, data: "ann", want: packet.ProtocolError, steps: []appender{auth(packet.ReAuthenticate, riddle, []byte("ann"))},
		},
		"PUBLISH meanwhile": { // MQTT-3.1.2-30
			method: riddle, data: "ann", want: packet.ProtocolError, steps: []appender{pub("t", "x", 0, 0)},
		},
		"SUBSCRIBE meanwhile": {
			method: riddle, data: "ann", want: packet.ProtocolError,
			steps: []appender{&packet.Subscribe{ID: 1, Subscriptions: []packet.Subscription{{Filter: "#"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _ := newSphinx(t, nil)
			ann := h.over(packet.V5, "there", as("ann"), keep)
			x := wire(t, h.pipe(), packet.V5)
			x.hail("there", by(c.method, c.data), withWill(packet.Will{Topic: "w", Payload: []byte("x")}))
			for _, p := range c.steps {
				x.asked(packet.ContinueAuthentication)
				x.send(p)
			}
			x.refused(c.want)
			ann.subscribe(0, "#") // nothing happened to its session, and no will comes
			ann.silent()
			if n := len(h.b.Clients()); n != 1 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

func TestSecondConnectDuringAnExchangeIsRefused(t *testing.T) {
	t.Parallel()
	h, _ := newSphinx(t, nil)
	c := wire(t, h.pipe(), packet.V5)
	c.hail("c", by(riddle, "ann"))
	c.asked(packet.ContinueAuthentication)
	c.hail("c")
	c.refused(packet.ProtocolError)
}

func TestClientMayGiveUpAnExchange(t *testing.T) {
	t.Parallel()
	h, _ := newSphinx(t, nil)
	c := wire(t, h.pipe(), packet.V5)
	c.hail("c", by(riddle, "ann"))
	c.asked(packet.ContinueAuthentication)
	c.send(&packet.Disconnect{})
	c.ended()
}

func TestExchangeHasTheTimeOfAConnect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newSphinx(t, nil)
		c := wire(t, h.pipe(), packet.V5)
		begin := time.Now()
		c.hail("c", by(riddle, ""))
		for range 3 {
			c.asked(packet.ContinueAuthentication)
			<-time.After(3 * time.Second)
			c.send(auth(packet.ContinueAuthentication, riddle, nil))
		}
		c.asked(packet.ContinueAuthentication)
		c.ended()
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("closed after %v", d)
		}
	})
}

func TestStepOfAnExchangeMayNotClaimMoreThanAConnect(t *testing.T) {
	t.Parallel()
	h, _ := newSphinx(t, func(o *Options) { o.Limits.MaxConnectSize = 1000 })
	c := wire(t, h.pipe(), packet.V5)
	c.hail("c", by(riddle, "ann"))
	c.asked(packet.ContinueAuthentication)
	c.sendBytes(auth(packet.ContinueAuthentication, riddle, make([]byte, 2000)).Append(nil, packet.V5)[:3])
	c.refused(packet.PacketTooLarge)
}

func TestPanicInAMethodEndsOnlyItsConnection(t *testing.T) {
	t.Parallel()
	h, _ := newSphinx(t, nil)
	other := wire(t, h.pipe(), packet.V5)
	other.solve("other", "ann")
	c := wire(t, h.pipe(), packet.V5)
	c.hail("c", by(riddle, "panic"))
	c.ended()
	other.silent()
}

func TestClientAuthenticatesItselfAgainWhileItWorks(t *testing.T) {
	t.Parallel()
	h, a := newSphinx(t, nil)
	c := wire(t, h.pipe(), packet.V5)
	c.solve("c", "ann")
	for range 2 {
		c.send(auth(packet.ReAuthenticate, riddle, []byte("ann")))
		number := c.asked(packet.ContinueAuthentication)
		c.exactlyOnce("t", "meanwhile", 7) // by the rights that it has
		c.send(auth(packet.ContinueAuthentication, riddle, proof("ann", "client", number)))
		if !bytes.Equal(c.asked(packet.Success), proof("ann", "server", number)) {
			t.Fatal("the server did not prove that it knows the secret")
		}
		c.exactlyOnce("t", "after", 7)
	}
	if r := a.last(); r.Identity != "ann" || r.Client != "c" || r.Password != nil {
		t.Errorf("the authorizer was told %+v", r)
	}
}

func TestAuthenticationAgainIsRefused(t *testing.T) {
	t.Parallel()
	again, goOn := packet.ReAuthenticate, packet.ContinueAuthentication
	for name, c := range map[string]struct {
		steps func(c *client)
		want  packet.ReasonCode
	}{
		"as another identity": {func(c *client) {
			c.send(auth(again, riddle, []byte("bob")))
			c.send(auth(goOn, riddle, proof("bob", "client", c.asked(goOn))))
		}, packet.NotAuthorized},
		"wrong proof": {func(c *client) { // MQTT-4.12.1-2
			c.send(auth(again, riddle, []byte("ann")))
			c.send(auth(goOn, riddle, proof("bob", "client", c.asked(goOn))))
		}, packet.NotAuthorized},
		"replayed proof": {func(c *client) {
			c.send(auth(again, riddle, []byte("ann")))
			old := proof("ann", "client", c.asked(goOn))
			c.send(auth(goOn, riddle, old))
			c.asked(packet.Success)
			c.send(auth(again, riddle, []byte("ann")))
			c.asked(goOn)
			c.send(auth(goOn, riddle, old))
		}, packet.NotAuthorized},
		"other method": {func(c *client) { c.send(auth(again, "PLAIN", nil)) }, packet.ProtocolError}, // MQTT-4.12.1-1
		"no method":    {func(c *client) { c.sendBytes([]byte{0xF0, 0x02, 0x19, 0x00}) }, packet.ProtocolError},
		"nothing begun": {func(c *client) {
			c.send(auth(goOn, riddle, []byte("x")))
		}, packet.ProtocolError},
		"begun twice": {func(c *client) {
			c.send(auth(again, riddle, []byte("ann")))
			c.asked(goOn)
			c.send(auth(again, riddle, []byte("ann")))
		}, packet.ProtocolError},
		"success said by the client": {func(c *client) { c.send(auth(packet.Success, riddle, nil)) }, packet.ProtocolError},
		"after it is done": {func(c *client) {
			c.send(auth(again, riddle, []byte("ann")))
			c.send(auth(goOn, riddle, proof("ann", "client", c.asked(goOn))))
			c.asked(packet.Success)
			c.send(auth(goOn, riddle, nil))
		}, packet.ProtocolError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _ := newSphinx(t, nil)
			x := wire(t, h.pipe(), packet.V5)
			x.solve("c", "ann")
			c.steps(x)
			x.disconnected(c.want)
		})
	}
}

func TestAuthWithoutAMethodIsAProtocolError(t *testing.T) { // MQTT-4.12.0-7
	t.Parallel()
	h, _ := newSphinx(t, nil)
	c := h.over(packet.V5, "c")
	c.send(auth(packet.ReAuthenticate, riddle, []byte("ann")))
	c.disconnected(packet.ProtocolError)
	old := h.over(packet.V311, "old")
	old.sendBytes(auth(packet.ReAuthenticate, riddle, nil).Append(nil, packet.V5))
	old.ended()
}

func TestAuthenticationAgainMayNotTakeForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newSphinx(t, nil)
		c := wire(t, h.pipe(), packet.V5)
		c.solve("c", "ann")
		c.send(auth(packet.ReAuthenticate, riddle, []byte("ann")))
		number := c.asked(packet.ContinueAuthentication)
		<-time.After(11 * time.Second)
		c.send(auth(packet.ContinueAuthentication, riddle, proof("ann", "client", number)))
		c.disconnected(packet.NotAuthorized)
	})
}

// fresh gives every exchange rights of its own.
type fresh struct {
	sphinx
	grants chan *rights
}

func (a *fresh) Begin(context.Context, ConnectRequest) (Exchange, error) { return a, nil }
func (a *fresh) Step(context.Context, []byte) ([]byte, Grant, error)     { return nil, <-a.grants, nil }

func TestRightsAreThoseOfTheLastAuthentication(t *testing.T) {
	t.Parallel()
	a := &fresh{grants: make(chan *rights, 3)}
	h := newHouse(t, func(o *Options) { o.Authorizer = a })
	watcher := h.over(packet.V5, "watcher")
	watcher.subscribe(0, "#")
	c := wire(t, h.pipe(), packet.V5)
	a.grants <- &rights{identity: "ann", noPublish: []string{"late"}}
	c.hail("c", by("ANY", ""), withWill(packet.Will{Topic: "w", Payload: []byte("gone")}))
	expect[*packet.Connack](c)
	c.subscribe(0, "own", "other")

	a.grants <- &rights{identity: "ann", noPublish: []string{"early", "w"}, noRead: []string{"own"}}
	c.send(pub("early", "1", 0, 0), auth(packet.ReAuthenticate, "ANY", nil), pub("early", "2", 0, 0), pub("late", "3", 0, 0))
	if r := expect[*packet.Auth](c); r.Reason != packet.Success {
		t.Fatalf("answered %v", r.Reason)
	}
	watcher.message("early", "1")
	watcher.message("late", "3")
	watcher.send(pub("own", "x", 0, 0), pub("other", "x", 0, 0))
	c.message("other", "x")
	watcher.message("own", "x")
	watcher.message("other", "x")

	_ = c.nc.Close()
	prove.Eventually(t, "the will was dropped", func() bool { return h.b.Stats().Dropped["will's right ended"] == 1 })
	watcher.silent()

	b := wire(t, h.pipe(), packet.V5)
	a.grants <- &rights{identity: "bob"}
	b.hail("b", by("ANY", ""))
	expect[*packet.Connack](b)
	a.grants <- &rights{identity: "bob", revoked: true}
	b.send(auth(packet.ReAuthenticate, "ANY", nil))
	b.disconnected(packet.AdministrativeAction)
}

func TestAnswerThatTheClientDoesNotTakeIsNotSent(t *testing.T) { // MQTT-3.1.2-24
	t.Parallel()
	h, _ := newSphinx(t, nil)
	c := wire(t, h.pipe(), packet.V5)
	c.hail("c", by(riddle, "ann"), func(p *packet.Connect) { p.Properties.MaximumPacketSize = 30 })
	a := c.next().(*packet.Connack)
	if a.Reason != packet.PacketTooLarge || strings.Contains(a.Properties.ReasonString, riddle) {
		t.Fatalf("answered %v", a.Reason)
	}
	c.ended()
}
