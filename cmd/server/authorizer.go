package main

import (
	"context"
	"errors"
	"strings"

	"gatehouse/broker"
	"gatehouse/broker/certs"
	"gatehouse/broker/packet"
	"gatehouse/devices"
	"gatehouse/devices/bans"
	"gatehouse/devices/credentials"
	"gatehouse/devices/feed"
	"gatehouse/devices/lobby"
	"gatehouse/devices/operators"
	"gatehouse/devices/wire"
)

// authorizer lets devices, integrators and live consoles into the broker. Until
// there is an administrator it lets nobody in.
type authorizer struct {
	operators   *operators.Service
	tickets     *operators.Tickets
	credentials *credentials.Service
	// registered says whether there is such a device in service, with a credential or
	// without.
	registered func(devices.DeviceID) bool
	badges     badges
	bans       *bans.Service
	lobby      *lobby.Lobby
	refusals   *lobby.Refusals
}

// integratorSessions is how many sessions one integrator may have.
const integratorSessions = 10

// Connect implements broker.Authorizer. Who is banned is refused before anything of them
// is looked at; only a ticket is not: it came by HTTP, which no ban is about, and a guard
// whose address is banned is not to be blinded.
func (a *authorizer) Connect(ctx context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	if a.operators.Needed(ctx) {
		return nil, refuse(packet.NotAuthorized, "there is no administrator yet")
	}
	if r.Username == operators.TicketUsername {
		return a.console(r)
	}
	c, shown, err := a.badges.client(r)
	who := bans.ClientOf(string(r.Client), r.Username, r.Remote)
	if err == nil {
		who.Username = c.Name // the one that counts: see certified
	}
	if a.bans.Refuses(who) {
		a.refused(r, who.Username, lobby.Banned)
		return nil, refuse(packet.Banned, "banned by an administrator")
	}
	g, err := a.known(ctx, r, c, shown, err)
	if err != nil {
		return nil, err
	}
	valid, unbanned := g.valid, a.bans.Guard(who)
	g.valid = func() bool { return unbanned() && valid() }
	return g, nil
}

// known lets in who has a credential: with the certificate c, or if there is none that
// counts, for the reason wrong, with a password.
func (a *authorizer) known(ctx context.Context, r broker.ConnectRequest, c *certs.Client, shown credentials.Shown, wrong error) (grant, error) {
	switch {
	case wrong == nil:
		return a.certified(ctx, r, c, shown)
	case !errors.Is(wrong, certs.ErrNone):
		a.refused(r, r.Username, lobby.WrongCertificate)
		return grant{}, refuse(packet.NotAuthorized, wrong.Error())
	}
	check, err := a.credentials.Check(ctx, r.Username, r.Password)
	var domain *devices.Error
	if errors.As(err, &domain) && domain.Code == devices.Forbidden {
		a.stranger(ctx, r, r.Username, "")
		a.refused(r, r.Username, a.wrong(ctx, r.Username))
		return grant{}, refuse(packet.BadUserNameOrPassword, "wrong user name or password")
	}
	if err != nil {
		return grant{}, err
	}
	if check.Credential.Holder == credentials.ForIntegrator {
		return a.integrator(r, check)
	}
	return a.device(r, check)
}

// stranger puts a device that nobody knows on the list of the lobby. It hears what
// whoever has a wrong password hears.
func (a *authorizer) stranger(ctx context.Context, r broker.ConnectRequest, name, fingerprint string) {
	if _, err := a.credentials.Known(ctx, name); devices.CodeOf(err) != devices.NotFound || r.Method != "" {
		return
	}
	a.lobby.Knock(lobby.Knock{
		Client: string(r.Client), Username: name, Address: r.Remote, Protocol: "MQTT " + r.Version.String(), Door: r.Listener, Fingerprint: fingerprint,
	})
}

// wrong is what is wrong with the password of a user name.
func (a *authorizer) wrong(ctx context.Context, name string) lobby.Why {
	if _, err := a.credentials.Known(ctx, name); devices.CodeOf(err) == devices.NotFound {
		return lobby.NoCredential
	}
	return lobby.WrongPassword
}

