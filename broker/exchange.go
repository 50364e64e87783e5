package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/broker/packet"
)

// exchanging is what a connection that named an authentication method keeps.
type exchanging struct {
	request ConnectRequest // without the password
	answer  []byte         // for CONNACK
	open    Exchange       // the re-authentication under way
	end     time.Time      // of the time that it may take
}

// notTaken is the error of a packet before CONNACK that could not be read, or may
// not come there. It is no answer of the Authorizer.
type notTaken struct{ error }

// exchange runs the exchange of a CONNECT that names a method (MQTT 5.0, section
// 4.12). All of it has to fit into the time that the CONNECT had.
func (c *conn) exchange(ctx context.Context, r ConnectRequest, data []byte) (Grant, error) {
	x, err := c.begin(ctx, r)
	if err != nil {
		return nil, err
	}
	c.auth = &exchanging{request: r}
	c.auth.request.Password = nil
	for {
		answer, g, err := c.step(ctx, x, data)
		if err != nil {
			return nil, err
		}
		if g != nil {
			c.auth.answer = answer
			return g, nil
		}
		c.sayAuth(packet.ContinueAuthentication, answer) // MQTT-4.12.0-2
		if data, err = c.readAuth(); err != nil {
			return nil, notTaken{err}
		}
	}
}

// begin asks the Authorizer for an exchange.
func (c *conn) begin(ctx context.Context, r ConnectRequest) (Exchange, error) {
	a, ok := c.via.Authorizer.(Exchanger)
	if !ok { // MQTT-4.12.0-1
		return nil, &Refusal{Reason: packet.BadAuthenticationMethod, Detail: "authentication method " + r.Method}
	}
	x, err := a.Begin(ctx, r)
	if err == nil && x == nil {
		err = errors.New("the authorizer gave no exchange")
	}
	return x, err
}

// step has the exchange go on, and makes sure that its answer can be sent.
func (c *conn) step(ctx context.Context, x Exchange, data []byte) (answer []byte, g Grant, err error) {
	if answer, g, err = x.Step(ctx, data); err != nil {
		return nil, nil, err
	}
	if len(answer) > 65_535 {
		return nil, nil, fmt.Errorf("authentication data of %d bytes: at most 65,535 can be sent", len(answer))
	}
	if !c.takes(c.authPacket(packet.Success, answer)) {
		return nil, nil, &Refusal{Reason: packet.PacketTooLarge, Detail: "authentication data larger than the client takes"}
	}
	return answer, g, nil
}

// authPacket is an AUTH of ours: it always names the method (MQTT-4.12.0-5).
func (c *conn) authPacket(reason packet.ReasonCode, data []byte) []byte {
	p := packet.Auth{Reason: reason}
	p.Properties.AuthMethod, p.Properties.AuthData = c.auth.request.Method, data
	return p.Append(nil, c.version)
}

func (c *conn) sayAuth(reason packet.ReasonCode, data []byte) {
	c.say(c.authPacket(reason, data))
}

// errGoodbye says that the client gave up.
var errGoodbye = errors.New("the client disconnected")

// readAuth reads the client's next step. Nothing but that and DISCONNECT may come
// before CONNACK (MQTT-3.1.2-30).
func (c *conn) readAuth() (data []byte, err error) {
	h, body, size, err := c.readEarly(func(t packet.Type) error {
		if t == packet.AUTH || t == packet.DISCONNECT {
			return nil
		}
		return wrongOrder("MQTT-3.1.2-30", t.String()+": only AUTH and DISCONNECT may come before CONNACK")
	})
	if err != nil {
		return nil, err
	}
	defer c.took(size)
	if h.Type == packet.DISCONNECT {
		var d packet.Disconnect
		if err := d.Decode(c.version, h, body); err != nil {
			return nil, err
		}
		return nil, errGoodbye
	}
	p, err := c.decodeAuth(h, body)
	if err == nil && p.Reason != packet.ContinueAuthentication { // MQTT-4.12.0-3
		err = wrongOrder("MQTT-4.12.0-3", "AUTH: does not continue the exchange of the CONNECT")
	}
	return p.Properties.AuthData, err
}

// decodeAuth reads an AUTH and compares its method with that of the CONNECT.
func (c *conn) decodeAuth(h packet.Header, body []byte) (p packet.Auth, err error) {
	if err = p.Decode(c.version, h, body); err != nil {
		return p, err
	}
	p.Properties.AuthData = bytes.Clone(p.Properties.AuthData)
	switch {
	case c.auth == nil:
		err = wrongOrder("MQTT-4.12.0-7", "AUTH: the CONNECT named no method")
	case p.Properties.AuthMethod != c.auth.request.Method:
		err = wrongOrder("MQTT-4.12.1-1", "AUTH: its method is not that of the CONNECT")
	}
	return p, err
}

