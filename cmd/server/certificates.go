package main

import (
	"bytes"

	"gatehouse/broker/certs"
	"gatehouse/web"
)

// seenCertificates are those that listeners show now, for people to compare.
func (g *ground) seenCertificates() (list []web.Certificate) {
	for _, shown := range g.certificates {
		c := shown.Leaf()
		names := append([]string{}, c.DNSNames...)
		for _, ip := range c.IPAddresses {
			names = append(names, ip.String())
		}
		list = append(list, web.Certificate{
			Listener: shown.listener, Fingerprint: certs.Fingerprint(c), Names: names, Issuer: c.Issuer.String(),
			SelfSigned: bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil,
			Begins:     c.NotBefore, Ends: c.NotAfter,
		})
	}
	return list
}
