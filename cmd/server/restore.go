package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices"
	"gatehouse/devices/backup"
	"gatehouse/devices/durable"
)

// restoreCommand makes a data folder of a backup.
func restoreCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags configs.ServerFlags
	var check bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "make a data folder of a backup; with --check only read it to its end",
		Long: `Makes the data folder (--data) of a backup. The folder must not be there, or be empty: what is in one now is
moved away first, and kept. The whole backup is read and compared with its checksums before the folder gets its name, so
that an end in the middle leaves nothing that a server would start on: do it again.

A backup that is encrypted needs the passphrase it was made with, in backup.passphrase of the configuration,
GATEHOUSE_BACKUP_PASSPHRASE, or the file that GATEHOUSE_BACKUP_PASSPHRASE_FILE names.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := configs.LoadServer(flags)
			if err != nil {
				return err
			}
			if check {
				m, err := backup.Check(cmd.Context(), args[0], cfg.Backup.Passphrase.Reveal())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(stdout, "whole: %s\n", summary(m))
				return err
			}
			m, err := restore(cmd.Context(), cfg, args[0], newLogger(cfg.Log, stderr))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(stdout, `restored into %s: %s
What happened since is not in it. Before devices come back, see docs/system.md: who was locked out since may
come in again, and what was let in since does not.
`, cfg.Data.Dir, summary(m))
			return err
		},
	}
	cmd.Flags().StringVar(&flags.Config, "config", "", "configuration file (YAML); see configs/server.yaml")
	cmd.Flags().StringVar(&flags.Data, "data", "", "data folder (data.dir) that is to be made")
	cmd.Flags().BoolVar(&check, "check", false, "only read the backup and compare it with its checksums; nothing is written")
	return cmd
}

// summary is a backup in a few words.
func summary(m backup.Manifest) string {
	pictures := "without pictures of cameras"
	if m.Pictures {
		pictures = "with pictures of cameras"
	}
	return fmt.Sprintf("backup of %s, made by version %s, %s", m.Made.UTC().Format(time.RFC3339), m.Version, pictures)
}

// restore makes the data folder under another name, and gives it its own when all is in it.
func restore(ctx context.Context, cfg configs.Server, file string, log *slog.Logger) (m backup.Manifest, err error) {
	dir, err := filepath.Abs(cfg.Data.Dir)
	if err != nil {
		return m, err
	}
	if err := vacant(dir); err != nil {
		return m, err
	}
	half := dir + ".restoring"
	if err := os.RemoveAll(half); err != nil {
		return m, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(half))
		}
	}()
	if err := os.MkdirAll(half, 0o700); err != nil {
		return m, err
	}
	if m, err = backup.Unpack(ctx, file, cfg.Backup.Passphrase.Reveal(), half); err != nil {
		return m, err
	}
	if err := settle(ctx, cfg, half, filepath.Base(file), m, log); err != nil {
		return m, err
	}
	if err := removeIfThere(dir); err != nil { // it is empty
		return m, err
	}
	if err := os.Rename(half, dir); err != nil {
		return m, err
	}
	return m, durable.SyncFolder(filepath.Dir(dir))
}

// vacant is an error unless a folder is not there, or empty.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data.dir %q: %w", dir, rootCause(err))
	}
	return fmt.Errorf("data.dir %q is not empty: stop its server and move it away (mv %s %s.before), or name another folder with --data or GATEHOUSE_DATA_DIR", dir, dir, dir)
}

// settle ends in a restored folder what must not come back by itself, and says so in the
// audit trail.
func settle(ctx context.Context, cfg configs.Server, dir, name string, m backup.Manifest, log *slog.Logger) (err error) {
	if !m.DataKey && cfg.Data.Key == "" {
		return errors.New("data.key: the backup was made by a server whose configuration had the data key; give the same one here")
	}
	if err := db.CheckCopy(ctx, filepath.Join(dir, db.FileName)); err != nil {
		return err
	}
	var opened closers
	defer func() { err = errors.Join(err, opened.close()) }()
	folder, err := openDataDir(dir, dataNames{"the folder", "--data"})
	if err != nil {
		return err
	}
	opened.add(folder.Close)
	key, err := dataKey(cfg, folder)
	if err != nil {
		return err
	}
	store, err := db.Open(ctx, db.Options{Dir: dir, DataKey: key, Log: log})
	if err != nil {
		return err
	}
	opened.add(store.Close)
	at := time.Now()
	by := devices.Actor{Kind: devices.ActorSystem, ID: "command line", Name: "command line"}
	detail := map[string]any{"made": m.Made.UTC().Format(time.RFC3339), "version": m.Version}
	return store.Restored(ctx, at, devices.Audited(at, by, "backup.restore", "", "backup:"+name, detail))
}
