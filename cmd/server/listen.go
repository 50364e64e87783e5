package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"

	"gatehouse/broker/certs"
)

// listen binds an address. Nothing is accepted before somebody serves it, so that
// a taken port is known before anything is started.
func listen(ctx context.Context, key, flag, address string) (net.Listener, error) {
	return listenWith(ctx, net.ListenConfig{}, key, flag, address)
}

// listenMQTT leaves the probes of TCP out: MQTT has a keep-alive of its own, and a
// probe costs each connection four system calls.
func listenMQTT(ctx context.Context, key, flag, address string) (net.Listener, error) {
	return listenWith(ctx, net.ListenConfig{KeepAlive: -1}, key, flag, address)
}

func listenWith(ctx context.Context, lc net.ListenConfig, key, flag, address string) (net.Listener, error) {
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s %s is taken by another program; stop it, or choose another address with %s", key, address, flag)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return nil, fmt.Errorf("%s %s cannot be listened on: %w; choose another address with %s", key, address, err, flag)
}

// withTLS puts TLS 1.2 or 1.3 on a listener. While its certificate is kept, by Run,
// the files may be replaced.
func withTLS(l net.Listener, key string, files certs.Files, log *slog.Logger) (net.Listener, *certs.Keeper, error) {
	k, err := certs.Open(files, log)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", key, err)
	}
	return tls.NewListener(l, k.Config()), k, nil
}
