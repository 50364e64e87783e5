package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"gatehouse/broker"
	"gatehouse/configs"
)

// standalone is how the broker runs alone: for testing clients, and for measuring
// it beside others. It has nothing of the property in it.
type standalone struct {
	tcp       string // address
	data      string // folder; empty: memory only
	anonymous bool
}

func standaloneCommand(stdout, stderr io.Writer) *cobra.Command {
	var s standalone
	cmd := &cobra.Command{
		Use:   "broker",
		Short: "run the MQTT broker alone: for testing clients and for measuring",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := newLogger(configs.Log{Level: "warn", Format: "text"}, stderr)
			return s.serve(cmd.Context(), log, func(address string) { fmt.Fprintf(stdout, "ready mqtt=%s\n", address) })
		},
	}
	cmd.Flags().StringVar(&s.tcp, "tcp", "127.0.0.1:1883", "address of MQTT over TCP")
	cmd.Flags().StringVar(&s.data, "data", "", "folder for what must outlive the process; without it everything is in memory")
	cmd.Flags().BoolVar(&s.anonymous, "anonymous", false, "let everybody in, with every right")
	return cmd
}

// serve runs until ctx ends or the store fails.
func (s standalone) serve(ctx context.Context, log *slog.Logger, ready func(address string)) (err error) {
	if !s.anonymous {
		return errors.New("nobody could connect: --anonymous lets everybody in")
	}
	var opened closers
	defer func() { err = errors.Join(err, opened.close()) }()
	l, err := listenMQTT(ctx, "the address", "--tcp", s.tcp)
	if err != nil {
		return err
	}
	opened.add(quietly(l.Close))
	options := broker.Options{Authorizer: everybody{}, Log: log, Limits: plainLimits()}
	if s.data != "" {
		dir, err := openDataDir(s.data)
		if err != nil {
			return err
		}
		opened.add(dir.Close)
		if options.Store, err = openSessions(ctx, dir, log, &opened); err != nil {
			return err
		}
	}
	b, err := broker.New(ctx, options)
	if err != nil {
		return err
	}
	opened.add(b.Close)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.Serve(ctx, l) })
	group.Go(func() error { return newTidying(b.Connections).Run(ctx) })
	ready(l.Addr().String())
	return group.Wait()
}

// plainLimits are those of a server that asks nothing of its clients: what they
// send is kept as long as there is memory for it.
func plainLimits() broker.Limits {
	return broker.Limits{
		MaxKeepAlive: 65_535 * time.Second, MaxConnectionsPerAddress: -1, RefusedPerMinute: -1,
		MaxInFlight: 60_000, MaxQueued: 10_000_000, MaxQueuedBytes: 2 << 30,
		MaxQueuedAll: 20_000_000, MaxQueuedAllBytes: 4 << 30,
		MaxRetained: 10_000_000, MaxRetainedClient: 10_000_000, MaxRetainedBytes: 2 << 30,
	}
}

// everybody lets every client in, as one identity with every right.
type everybody struct{}

func (everybody) Connect(context.Context, broker.ConnectRequest) (broker.Grant, error) {
	return everybody{}, nil
}
func (everybody) Identity() string         { return "anonymous" }
func (everybody) Sessions() int            { return 0 }
func (everybody) Valid() bool              { return true }
func (everybody) MayPublish(string) bool   { return true }
func (everybody) MaySubscribe(string) bool { return true }
