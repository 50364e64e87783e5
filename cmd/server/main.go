package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // site time zones, on machines that have none

	"github.com/spf13/cobra"

	"gatehouse/configs"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole command line: 0 after a clean stop, 1 (or an exitError's own code)
// after one clear line on stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := command(stdout, stderr)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(stderr, "gatehouse:", err)
		return exitCode(err)
	}
	return 0
}

func command(stdout, stderr io.Writer) *cobra.Command {
	var flags configs.ServerFlags
	var demo bool
	root := &cobra.Command{
		Use:           "server",
		Short:         "Gatehouse: gates, turnstiles and cameras of a property, on one broker and one console",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configs.LoadServer(flags)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), cfg, start{Demo: demo, Log: newLogger(cfg.Log, stderr), Ready: announce(stdout)})
		},
	}
	root.Flags().StringVar(&flags.Config, "config", "", "configuration file (YAML); see configs/server.yaml")
	root.Flags().StringVar(&flags.Data, "data", "", "data folder (data.dir)")
	root.Flags().StringVar(&flags.HTTP, "http", "", "address of console and API (http.listen)")
	root.Flags().StringVar(&flags.MQTT, "mqtt", "", "address of MQTT (mqtt.listen)")
	root.Flags().StringVar(&flags.Proxy, "proxy", "", "addresses or networks of the HTTPS proxy in front of the console, with commas (http.proxy)")
	root.Flags().BoolVar(&flags.SelfSigned, "self-signed", false, "HTTPS and MQTTS with a certificate that the server makes itself, where none is configured (tls.self_signed)")
	root.Flags().StringVar(&flags.DeviceCA, "device-ca", "", "PEM file with the authorities of devices' certificates (mqtt.device_ca)")
	root.Flags().StringVar(&flags.DeviceCRL, "device-crl", "", "PEM file with the revocation lists of these authorities (mqtt.device_crl)")
	root.Flags().BoolVar(&demo, "demo", false, "on an empty data folder, create a demo property and the secrets file of its simulated devices")
	root.AddCommand(standaloneCommand(stdout, stderr), resetPersonCommand(stdout, stderr), setupTokenCommand(stdout, stderr), restoreCommand(stdout, stderr), auditCommand(stdout), &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(stdout, version())
			return err
		},
	})
	return root
}

// announce prints one line that programs can read once everything is served.
func announce(w io.Writer) func(ready) {
	return func(r ready) {
		line := fmt.Sprintf("ready http=%s mqtt=%s", r.Console, r.MQTT)
		if r.MQTTS != "" {
			line += " mqtts=" + r.MQTTS
		}
		if r.Fingerprint != "" {
			line += " fingerprint=" + r.Fingerprint
		}
		if r.SetupToken != "" {
			line += " setup-token=" + r.SetupToken
		}
		fmt.Fprintln(w, line)
	}
}
