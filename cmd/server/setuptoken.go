package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices/durable"
	"gatehouse/devices/operators"
)

// setupTokenName is the file of the setup token in the data folder. Whoever may read
// it may read everything else there.
const setupTokenName = "setup-token"

// setupFile keeps the setup token: its text on the first line, its end on the second.
// A server reads it at each attempt, so that setup-token may replace it meanwhile.
type setupFile struct{ path string }

// SetupToken implements operators.SetupTokens.
func (f setupFile) SetupToken() (operators.SetupToken, error) {
	content, err := durable.ReadOwn(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return operators.SetupToken{}, nil
	}
	if err != nil {
		return operators.SetupToken{}, err
	}
	text, rest, _ := strings.Cut(string(content), "\n")
	ends, err := time.Parse("until "+time.RFC3339+"\n", rest)
	if err != nil {
		return operators.SetupToken{}, nil // of an earlier version, or damaged: good for nothing
	}
	return operators.SetupToken{Text: text, Ends: ends}, nil
}

// DropSetupToken implements operators.SetupTokens.
func (f setupFile) DropSetupToken() error { return removeIfThere(f.path) }

// renew puts a new token in force, and ends an older one.
func (f setupFile) renew(now time.Time) (operators.SetupToken, error) {
	token := operators.NewSetupToken(now)
	return token, durable.Replace(f.path, []byte(token.Text+"\nuntil "+token.Ends.Format(time.RFC3339)+"\n"))
}

// offer gives the token in force while there is no administrator, a new one if there
// is none that is good.
func (f setupFile) offer(now time.Time) (operators.SetupToken, error) {
	token, err := f.SetupToken()
	if err == nil && token.Good(now) {
		return token, nil
	}
	return f.renew(now) // one that others may have read, too
}

// setupTokenCommand is for whoever has no good setup token any more.
func setupTokenCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags configs.ServerFlags
	cmd := &cobra.Command{
		Use:   "setup-token",
		Short: "make a new setup token for the first administrator, good for 24 hours; the server may be running",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configs.LoadServer(flags)
			if err != nil {
				return err
			}
			token, err := makeSetupToken(cmd.Context(), cfg.Data.Dir, time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintf(stderr, "creates the first administrator, works once, until %s; those before do not work any more\n", token.Ends.Local().Format(time.RFC1123))
			_, err = fmt.Fprintln(stdout, token.Text)
			return err
		},
	}
	cmd.Flags().StringVar(&flags.Config, "config", "", "configuration file (YAML); see configs/server.yaml")
	cmd.Flags().StringVar(&flags.Data, "data", "", "data folder (data.dir)")
	return cmd
}

func makeSetupToken(ctx context.Context, dir string, now time.Time) (operators.SetupToken, error) {
	none := operators.SetupToken{}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return none, fmt.Errorf("data.dir %q is no folder of a server; name the server's data folder with --data or GATEHOUSE_DATA_DIR", dir)
	}
	if name, others := foreignOwner(info); others {
		return none, fmt.Errorf("data.dir %q belongs to another user: what is made there now the server could not read; run this as %s", dir, name)
	}
	settled, err := db.Settled(ctx, dir)
	if err != nil {
		return none, err
	}
	if settled {
		return none, errors.New("there is an administrator already, who gives accounts to others; whoever is locked out is let in again by: server reset-person NAME")
	}
	token, err := setupFile{filepath.Join(dir, setupTokenName)}.renew(now)
	if err != nil {
		return none, fmt.Errorf("data.dir %q: the setup token cannot be written: %w", dir, rootCause(err))
	}
	return token, nil
}
