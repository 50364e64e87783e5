package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"golang.org/x/sync/errgroup"

	"gatehouse/broker/certs"
	"gatehouse/broker/journal"
	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices/latch"
	"gatehouse/devices/seal"
	"gatehouse/web"
)

// start is how the server is started, besides its configuration.
type start struct {
	Demo  bool // fill an empty data folder with the demo property
	Log   *slog.Logger
	Ready func(ready) // called once everything is served
}

// ready says where the server is reached.
type ready struct {
	Console    string // URL
	MQTT       string // host:port
	MQTTS      string // host:port of MQTT over TLS; empty without a certificate
	SetupToken string // empty once there is an administrator
	// Fingerprint is the SHA-256 of the certificate that the server made itself; empty if
	// it shows none.
	Fingerprint string
}

// serve runs the server until ctx ends or a part of it fails. Whatever stands in
// its way at the start (folder, port, certificate, database) is one error, and
// nothing is left half-started.
func serve(ctx context.Context, cfg configs.Server, s start) (err error) {
	var opened closers
	defer func() { err = errors.Join(err, opened.close()) }()

	lines := newLogRing()
	s.Log = slog.New(lines.tee(s.Log.Handler()))
	g, err := openGround(ctx, cfg, s.Log, &opened)
	if err != nil {
		return err
	}
	g.lines = lines
	p, err := build(ctx, cfg, g, s.Log, &opened)
	if err != nil {
		return err
	}
	if s.Demo {
		d := demo{registry: p.control, credentials: p.credentials, plans: p.plans, dir: g.dir}
		if err := d.create(ctx, "tcp://"+g.mqtt.Addr().String()); err != nil {
			return err
		}
		if err := d.freeFactors(ctx, p.operators); err != nil {
			return err
		}
	}
	r := ready{Console: consoleURL(cfg, g.http), MQTT: g.mqtt.Addr().String(), MQTTS: g.mqttsAddress(), Fingerprint: g.self.fingerprint()}
	if r.SetupToken, err = offerSetup(ctx, p, g.setup); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	p.run(ctx, group, g)
	if s.Ready != nil {
		s.Ready(r)
	}
	return group.Wait()
}

// ground is what the server stands on: the locked data folder, the bound
// listeners and the open databases.
type ground struct {
	dir      *dataDir
	http     net.Listener
	mqtt     net.Listener
	mqtts    net.Listener // nil without a certificate
	db       *db.DB
	sessions *journal.Journal
	dataKey  []byte // seals command keys, factors, and the keys of people in the audit trail
	latch    *latch.File
	setup    setupFile
	lines    *logRing // the newest of the log

	self         *selfSigned // nil: it makes no certificate
	certificates []shownCertificate
	badges       badges
}

// shownCertificate is what a listener shows.
type shownCertificate struct {
	listener string // consoleDoor or mqttsDoor
	*certs.Keeper
}

func openGround(ctx context.Context, cfg configs.Server, log *slog.Logger, opened *closers) (*ground, error) {
	g := &ground{}
	var err error
	if g.dir, err = openDataDir(cfg.Data.Dir, dataNames{"data.dir", "--data or GATEHOUSE_DATA_DIR"}); err != nil {
		return nil, err
	}
	opened.add(g.dir.Close)
	g.setup = setupFile{g.dir.file(setupTokenName)}
	if g.latch, err = latch.Open(g.dir.file(latchName)); err != nil {
		return nil, err
	}
	if cfg.TLS.SelfSigned {
		if g.self, err = openSelfSigned(g.dir.file(selfSignedName), selfSignedNames(cfg), log); err != nil {
			return nil, err
		}
	}
	if err := g.listen(ctx, cfg, log, opened); err != nil {
		return nil, err
	}
	if g.dataKey, err = dataKey(cfg, g.dir); err != nil {
		return nil, err
	}
	if g.db, err = db.Open(ctx, db.Options{Dir: g.dir.path, DataKey: g.dataKey, Log: log}); err != nil {
		return nil, err
	}
	opened.add(g.db.Close)
	g.sessions, err = openSessions(ctx, g.dir, log, opened)
	return g, err
}

func (g *ground) listen(ctx context.Context, cfg configs.Server, log *slog.Logger, opened *closers) error {
	var err error
	if g.http, err = listen(ctx, "http.listen", "--http", cfg.HTTP.Listen); err != nil {
		return err
	}
	opened.add(quietly(g.http.Close))
	if files := g.shown(cfg.HTTP.TLS); files.Set() {
		if g.http, err = g.withTLS(web.TellPlain(g.http), consoleDoor, "http.tls", files, cfg.MQTT, log); err != nil {
			return err
		}
	}
	if g.mqtt, err = listenMQTT(ctx, "mqtt.listen", "--mqtt", cfg.MQTT.Listen); err != nil {
		return err
	}
	opened.add(quietly(g.mqtt.Close))
	files := g.shown(configs.Cert{Cert: cfg.MQTT.TLS.Cert, Key: cfg.MQTT.TLS.Key})
	if !files.Set() {
		return nil
	}
	plain, err := listenMQTT(ctx, "mqtt.tls.listen", "GATEHOUSE_MQTT_TLS_LISTEN", cfg.MQTT.TLS.Listen)
	if err != nil {
		return err
	}
	opened.add(quietly(plain.Close))
	g.mqtts, err = g.withTLS(plain, mqttsDoor, "mqtt.tls", files, cfg.MQTT, log)
	return err
}

// shown are the configured files, or those of the server's own certificate.
func (g *ground) shown(configured configs.Cert) configs.Cert {
	if configured.Set() || g.self == nil {
		return configured
	}
	return configs.Cert{Cert: g.self.path, Key: g.self.path}
}

func (g *ground) withTLS(l net.Listener, door, key string, own configs.Cert, m configs.MQTT, log *slog.Logger) (net.Listener, error) {
	files := certs.Files{Cert: own.Cert, Key: own.Key, ClientCA: m.DeviceCA, Revoked: m.DeviceCRL, Optional: true}
	secure, k, err := withTLS(l, key, files, log)
	if err != nil {
		return nil, err
	}
	g.certificates = append(g.certificates, shownCertificate{door, k})
	if m.DeviceCA != "" {
		g.badges.add(door, k)
	}
	return secure, nil
}

// dataKey is the configured key, or the one in the data folder, made at first.
func dataKey(cfg configs.Server, dir *dataDir) ([]byte, error) {
	if cfg.Data.Key == "" {
		return seal.LoadKey(dir.file(dataKeyName))
	}
	key, err := base64.StdEncoding.DecodeString(string(cfg.Data.Key))
	if err != nil {
		return nil, fmt.Errorf("data.key: not base64: %w", err)
	}
	return key, nil
}

// consoleURL is the address that people type.
func consoleURL(cfg configs.Server, l net.Listener) string {
	if cfg.HTTP.PublicURL != "" {
		return cfg.HTTP.PublicURL
	}
	scheme := "http"
	if cfg.HTTP.TLS.Set() || cfg.TLS.SelfSigned {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err == nil && net.ParseIP(host).IsLoopback() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// closers are closed in reverse order.
type closers []func() error

func (c *closers) add(f func() error) { *c = append(*c, f) }

func (c *closers) close() error {
	var errs []error
	for i := len(*c) - 1; i >= 0; i-- {
		errs = append(errs, (*c)[i]())
	}
	return errors.Join(errs...)
}

// quietly closes what may be closed already: a listener belongs to its server
// once that serves it.
func quietly(f func() error) func() error {
	return func() error {
		if err := f(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}
