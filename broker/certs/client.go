package certs

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"gatehouse/broker/topic"
)

// Client is who a client's certificate says it is.
type Client struct {
	Name string

	keeper *Keeper
	chains [][]*x509.Certificate
	good   atomic.Pointer[state] // by which it was found good
}

// Errors of Keeper.Client.
var (
	ErrNone    = errors.New("no certificate was shown")
	ErrRevoked = errors.New("the certificate is revoked, or its authority is not trusted any more")
)

// Client takes a client's name from its certificate. The connection must be one of
// Config; the error says why the certificate cannot be used.
func (k *Keeper) Client(s *tls.ConnectionState) (*Client, error) {
	if s == nil || len(s.VerifiedChains) == 0 {
		return nil, ErrNone
	}
	c := &Client{keeper: k, chains: s.VerifiedChains}
	if !c.Valid() {
		return nil, ErrRevoked
	}
	var err error
	c.Name, err = nameOf(s.VerifiedChains[0][0])
	return c, err
}

// Valid is false once the certificate is revoked or its authority is not trusted
// any more. It is as quick as a Grant has to
// be. The end of the certificate's time counts for new connections only.
func (c *Client) Valid() bool {
	now := c.keeper.now.Load()
	if c.good.Load() == now {
		return true
	}
	if !now.trusts(c.chains) {
		return false
	}
	c.good.Store(now)
	return true
}

// trusts says whether one of the verified chains still ends at an authority and
// has nothing revoked in it.
func (s *state) trusts(chains [][]*x509.Certificate) bool {
	return slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool {
		return s.anchors[string(chain[len(chain)-1].Raw)] &&
			!slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return s.revoked[serialOf(c)] })
	})
}

// verify is asked at the end of each handshake, when the chains are verified.
func (k *Keeper) verify(s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return nil // it is not asked if one is needed
	}
	if !k.now.Load().trusts(s.VerifiedChains) {
		return ErrRevoked
	}
	return nil
}

// nameOf is the certificate's common name, if it has one, and a harmless one.
func nameOf(c *x509.Certificate) (string, error) {
	commonName := asn1.ObjectIdentifier{2, 5, 4, 3} // X.520
	var names []string
	for _, a := range c.Subject.Names {
		if a.Type.Equal(commonName) {
			name, ok := a.Value.(string)
			if !ok {
				return "", errors.New("the common name of the certificate is no text")
			}
			names = append(names, name)
		}
	}
	if len(names) != 1 {
		return "", fmt.Errorf("the certificate has %d common names, want 1", len(names))
	}
	if err := topic.ValidLevel(names[0]); err != nil {
		return "", fmt.Errorf("the common name of the certificate: %w", err)
	}
	return names[0], nil
}
