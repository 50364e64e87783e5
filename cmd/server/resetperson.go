package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/spf13/cobra"

	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// resetPersonCommand lets somebody in again whom no administrator can help: the only
// one, who has lost password or second factor. Whoever may read the data folder has
// everything already, so that it asks for nothing.
func resetPersonCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags configs.ServerFlags
	cmd := &cobra.Command{
		Use:   "reset-person NAME",
		Short: "give somebody a new first password and take their second factor away; the server must be stopped",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := configs.LoadServer(flags)
			if err != nil {
				return err
			}
			password, err := resetPerson(cmd.Context(), cfg, args[0], newLogger(cfg.Log, stderr))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(stdout, password)
			return err
		},
	}
	cmd.Flags().StringVar(&flags.Config, "config", "", "configuration file (YAML); see configs/server.yaml")
	cmd.Flags().StringVar(&flags.Data, "data", "", "data folder (data.dir)")
	return cmd
}

// resetPerson gives the new first password.
func resetPerson(ctx context.Context, cfg configs.Server, name string, log *slog.Logger) (password string, err error) {
	var opened closers
	defer func() { err = errors.Join(err, opened.close()) }()
	if there, err := exists(filepath.Join(cfg.Data.Dir, db.FileName)); err != nil || !there {
		return "", errors.Join(fmt.Errorf("data.dir %q has no accounts; name the server's data folder with --data or GATEHOUSE_DATA_DIR", cfg.Data.Dir), err)
	}
	dir, err := openDataDir(cfg.Data.Dir, dataNames{"data.dir", "--data or GATEHOUSE_DATA_DIR"})
	if err != nil {
		return "", err
	}
	opened.add(dir.Close)
	key, err := dataKey(cfg, dir)
	if err != nil {
		key = nil // it may be lost: then what this command writes tells of nobody by name
	}
	store, err := db.Open(ctx, db.Options{Dir: dir.path, DataKey: key, Log: log})
	if err != nil {
		return "", err
	}
	opened.add(store.Close)
	people := operators.New(operators.Deps{Store: store.Operators(), Log: log}) // it opens no factor: the data key may be lost
	o, err := people.ByName(ctx, name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	by := devices.Actor{Kind: devices.ActorSystem, ID: "command line", Name: "command line"}
	if _, err := people.RemoveFactor(ctx, by, o.ID); err != nil {
		return "", err
	}
	_, password, err = people.ResetPassword(ctx, by, o.ID)
	return password, err
}
