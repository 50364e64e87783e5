package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/configs"
	"gatehouse/devices/sim"
)

// simulate is the life of the simulator. It calls ready once the control page is
// served. Its end is like a power cut: connections are closed without a word, so
// that the broker publishes the devices' wills.
func simulate(ctx context.Context, cfg configs.Simulator, log *slog.Logger, ready func(control string)) error {
	file, err := readDevices(cfg.Devices)
	if err != nil {
		return err
	}
	if cfg.MQTT == "" {
		cfg.MQTT = file.MQTT
	}
	broker, err := url.Parse(cfg.MQTT)
	if err != nil || broker.Host == "" {
		return fmt.Errorf("broker %q: want a URL, for example tcp://127.0.0.1:1883; give it with --mqtt", cfg.MQTT)
	}
	memories := &memoryDir{path: strings.TrimSuffix(cfg.Devices, ".json") + ".memory", log: log}
	identities, err := file.identities()
	if err != nil {
		return fmt.Errorf("%s: %w", cfg.Devices, err)
	}
	remembered, err := memories.load(identities)
	if err != nil {
		return err
	}
	fleet, err := sim.NewFleet(identities, func(i sim.Identity) sim.Options {
		return sim.Options{Speed: cfg.Speed, Memory: remembered[i.ID], Save: memories.saver(i.ID), Log: log}
	})
	if err != nil {
		return fmt.Errorf("%s: %w", cfg.Devices, err)
	}

	listener, err := net.Listen("tcp", cfg.Control)
	if err != nil {
		return fmt.Errorf("control %q: %w; choose another with --control or GATEHOUSE_SIM_CONTROL", cfg.Control, rootCause(err))
	}
	if !configs.Loopback(listener.Addr().String()) {
		log.Warn("the control page has no login, and others can reach it", "address", listener.Addr())
	}

	lines, complaints := map[string]*line{}, &complaints{}
	for i, d := range fleet.Devices() {
		lines[d.Identity().ID] = newLine(d, broker, file.Devices[i].Username, file.Devices[i].Password, complaints, log)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return fleet.Run(ctx) })
	for _, l := range lines {
		group.Go(func() error { return l.Run(ctx) })
	}
	group.Go(func() error { return serve(ctx, listener, newControl(fleet, lines)) })
	ready("http://" + listener.Addr().String())
	log.Info("simulating", "devices", len(lines), "broker", broker.Redacted())
	return group.Wait()
}

// serve answers on the listener until ctx ends.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stopped <- server.Close()
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("control page: %w", err)
	}
	return <-stopped
}

// rootCause is the last error of a network error: the address is named already.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