func wrongOrder(clause, detail string) error {
	return &packet.Error{Reason: packet.ProtocolError, Clause: clause, Detail: detail}
}

// reauthenticate takes an AUTH of a client that is connected (MQTT 5.0, section
// 4.12.1). What the client sends meanwhile is judged by the rights that it has.
func (c *conn) reauthenticate(h packet.Header, body []byte) error {
	p, err := c.decodeAuth(h, body)
	if err != nil {
		return err
	}
	if !c.isWelcome() {
		return wrongOrder("MQTT-4.12.1-1", "AUTH: came before the CONNACK was sent")
	}
	ctx, cancel := context.WithTimeout(c.b.ctx, c.via.ConnectTimeout)
	defer cancel()
	a := c.auth
	late := a.open != nil && time.Now().After(a.end)
	if late {
		a.open = nil
	}
	switch {
	case p.Reason == packet.ReAuthenticate && a.open == nil:
		r := a.request
		r.Client, r.Identity = c.session.client, c.rights().Identity()
		if a.open, err = c.begin(ctx, r); err != nil {
			c.refuseAgain(err)
			return nil
		}
		a.end = time.Now().Add(c.via.ConnectTimeout)
	case p.Reason == packet.ReAuthenticate:
		return wrongOrder("MQTT-4.12.0-3", "AUTH: an exchange is under way")
	case late:
		c.refuseAgain(&Refusal{Reason: packet.NotAuthorized, Detail: "the re-authentication took too long"})
		return nil
	case p.Reason != packet.ContinueAuthentication || a.open == nil:
		return wrongOrder("MQTT-4.12.0-3", "AUTH: no exchange is under way")
	}
	c.stepAgain(ctx, p.Properties.AuthData)
	return nil
}

func (c *conn) isWelcome() bool {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	return c.ready
}

func (c *conn) stepAgain(ctx context.Context, data []byte) {
	answer, g, err := c.step(ctx, c.auth.open, data)
	switch {
	case err != nil:
		c.refuseAgain(err)
	case g == nil:
		c.sayAuth(packet.ContinueAuthentication, answer)
	case g.Identity() != c.rights().Identity():
		c.b.tally.count(refusedIdentity)
		c.endAgain(&Refusal{Reason: packet.NotAuthorized, Detail: "re-authentication as another identity"})
	default:
		c.auth.open = nil
		c.regrant(g)
		c.sayAuth(packet.Success, answer)
	}
}

// refuseAgain ends a connection whose re-authentication failed (MQTT-4.12.1-2).
func (c *conn) refuseAgain(err error) {
	c.endAgain(c.refusalOf(err))
}

func (c *conn) endAgain(r *Refusal) {
	c.blame(r.Reason)
	reason := r.Reason
	switch reason {
	case packet.ServerUnavailable:
		reason = packet.ServerBusy
	case packet.NotAuthorized, packet.ServerBusy, packet.PacketTooLarge, packet.QuotaExceeded, packet.BadAuthenticationMethod:
	default: // what only a CONNACK can say
		reason = packet.NotAuthorized
	}
	c.b.notices.say("re-authentication refused", "client", c.client(), "remote", c.remote, "reason", reason.String(), "detail", r.Detail)
	t := c.b.turn()
	defer t.end()
	t.dropSaying(c, CauseRevoked, reason, r.Told)
}

// regrant gives the client the rights of its re-authentication, and takes what
// they do not have.
func (c *conn) regrant(g Grant) {
	for done := false; !done; {
		seen := c.b.rechecks.Load()
		denied := notPermitted(g, c.b.filtersOf(c))
		done = c.regrantTurn(g, denied, seen)
	}
	if !g.Valid() {
		c.end(CauseRevoked, packet.AdministrativeAction)
	}
}

// regrantTurn is false, and has done nothing, if rights have changed since denied
// was found out.
func (c *conn) regrantTurn(g Grant, denied []string, seen uint64) bool {
	t := c.b.turn()
	defer t.end()
	if c.dead {
		return true
	}
	if c.b.rechecks.Load() != seen {
		return false
	}
	c.granted.Store(&g)
	c.session.grant = g
	if w := c.session.will; w != nil {
		w.grant = g
	}
	t.takeFilters(c, denied)
	return true
}
