package web

import (
	"context"
	"net/http"
	"time"
)

// Certificate is what one listener shows whoever connects by TLS. Nothing of it is
// secret.
type Certificate struct {
	Listener    string    `json:"listener" enum:"console,mqtts" doc:"console: HTTPS and MQTT over WebSocket; mqtts: MQTT over TLS"`
	Fingerprint string    `json:"fingerprint" doc:"SHA-256, as browsers show it" example:"AB:CD:EF"`
	Names       []string  `json:"names" doc:"host names and addresses that it is good for"`
	Issuer      string    `json:"issuer" doc:"who signed it"`
	SelfSigned  bool      `json:"selfSigned" doc:"nobody else vouches for it: compare the fingerprint"`
	Begins      time.Time `json:"begins"`
	Ends        time.Time `json:"ends"`
}

// CertificateList is what there is; empty: nothing is reached by TLS.
type CertificateList struct {
	Certificates []Certificate `json:"certificates"`
}

func (s *Server) brokerCertificateRoutes(a *api) {
	add(a, operation(http.MethodGet, "/broker/certificates", "getCertificates", "broker", "The certificates that console and broker show now", 200),
		func(context.Context, *none) (*out[CertificateList], error) {
			list := each(s.deps.Certificates(), func(c Certificate) Certificate {
				c.Begins, c.Ends = instant(c.Begins), instant(c.Ends)
				return c
			})
			return &out[CertificateList]{CertificateList{list}}, nil
		})
}
