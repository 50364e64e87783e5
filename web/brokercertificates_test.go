package web

import (
	"testing"
	"time"
)

func TestTheCertificatesOfTheServerAreShown(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/broker/certificates", "").is(200, `{"certificates":[]}`)
	h := newHouse(t, func(d *Deps) {
		d.Certificates = func() []Certificate {
			return []Certificate{{
				Listener: "mqtts", Fingerprint: "AB:CD", Names: []string{"gate.example", "192.0.2.7"}, Issuer: "CN=gate.example",
				SelfSigned: true, Begins: noon, Ends: noon.Add(24 * time.Hour),
			}}
		}
	})
	h.admin("GET", "/broker/certificates", "").is(200, `{"certificates":[{"listener":"mqtts","fingerprint":"AB:CD","names":["gate.example","192.0.2.7"],
		"issuer":"CN=gate.example","selfSigned":true,"begins":"2026-11-21T12:00:00Z","ends":"2026-11-22T12:00:00Z"}]}`)
}
