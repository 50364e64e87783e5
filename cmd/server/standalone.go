package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"gatehouse/broker"
	"gatehouse/configs"
)

// standalone is how the broker runs alone: for testing clients, and for measuring
// it beside others. It has nothing of the property in it.
type standalone struct {
	doors
	people
	bounds
	data string // folder; empty: memory only
}

func standaloneCommand(stdout, stderr io.Writer) *cobra.Command {
	var s standalone
	cmd := &cobra.Command{
		Use:   "broker",
		Short: "run the MQTT broker alone: for testing clients and for measuring",
		Long: "Runs the MQTT broker alone. With --anonymous and nothing else it asks nothing of its clients:\n" +
			"everybody is let in with every right, and what they ask for is granted. See docs/broker.md.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := noneEmpty(cmd.Flags()); err != nil {
				return err
			}
			log := newLogger(configs.Log{Level: "warn", Format: "text"}, stderr)
			return s.serve(cmd.Context(), log, func(at addresses) { fmt.Fprintln(stdout, "ready "+at.String()) })
		},
	}
	f := cmd.Flags()
	s.doors.flags(f)
	f.StringVar(&s.data, "data", "", "`FOLDER` for what must outlive the process; without it everything is in memory")
	s.people.flags(f)
	s.bounds.flags(f)
	return cmd
}

// serve runs until ctx ends or the store fails.
func (s *standalone) serve(ctx context.Context, log *slog.Logger, ready func(addresses)) (err error) {
	users, err := s.check()
	if err != nil {
		return err
	}
	secure, err := s.secure(log)
	if err != nil {
		return err
	}
	who, err := s.people.open(users, s.clients(secure), log)
	if err != nil {
		return err
	}
	var opened closers
	defer func() { err = errors.Join(err, opened.close()) }()
	open, err := s.doors.open(ctx, secure, &opened)
	if err != nil {
		return err
	}
	b, err := s.broker(ctx, who, log, &opened)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	if secure != nil {
		secure.OnChange(b.RecheckAll)
		group.Go(func() error { return secure.Run(ctx) })
	}
	hangup, quiet := hangups()
	defer quiet()
	group.Go(func() error { return who.Follow(ctx, hangup, b) })
	group.Go(func() error { return newTidying(b.Connections).Run(ctx) })
	for _, d := range open {
		group.Go(func() error { return d.serve(ctx, b) })
	}
	ready(addressesOf(open))
	return group.Wait()
}

// broker builds it on the folder, if there is one.
func (s *standalone) broker(ctx context.Context, who broker.Authorizer, log *slog.Logger, opened *closers) (*broker.Broker, error) {
	options := broker.Options{Authorizer: who, Log: log, Limits: s.limits(), Origins: s.wsOrigins, SysInterval: s.sys.value}
	if s.unchecked() && s.clientCA == "" {
		options.Limits.RefusedPerMinute = -1 // nobody can guess anything
	}
	if s.data != "" {
		dir, err := openDataDir(s.data, dataNames{"--data", "--data FOLDER"})
		if err != nil {
			return nil, err
		}
		opened.add(dir.Close)
		if options.Store, err = openSessions(ctx, dir, log, opened); err != nil {
			return nil, err
		}
	}
	b, err := broker.New(ctx, options)
	if err != nil {
		return nil, err
	}
	opened.add(b.Close)
	return b, nil
}

// noneEmpty refuses flags that were given without a value: an unset variable of a
// script must not mean that everybody may do everything. Only --tcp "" has a meaning.
func noneEmpty(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if err == nil && f.Name != "tcp" && slices.Contains(values, "") {
			what, _ := pflag.UnquoteUsage(f)
			err = fmt.Errorf("--%s is empty: name %s, or leave it out", f.Name, what)
		}
	})
	return err
}

// check refuses flags that make no sense together.
func (s *standalone) check() (users map[string]string, err error) {
	if err := s.doors.check(); err != nil {
		return nil, err
	}
	return s.people.check(s.clientCA != "")
}

// hangups are the signals that ask for the files to be read again, until quiet.
func hangups() (signals <-chan os.Signal, quiet func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}