// refused notes a refusal for whoever mounts the device that is meant: the one of the
// user name, or that of the client id if nobody has that user name.
func (a *authorizer) refused(r broker.ConnectRequest, name string, why lobby.Why) {
	if id := devices.DeviceID(name); a.registered(id) {
		a.refusals.Note(id, why, r.Remote)
	} else if id := devices.DeviceID(r.Client); a.registered(id) {
		a.refusals.Note(id, lobby.WrongUsername, r.Remote)
	}
}

// console lets a browser in, with a ticket that is good for one CONNECT.
func (a *authorizer) console(r broker.ConnectRequest) (broker.Grant, error) {
	claim, ok := a.tickets.Redeem(string(r.Client), r.Username, r.Password)
	if !ok {
		return nil, refuse(packet.BadUserNameOrPassword, "the ticket is used, too old or not for this client id")
	}
	if claim.Test {
		return testGrant(claim), nil
	}
	return grant{identity: claim.Identity, valid: claim.Valid, subscribe: func(f string) bool { return feed.MayWatch(claim.Reach, f) }}, nil
}

// integrator lets a foreign program in, under any client id that is not the
// platform's to give.
func (a *authorizer) integrator(r broker.ConnectRequest, check credentials.Check) (grant, error) {
	if strings.HasPrefix(string(r.Client), operators.TicketUsername) || a.registered(devices.DeviceID(r.Client)) {
		return grant{}, refuse(packet.ClientIdentifierNotValid, "the client id belongs to a device or a console")
	}
	sites := append([]devices.SiteID{}, check.Credential.Sites...) // never nil: nil means every site
	return grant{
		identity: integratorIdentity(check.Credential.Username), sessions: integratorSessions, valid: check.Valid,
		subscribe: func(f string) bool { return feed.MayReadKinds(sites, check.Credential.Feeds, f) },
		group:     check.Credential.Username,
	}, nil
}

// device lets a device in, under its own client id only. One that is retired stays
// outside, whatever it still has.
func (a *authorizer) device(r broker.ConnectRequest, check credentials.Check) (grant, error) {
	site, id := string(check.Credential.Site), string(check.Credential.Device)
	if string(r.Client) != id {
		a.refused(r, id, lobby.WrongClient)
		return grant{}, refuse(packet.ClientIdentifierNotValid, "the client id of a device is its id")
	}
	if !a.registered(check.Credential.Device) {
		return grant{}, refuse(packet.NotAuthorized, "the device is retired")
	}
	return grant{
		identity: deviceIdentity(id), sessions: 1, valid: check.Valid,
		publish:   func(topic string) bool { return wire.DeviceMayPublish(site, id, topic) },
		subscribe: func(filter string) bool { return wire.DeviceMaySubscribe(site, id, filter) },
	}, nil
}

// MayStillPublish implements broker.Overseer: what a device published is retained as
// long as it has a credential, old or new, for the topic's site. As long as that
// cannot be known nothing is removed.
func (a *authorizer) MayStillPublish(identity string, _ broker.ClientID, topic string) bool {
	id, ok := strings.CutPrefix(identity, deviceIdentity(""))
	if !ok {
		return false // nobody else publishes
	}
	c, err := a.credentials.Known(context.Background(), id)
	if err != nil {
		return devices.CodeOf(err) != devices.NotFound
	}
	return c.Holder == credentials.ForDevice && wire.DeviceMayPublish(string(c.Site), id, topic)
}

// identities that a credential's user name may stand for.
func deviceIdentity(username string) string     { return "device:" + username }
func integratorIdentity(username string) string { return "integrator:" + username }

func refuse(reason packet.ReasonCode, detail string) error {
	return &broker.Refusal{Reason: reason, Detail: detail}
}

// grant is what one connected client may do. A nil function allows nothing. The
// sessions of an integrator may share a subscription, in the group of its user
// name: nobody else can take a part of its messages.
type grant struct {
	identity  string
	sessions  int
	valid     func() bool
	publish   func(topic string) bool
	subscribe func(filter string) bool
	group     string // the only one that it may share subscriptions in; empty: none
}

func (g grant) Identity() string                { return g.identity }
func (g grant) Sessions() int                   { return g.sessions }
func (g grant) Valid() bool                     { return g.valid() }
func (g grant) MayPublish(topic string) bool    { return g.publish != nil && g.publish(topic) }
func (g grant) MayShare(group string) bool      { return group != "" && group == g.group }
func (g grant) MaySubscribe(filter string) bool { return g.subscribe != nil && g.subscribe(filter) }
