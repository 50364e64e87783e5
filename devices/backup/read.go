package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"gatehouse/devices/durable"
)

// ErrPassphrase is that a backup cannot be opened with the passphrase that was given, or that
// none was.
var ErrPassphrase = errors.New("the backup is encrypted, and the passphrase is not the one that it was made with")

// limits of what is read into memory.
const (
	mostManifest = 64 << 10
	mostSums     = 512 << 20 // a hundred bytes for each of five million pictures
)

// Check reads a backup to its last byte and compares it with its checksums. Nothing is
// written.
func Check(ctx context.Context, file, passphrase string) (Manifest, error) {
	return checked(ctx, file, passphrase, func(int) {})
}

func checked(ctx context.Context, file, passphrase string, moved func(int)) (Manifest, error) {
	return read(ctx, file, passphrase, moved, func(string, io.Reader) error { return nil })
}

// Unpack puts what is in a backup into an empty folder, readable by its owner only. After
// an error what is in the folder is worth nothing.
func Unpack(ctx context.Context, file, passphrase, into string) (Manifest, error) {
	folders := map[string]bool{into: true}
	m, err := read(ctx, file, passphrase, func(int) {}, func(name string, r io.Reader) error {
		to := filepath.Join(into, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		for at := filepath.Dir(to); !folders[at]; at = filepath.Dir(at) {
			folders[at] = true
		}
		return write(to, r)
	})
	if err != nil {
		return m, err
	}
	for at := range folders {
		if err := durable.SyncFolder(at); err != nil {
			return m, err
		}
	}
	return m, nil
}

func write(to string, r io.Reader) error {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // local checked its name
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// read gives every file of a backup but the first and the last to put, and compares all
// with the checksums at the end.
func read(ctx context.Context, file, passphrase string, moved func(int), put func(name string, r io.Reader) error) (m Manifest, err error) {
	f, err := os.Open(file) //nolint:gosec // the file that somebody names
	if err != nil {
		return m, err
	}
	defer f.Close()
	files, err := opened(f, passphrase)
	if err == nil {
		m, err = files.read(ctx, moved, put)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return m, err
}

// reader reads an archive.
type reader struct {
	tar  *tar.Reader
	gzip *gzip.Reader
	sums strings.Builder // of what was read
}

// opened undoes encryption and compression.
func opened(f io.Reader, passphrase string) (*reader, error) {
	head := bufio.NewReader(f)
	if begin, _ := head.Peek(len(ageIntro)); string(begin) == ageIntro {
		plain, err := decrypted(head, passphrase)
		if err != nil {
			return nil, err
		}
		head = bufio.NewReader(plain)
	}
	unpacked, err := gzip.NewReader(head)
	if err != nil {
		return nil, fmt.Errorf("it is no backup of this program, or its beginning is damaged: %w", err)
	}
	return &reader{tar: tar.NewReader(unpacked), gzip: unpacked}, nil
}

// ageIntro is how a file begins that is encrypted with age.
const ageIntro = "age-encryption.org/"

func decrypted(r io.Reader, passphrase string) (io.Reader, error) {
	if passphrase == "" {
		return nil, ErrPassphrase
	}
	who, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(r, who)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return nil, ErrPassphrase
	}
	return plain, err
}

func (r *reader) read(ctx context.Context, moved func(int), put func(string, io.Reader) error) (m Manifest, err error) {
	if m, err = r.manifest(); err != nil {
		return m, err
	}
	for {
		h, err := r.tar.Next()
		switch {
		case errors.Is(err, io.EOF):
			return m, errors.New("it was cut short: its checksums are missing")
		case err != nil:
			return m, damaged(err)
		case h.Name == sumsName:
			return m, r.end()
		case h.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(h.Name)):
			return m, fmt.Errorf("it is no backup of this program: %.100q in it is no file below the folder", h.Name)
		}
		if err := r.file(ctx, h.Name, moved, put); err != nil {
			return m, err
		}
	}
}

// file gives one file to put, to its end.
func (r *reader) file(ctx context.Context, name string, moved func(int), put func(string, io.Reader) error) error {
	sum := sha256.New()
	from := &source{r: counted{ctx, r.tar, moved}}
	summed := io.TeeReader(from, sum)
	err := put(name, summed)
	if err == nil {
		_, err = io.Copy(io.Discard, summed) // what put left
	}
	if from.err != nil {
		return damaged(from.err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.sums.WriteString(sumLine(name, sum))
	return nil
}

// source remembers that what is read is at fault, and not where it goes.
type source struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (r *reader) manifest() (m Manifest, err error) {
	h, err := r.tar.Next()
	if err != nil || h.Name != manifestName {
		return m, errors.Join(errors.New("it is no backup of this program, or its beginning is damaged"), err)
	}
	sum := sha256.New()
	text, err := io.ReadAll(io.TeeReader(io.LimitReader(r.tar, mostManifest), sum))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return m, damaged(err)
	}
	if m.Form != form {
		return m, fmt.Errorf("it was made by another version of this program (%.40q): use that one", m.Version)
	}
	r.sums.WriteString(sumLine(manifestName, sum))
	return m, nil
}

// end is an error unless the file of checksums has those of what was read, and the archive ends
// with it, to the last byte of each of its layers.
func (r *reader) end() error {
	got, err := io.ReadAll(io.LimitReader(r.tar, mostSums))
	if err != nil {
		return damaged(err)
	}
	if string(got) != r.sums.String() {
		return errors.New("it is damaged: what is in it does not have the checksums that it was made with")
	}
	if _, err := r.tar.Next(); !errors.Is(err, io.EOF) {
		return errors.Join(errors.New("it is damaged: something follows its end"), err)
	}
	if _, err := io.Copy(io.Discard, r.gzip); err != nil {
		return damaged(err)
	}
	return nil
}

func damaged(err error) error { return fmt.Errorf("it is damaged or cut short: %w", err) }
