// Command devicesim is the devices of a property, simulated: gates, turnstiles
// and cameras that connect to the broker as real ones do, and a control page to
// drive a car, walk a person, cut a line and restore it.
//
// It speaks MQTT 5 through a client library that has nothing in common with the
// broker of this repository, on purpose: two codes check each other.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"gatehouse/configs"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole command line: 0 after a stop that was asked for, 1 after one
// clear line on stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := command(stdout, stderr)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(stderr, "devicesim:", err)
		return 1
	}
	return 0
}

func command(stdout, stderr io.Writer) *cobra.Command {
	var flags configs.SimulatorFlags
	root := &cobra.Command{
		Use:           "devicesim",
		Short:         "Simulated gates, turnstiles and cameras for a Gatehouse server",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configs.LoadSimulator(flags)
			if err != nil {
				return err
			}
			return simulate(cmd.Context(), cfg, newLogger(cfg.Log, stderr), func(control string) {
				fmt.Fprintf(stdout, "ready control=%s\n", control)
			})
		},
	}
	root.Flags().StringVar(&flags.Config, "config", "", "configuration file (YAML); see configs/devicesim.yaml")
	root.Flags().StringVar(&flags.Devices, "devices", "", "file with the devices and their secrets (devices)")
	root.Flags().StringVar(&flags.MQTT, "mqtt", "", "URL of the broker, instead of the one in the devices file (mqtt)")
	root.Flags().StringVar(&flags.Control, "control", "", "address of the control page (control)")
	return root
}

func newLogger(c configs.Log, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.SlogLevel()}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
