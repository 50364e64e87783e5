package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// DeviceCredentials lets devices into the broker; credentials.Service is one.
type DeviceCredentials interface {
	// IssueDevice makes a device's credential; an older one ends, with its connection.
	IssueDevice(ctx context.Context, by devices.Actor, d devices.DeviceID, site devices.SiteID) (credentials.Issued, error)
	// IssueDevices is IssueDevice for many: all or none.
	IssueDevices(ctx context.Context, by devices.Actor, list []credentials.Place) ([]credentials.Issued, error)
	Revoke(ctx context.Context, by devices.Actor, username string) error
	// AdmitCertificate lets a device in by a certificate in its name; only: its password
	// ends. The secrets are empty if it had a credential already.
	AdmitCertificate(ctx context.Context, by devices.Actor, d devices.DeviceID, site devices.SiteID, only bool) (credentials.Issued, error)
	RefuseCertificate(ctx context.Context, by devices.Actor, d devices.DeviceID) error
	// Get gives one without its secrets; otherwise the error NotFound.
	Get(ctx context.Context, username string) (credentials.Credential, error)
}

// IssuedCredential is all that an installer enters into a device. It is shown once.
// Empty secrets were shown before, or are not needed.
type IssuedCredential struct {
	ClientID    string `json:"clientId"`
	Username    string `json:"username"`
	Password    string `json:"password"`
	CommandKey  string `json:"commandKey" doc:"base64url: the device checks the signature of commands with it"`
	TopicPrefix string `json:"topicPrefix" doc:"every topic of the device begins with it and a slash"`
	MQTT        string `json:"mqtt" doc:"host:port" example:"192.0.2.1:1883"`
	MQTTS       string `json:"mqtts" doc:"host:port of MQTT over TLS; empty: there is none" example:"192.0.2.1:8883"`
	Fingerprint string `json:"fingerprint" doc:"SHA-256 of the server's certificate (DER) as browsers show it, AB:CD:…, if it signed itself; else empty"`
	Document    string `json:"document" doc:"all of it as JSON, for a QR code or a file; see docs/mqtt.md"`
}

func (s *Server) credentialRoutes(a *api) {
	add(a, operation(http.MethodPost, "/devices/{id}/credential", "issueCredential", "devices", "Make a new credential; an older one ends", 201),
		s.issueCredential)
	add(a, operation(http.MethodDelete, "/devices/{id}/credential", "revokeCredential", "devices", "End the credential and its connection", 204),
		s.revokeCredential)
	s.certificateRoutes(a)
	s.credentialListRoute(a)
}

// enrollable is a device that may be given a credential.
func (s *Server) enrollable(ctx context.Context, id devices.DeviceID) (devices.Device, error) {
	live, err := s.deps.Registry.Device(ctx, id)
	if err != nil {
		return devices.Device{}, err
	}
	if !live.Device.Retired.IsZero() {
		return devices.Device{}, &devices.Error{Op: "credential.issue", Code: devices.Conflict, Message: "the device is retired: it cannot connect any more"}
	}
	return live.Device, nil
}

func (s *Server) issueCredential(ctx context.Context, i *deviceRequest) (*out[IssuedCredential], error) {
	d, err := s.enrollable(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	made, err := s.deps.DeviceCredentials.IssueDevice(ctx, actor(ctx), d.ID, d.Site)
	if err != nil {
		return nil, err
	}
	return &out[IssuedCredential]{s.issuedCredential(ctx, d, made)}, nil
}

// revokeCredential asks the registry first: the name of an integrator must not
// pass for that of a device.
func (s *Server) revokeCredential(ctx context.Context, i *deviceRequest) (*none, error) {
	if _, err := s.deps.Registry.Device(ctx, i.ID); err != nil {
		return nil, err
	}
	return nil, s.deps.DeviceCredentials.Revoke(ctx, actor(ctx), string(i.ID))
}

// credentialState says whether a device can connect, without its secrets.
func (s *Server) credentialState(ctx context.Context, id devices.DeviceID) (CredentialState, error) {
	c, err := s.deps.DeviceCredentials.Get(ctx, string(id))
	if devices.CodeOf(err) == devices.NotFound {
		return CredentialState{Authorities: s.deps.DeviceCA}, nil
	}
	if err != nil {
		return CredentialState{}, err
	}
	return CredentialState{
		Issued: true, Created: instantOrNull(c.Created), LastUsed: instantOrNull(c.LastUsed), Password: c.Password,
		Certificate: c.Certificate, Authorities: s.deps.DeviceCA, Shown: shownCertificate(c.Shown),
	}, nil
}
