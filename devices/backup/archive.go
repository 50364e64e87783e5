package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
)

// The first and the last file of an archive.
const (
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS" // of all files before it, as sha256sum writes it
)

// form is the version of what an archive looks like; this program reads no other.
const form = 1

// Manifest says what a backup is of.
type Manifest struct {
	Form     int       `json:"form"`
	Version  string    `json:"version"` // of the program that made it
	Made     time.Time `json:"made"`
	Pictures bool      `json:"pictures"` // whether those of cameras are in it
	// DataKey is whether the key that opens what is sealed in the database is in it. Where
	// the configuration has it, the configuration is needed too.
	DataKey bool `json:"dataKey"`
}

// workFactor of scrypt is 2 to the power of it: 64 MiB and a fifth of a second for each guess.
const workFactor = 16

// writer writes an archive.
type writer struct {
	tar    *tar.Writer
	layers []io.Closer // from the inside out
	sums   strings.Builder
	made   time.Time
	moved  func(bytes int) // tells of progress
}

func newWriter(to io.Writer, m Manifest, passphrase string, moved func(int)) (*writer, error) {
	w := &writer{made: m.Made, moved: moved}
	if passphrase != "" {
		who, err := age.NewScryptRecipient(passphrase)
		if err != nil {
			return nil, err
		}
		who.SetWorkFactor(workFactor)
		sealed, err := age.Encrypt(to, who)
		if err != nil {
			return nil, err
		}
		to, w.layers = sealed, append(w.layers, sealed)
	}
	packed, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	w.tar = tar.NewWriter(packed)
	w.layers = append([]io.Closer{w.tar, packed}, w.layers...)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	return w, w.add(context.Background(), manifestName, int64(len(text)), strings.NewReader(string(text)))
}

// add puts a file of a size into the archive; more than that of it is left out.
func (w *writer) add(ctx context.Context, name string, size int64, r io.Reader) error {
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: w.made, Typeflag: tar.TypeReg, Format: tar.FormatPAX}); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w.tar, sum), counted{ctx, r, w.moved}, size); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.sums.WriteString(sumLine(name, sum))
	return nil
}

// sumLine is a line of the file of checksums.
func sumLine(name string, sum hash.Hash) string {
	return hex.EncodeToString(sum.Sum(nil)) + "  " + name + "\n"
}

// addFile puts a file of the disk into the archive. One that is gone is none.
func (w *writer) addFile(ctx context.Context, name, from string) error {
	f, err := os.Open(from) //nolint:gosec // a file of the data folder
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return w.add(ctx, name, info.Size(), f)
}

// close ends the archive with its checksums.
func (w *writer) close() error {
	sums := w.sums.String()
	if err := w.add(context.Background(), sumsName, int64(len(sums)), strings.NewReader(sums)); err != nil {
		return err
	}
	for _, l := range w.layers {
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}

// counted is a reader that tells how much was read, and ends with its context.
type counted struct {
	ctx   context.Context
	r     io.Reader
	moved func(int)
}

// Read implements io.Reader.
func (c counted) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.moved(n)
	return n, err
}

// filesBelow are the regular files of a folder, by their names with slashes from its
// parent on. A folder that is not there has none; half-written files are none.
func filesBelow(data, folder string) (names []string, err error) {
	err = filepath.WalkDir(filepath.Join(data, filepath.FromSlash(folder)), func(at string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case e.IsDir() && e.Name() == halfWritten:
			return filepath.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		within, err := filepath.Rel(data, at)
		if err != nil {
			return err
		}
		names = append(names, path.Clean(filepath.ToSlash(within)))
		return nil
	})
	return names, err
}

// halfWritten is the name of folders of files that are not whole yet.
const halfWritten = "tmp"
