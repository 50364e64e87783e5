package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"gatehouse/broker"
	"gatehouse/broker/certs"
)

// doors are the ways into the broker that runs alone.
type doors struct {
	tcp, tls, ws             []string // addresses
	cert, key, clientCA, crl string   // files of TLS
	wsOrigins                []string
}

func (d *doors) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&d.tcp, "tcp", []string{"127.0.0.1:1883"}, "`ADDRESS` of MQTT over TCP; repeatable; empty for none")
	f.StringArrayVar(&d.ws, "ws", nil, "`ADDRESS` of MQTT over WebSocket, at the paths / and /mqtt; repeatable")
	f.StringArrayVar(&d.wsOrigins, "ws-origin", nil, "web `ORIGIN`, like https://example.org, whose pages may use --ws besides those of the same host; repeatable")
	f.StringArrayVar(&d.tls, "tls", nil, "`ADDRESS` of MQTT over TLS; repeatable")
	f.StringVar(&d.cert, "cert", "", "certificate `FILE` (PEM) of --tls, with its chain")
	f.StringVar(&d.key, "key", "", "key `FILE` (PEM) of --tls")
	f.StringVar(&d.clientCA, "client-ca", "", "`FILE` (PEM) with the authorities of clients: --tls asks each client for a certificate, and its common name is the user")
	f.StringVar(&d.crl, "crl", "", "`FILE` (PEM) with the revocation lists of these authorities")
}

// check refuses what makes no sense together.
func (d *doors) check() error {
	d.tcp, d.tls, d.ws = given(d.tcp), given(d.tls), given(d.ws)
	for _, file := range []struct{ flag, path string }{{"--cert", d.cert}, {"--key", d.key}, {"--client-ca", d.clientCA}, {"--crl", d.crl}} {
		if file.path != "" && len(d.tls) == 0 {
			return fmt.Errorf("%s is for MQTT over TLS: give its address with --tls ADDRESS", file.flag)
		}
	}
	if len(d.tls) > 0 && (d.cert == "" || d.key == "") {
		return errors.New("--tls needs a certificate: give its files with --cert FILE and --key FILE")
	}
	if d.crl != "" && d.clientCA == "" {
		return errors.New("--crl revokes certificates of clients: give their authorities with --client-ca FILE")
	}
	if len(d.wsOrigins) > 0 && len(d.ws) == 0 {
		return errors.New("--ws-origin is for MQTT over WebSocket: give its address with --ws ADDRESS")
	}
	for _, o := range d.wsOrigins {
		if scheme, host, ok := strings.Cut(o, "://"); !ok || scheme != "http" && scheme != "https" || host == "" || strings.ContainsAny(host, "/ ") {
			return fmt.Errorf("--ws-origin %q is no web origin: write it as a browser sends it, like https://example.org:8443", o)
		}
	}
	if len(d.tcp)+len(d.tls)+len(d.ws) == 0 {
		return errors.New("there is no way in: give an address with --tcp, --tls or --ws")
	}
	return nil
}

// given leaves the empty ones out.
func given(addresses []string) (list []string) {
	for _, a := range addresses {
		if a != "" {
			list = append(list, a)
		}
	}
	return list
}

// door is an address that is listened on.
type door struct {
	name string // as in the line that says "ready"
	net.Listener
	serve func(ctx context.Context, b *broker.Broker) error
}

// open listens on every address; nobody is let in yet. secure is for those of TLS.
func (d *doors) open(ctx context.Context, secure *certs.Keeper, opened *closers) (open []door, err error) {
	for _, kind := range []struct {
		name, flag string
		addresses  []string
		serve      func(ctx context.Context, b *broker.Broker, l net.Listener) error
	}{
		{"mqtt", "--tcp", d.tcp, func(ctx context.Context, b *broker.Broker, l net.Listener) error {
			return b.ServeWith(ctx, l, broker.Listener{Name: "mqtt"})
		}},
		{"mqtts", "--tls", d.tls, func(ctx context.Context, b *broker.Broker, l net.Listener) error {
			return b.ServeWith(ctx, tls.NewListener(l, secure.Config()), broker.Listener{Name: "mqtts"})
		}},
		{"ws", "--ws", d.ws, serveWebSocket},
	} {
		for _, address := range kind.addresses {
			l, err := listenMQTT(ctx, "the address", kind.flag, address)
			if err != nil {
				return nil, err
			}
			opened.add(quietly(l.Close))
			open = append(open, door{kind.name, l, func(ctx context.Context, b *broker.Broker) error { return kind.serve(ctx, b, l) }})
		}
	}
	return open, nil
}

// secure reads the files of TLS; nil if there is no address for it.
func (d *doors) secure(log *slog.Logger) (*certs.Keeper, error) {
	if len(d.tls) == 0 {
		return nil, nil
	}
	k, err := certs.Open(certs.Files{Cert: d.cert, Key: d.key, ClientCA: d.clientCA, Revoked: d.crl}, log)
	if err != nil {
		return nil, fmt.Errorf("--cert, --key, --client-ca and --crl: %w", err)
	}
	return k, nil
}

// clients is k if it knows the certificates of clients.
func (d *doors) clients(k *certs.Keeper) *certs.Keeper {
	if d.clientCA == "" {
		return nil
	}
	return k
}

// serveWebSocket lets clients in by HTTP until ctx ends. The connections are the
// broker's.
func serveWebSocket(ctx context.Context, b *broker.Broker, l net.Listener) error {
	const wait = 10 * time.Second
	mux := http.NewServeMux()
	handler := b.WebSocketWith(broker.Listener{Name: "ws"})
	mux.Handle("/mqtt", handler)
	mux.Handle("/{$}", handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: wait, ReadTimeout: wait, WriteTimeout: wait, IdleTimeout: wait, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("WebSocket: %w", err)
	}
	return nil
}

// addresses are what is said when clients may come: name and address of each door.
type addresses []string

func addressesOf(open []door) (list addresses) {
	for _, d := range open {
		list = append(list, d.name+"="+d.Addr().String())
	}
	return list
}

func (a addresses) String() string { return strings.Join(a, " ") }
