package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// ShownCertificate is the certificate that a device showed last.
type ShownCertificate struct {
	Fingerprint string    `json:"fingerprint" doc:"SHA-256 of the certificate (DER) as browsers show it: AB:CD:…"`
	Until       time.Time `json:"until" doc:"the end of its time"`
}

// Admission lets a device in by a certificate in its name.
type Admission struct {
	Only bool `json:"only,omitempty" doc:"its password ends for good, and what that let in is cut"`
}

type admissionRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Body Admission
}

func (s *Server) certificateRoutes(a *api) {
	add(a, operation(http.MethodPut, "/devices/{id}/credential/certificate", "admitCertificate", "devices",
		"Let a device in by a certificate in its name; the secrets are empty if it has a credential already", 200),
		s.admitCertificate)
	add(a, operation(http.MethodDelete, "/devices/{id}/credential/certificate", "refuseCertificate", "devices",
		"Let a device in by its password only, if it has one; its connection ends", 204),
		func(ctx context.Context, i *deviceRequest) (*none, error) {
			d, err := s.deps.Registry.Device(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.deps.DeviceCredentials.RefuseCertificate(ctx, actor(ctx), d.Device.ID)
		})
}

// admitCertificate says at once that nothing would verify a certificate: a device that
// is left without a password could never come back.
func (s *Server) admitCertificate(ctx context.Context, i *admissionRequest) (*out[IssuedCredential], error) {
	d, err := s.enrollable(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	if !s.deps.DeviceCA {
		return nil, &devices.Error{Op: "credential.certificate", Code: devices.Conflict, Message: "the server knows no authority of devices: name its file in mqtt.device_ca, or with --device-ca, and start it again"}
	}
	made, err := s.deps.DeviceCredentials.AdmitCertificate(ctx, actor(ctx), d.ID, d.Site, i.Body.Only)
	if err != nil {
		return nil, err
	}
	return &out[IssuedCredential]{s.issuedCredential(ctx, d, made)}, nil
}

func shownCertificate(c credentials.Shown) *ShownCertificate {
	if c.Fingerprint == "" {
		return nil
	}
	return &ShownCertificate{Fingerprint: c.Fingerprint, Until: instant(c.Until)}
}
