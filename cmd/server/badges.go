package main

import (
	"context"

	"gatehouse/broker"
	"gatehouse/broker/certs"
	"gatehouse/broker/packet"
	"gatehouse/devices"
	"gatehouse/devices/credentials"
	"gatehouse/devices/lobby"
)

// The names of the ways into the broker, as its listeners have them.
const (
	mqttDoor    = "mqtt"
	mqttsDoor   = "mqtts"
	consoleDoor = "console"
)

// badges are what verifies the certificates of devices, for each way in that has TLS;
// none without authorities of devices.
type badges map[string]*certs.Keeper

func (b *badges) add(door string, k *certs.Keeper) {
	if *b == nil {
		*b = badges{}
	}
	(*b)[door] = k
}

// client is who the certificate of a connection says it is; certs.ErrNone.
func (b badges) client(r broker.ConnectRequest) (*certs.Client, credentials.Shown, error) {
	k := b[r.Listener]
	if k == nil {
		return nil, credentials.Shown{}, certs.ErrNone
	}
	c, err := k.Client(r.TLS)
	if err != nil {
		return nil, credentials.Shown{}, err
	}
	leaf := r.TLS.VerifiedChains[0][0]
	return c, credentials.Shown{Fingerprint: certs.Fingerprint(leaf), Until: leaf.NotAfter}, nil
}

// certified lets in who showed a certificate: the device that it names and nobody
// else. One that is not admitted helps nothing and harms nothing: the device may have a
// password. Whatever lets it in, it is cut when the certificate is revoked.
func (a *authorizer) certified(ctx context.Context, r broker.ConnectRequest, c *certs.Client, shown credentials.Shown) (grant, error) {
	if r.Username != "" && r.Username != c.Name {
		return grant{}, refuse(packet.BadUserNameOrPassword, "the user name is not that of the certificate")
	}
	check, err := a.credentials.CheckCertificate(ctx, c.Name, shown)
	if devices.CodeOf(err) == devices.Forbidden && len(r.Password) > 0 {
		check, err = a.credentials.Check(ctx, c.Name, r.Password)
	}
	if devices.CodeOf(err) == devices.Forbidden {
		a.stranger(ctx, r, c.Name, shown.Fingerprint)
		a.refused(r, c.Name, lobby.WrongCertificate)
		return grant{}, refuse(packet.BadUserNameOrPassword, "the certificate is not admitted for a device of its name")
	}
	if err != nil {
		return grant{}, err
	}
	if check.Credential.Holder != credentials.ForDevice {
		return grant{}, refuse(packet.BadUserNameOrPassword, "a certificate is for devices")
	}
	valid := check.Valid
	check.Valid = func() bool { return valid() && c.Valid() }
	return a.device(r, check)
}
