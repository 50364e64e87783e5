package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices/trail"
)

// exitBroken is the exit code of a command that could read the audit trail and found that
// it is not what was written.
const exitBroken = 2

// exitError is an error with its own exit code.
type exitError struct {
	error
	code int
}

// Unwrap gives the cause.
func (e exitError) Unwrap() error { return e.error }

// exitCode is that of an error: 1 unless it has its own.
func exitCode(err error) int {
	var own exitError
	if errors.As(err, &own) {
		return own.code
	}
	return 1
}

// auditCommand proves the audit trail, also beside a running server.
func auditCommand(stdout io.Writer) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "prove that the audit trail is what was written",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(auditVerifyCommand(stdout), auditKeyCommand(stdout))
	return cmd
}

func auditVerifyCommand(stdout io.Writer) *cobra.Command {
	var flags configs.ServerFlags
	var heads []string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "read the whole audit trail; exit code 0: intact, 2: it is not what was written, 1: it could not be read",
		Long: `Reads every row of the audit trail and compares its hash, and every signed head that is kept in the data
folder. A head that was kept elsewhere (--head, more than once) also shows whether rows were taken away from the end, or
the whole trail was written anew. The server may run meanwhile.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configs.LoadServer(flags)
			if err != nil {
				return err
			}
			report, err := verifyAudit(cmd.Context(), cfg.Data.Dir, heads)
			var broken *trail.Broken
			if errors.As(err, &broken) {
				return exitError{fmt.Errorf("the audit trail is not what was written: %w", err), exitBroken}
			}
			if err != nil {
				return err
			}
			return printReport(stdout, report)
		},
	}
	cmd.Flags().StringVar(&flags.Config, "config", "", "configuration file (YAML); see configs/server.yaml")
	cmd.Flags().StringVar(&flags.Data, "data", "", "data folder (data.dir)")
	cmd.Flags().StringArrayVar(&heads, "head", nil, "file of a signed head that was kept elsewhere")
	return cmd
}

func verifyAudit(ctx context.Context, dir string, files []string) (_ trail.Report, err error) {
	heads, err := trail.ReadHeads(filepath.Join(dir, trail.HeadsDir))
	if err != nil {
		return trail.Report{}, err
	}
	for _, path := range files {
		h, err := trail.ReadHeadFile(path)
		if err != nil {
			return trail.Report{}, err
		}
		heads = append(heads, h)
	}
	file, err := openTrail(ctx, dir)
	if err != nil {
		return trail.Report{}, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return trail.Verify(ctx, file, heads, nil)
}

func openTrail(ctx context.Context, dir string) (*db.TrailFile, error) {
	if there, err := exists(filepath.Join(dir, db.FileName)); err != nil || !there {
		return nil, errors.Join(fmt.Errorf("data.dir %q has no audit trail; name the server's data folder with --data or GATEHOUSE_DATA_DIR", dir), err)
	}
	return db.ReadTrail(ctx, dir)
}

func printReport(w io.Writer, r trail.Report) error {
	_, err := fmt.Fprintf(w, "intact: rows %d to %d, %d signed heads agree\nlast hash %s\npublic key %s\n", r.First, r.Last.Row, r.Heads, r.Last.Hash, r.Key)
	if err == nil && r.Older > 0 {
		_, err = fmt.Fprintf(w, "note: %d heads tell of rows that were removed when they were old enough\n", r.Older)
	}
	for _, n := range r.Notes {
		if err == nil {
			_, err = fmt.Fprintln(w, "note:", n)
		}
	}
	return err
}

func auditKeyCommand(stdout io.Writer) *cobra.Command {
	var flags configs.ServerFlags
	cmd := &cobra.Command{
		Use:   "key",
		Short: "print the public key that signs the heads of the audit trail",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := configs.LoadServer(flags)
			if err != nil {
				return err
			}
			signer, there, err := trail.LoadSigner(filepath.Join(cfg.Data.Dir, trail.KeyFile))
			if err == nil && !there {
				err = fmt.Errorf("data.dir %q has no key of an audit trail; name the server's data folder with --data or GATEHOUSE_DATA_DIR", cfg.Data.Dir)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(stdout, signer.Public())
			return err
		},
	}
	cmd.Flags().StringVar(&flags.Config, "config", "", "configuration file (YAML); see configs/server.yaml")
	cmd.Flags().StringVar(&flags.Data, "data", "", "data folder (data.dir)")
	return cmd
}
