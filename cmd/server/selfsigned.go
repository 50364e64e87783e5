package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"gatehouse/broker/certs"
	"gatehouse/configs"
	"gatehouse/devices/durable"
)

const (
	// selfSignedName is the file in the data folder: certificate and key in one, so that
	// they are always replaced together.
	selfSignedName = "tls-self-signed.pem"
	// renewBefore is how long before its end a certificate is replaced.
	renewBefore = 30 * 24 * time.Hour
	// renewEvery is how often that is looked at.
	renewEvery = time.Hour
)

// selfSigned is the certificate that the server makes itself. Its fingerprint stays
// until it is renewed: within 30 days of its end, or at a start with a name in the
// configuration that it is not for.
type selfSigned struct {
	path  string
	names certificateNames
	log   *slog.Logger
}

// certificateNames are what a certificate is for.
type certificateNames struct {
	wanted []string // of the configuration: without them there is a new certificate
	found  []string // of this machine, which may change: they get into the next one
}

// openSelfSigned makes the certificate if there is none that is good, and refuses a
// file that it cannot read or others can.
func openSelfSigned(path string, names certificateNames, log *slog.Logger) (*selfSigned, error) {
	s := &selfSigned{path: path, names: names, log: log}
	if err := s.renew(time.Now()); err != nil {
		return nil, fmt.Errorf("tls.self_signed: %w", err)
	}
	return s, nil
}

// Run renews the certificate in time, until ctx ends; who shows it sees that the file
// was replaced. One that cannot be renewed is shown on, and the log says so.
func (s *selfSigned) Run(ctx context.Context) error {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := s.renew(time.Now()); err != nil {
			s.log.Error("the server's own certificate cannot be renewed", "error", err)
		}
	}
}

// renew makes a certificate unless that in the file is good.
func (s *selfSigned) renew(now time.Time) error {
	old, err := s.read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case s.good(old, now):
		return nil
	}
	names := append(slices.Clone(s.names.wanted), s.names.found...)
	both, err := certs.SelfSigned(names, now)
	if err != nil {
		return err
	}
	if err := durable.Replace(s.path, both); err != nil {
		return err
	}
	s.log.Warn("a certificate was made: show its fingerprint to whoever connects", "file", s.path,
		"names", strings.Join(names, ", "), "fingerprint", s.fingerprint())
	return nil
}

func (s *selfSigned) read() (*x509.Certificate, error) {
	both, err := durable.ReadOwn(s.path)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(both, both)
	if err != nil {
		return nil, fmt.Errorf("%s holds no certificate with its key: %w; put it back from a backup, or remove it for a new one with another fingerprint", s.path, err)
	}
	return pair.Leaf, nil
}

func (s *selfSigned) good(c *x509.Certificate, now time.Time) bool {
	return !now.Before(c.NotBefore) && now.Add(renewBefore).Before(c.NotAfter) &&
		!slices.ContainsFunc(s.names.wanted, func(n string) bool { return c.VerifyHostname(n) != nil })
}

// fingerprint is that of the certificate in the file; empty without one.
func (s *selfSigned) fingerprint() string {
	if s == nil {
		return ""
	}
	c, err := s.read()
	if err != nil {
		return ""
	}
	return certs.Fingerprint(c)
}

// selfSignedNames are the names by which this server may be reached.
func selfSignedNames(cfg configs.Server) (n certificateNames) {
	seen := map[string]bool{}
	add := func(list *[]string, name string) {
		_, err := netip.ParseAddr(name)
		if name = strings.ToLower(name); (err == nil && !strings.Contains(name, "%") || configs.Hostname(name)) && !seen[name] {
			seen[name] = true
			*list = append(*list, name)
		}
	}
	for _, name := range cfg.TLS.Names {
		add(&n.wanted, name)
	}
	if u, err := url.Parse(cfg.HTTP.PublicURL); err == nil {
		add(&n.wanted, u.Hostname())
	}
	for _, address := range []string{cfg.HTTP.Listen, cfg.MQTT.TLS.Listen} {
		host, _, err := net.SplitHostPort(address)
		if ip, bad := netip.ParseAddr(host); err == nil && (bad != nil || !ip.IsUnspecified()) {
			add(&n.wanted, host)
		}
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		add(&n.wanted, name)
	}
	if name, err := os.Hostname(); err == nil {
		add(&n.found, name)
	}
	for _, ip := range machineAddresses() {
		add(&n.found, ip.String())
	}
	return n
}

// machineAddresses are those that others may use. None are known if the system does
// not say.
func machineAddresses() (list []netip.Addr) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().IsGlobalUnicast() {
			list = append(list, p.Addr().Unmap())
		}
	}
	return list
}
