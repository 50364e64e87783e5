package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gatehouse/devices/durable"
)

// make makes one backup, proves it, and gives it its name.
func (s *Service) make(ctx context.Context) (b Backup, err error) {
	if err := os.MkdirAll(s.d.Dir, 0o700); err != nil {
		return b, err
	}
	if err := durable.Sweep(s.d.Dir); err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.scratch())) }()
	if err := os.MkdirAll(s.scratch(), 0o700); err != nil {
		return b, err
	}
	f, err := os.CreateTemp(s.d.Dir, durable.Half)
	if err != nil {
		return b, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // unless it has its own name already; what stays is swept the next time
		}
	}()
	b = Backup{Made: s.d.Now().UTC().Truncate(time.Second), Encrypted: s.d.Passphrase != ""}
	sum := sha256.New()
	err = s.pack(ctx, io.MultiWriter(f, sum), b.Made)
	if err == nil {
		err = f.Sync()
	}
	info, serr := f.Stat()
	if err = errors.Join(err, serr, f.Close()); err != nil {
		return b, err
	}
	b.Size = info.Size()
	if err := s.verify(ctx, f.Name()); err != nil {
		return b, fmt.Errorf("the backup that was written is not what was to be written: %w", err)
	}
	b.Name, b.sum = nameOf(b.Made, b.Encrypted), hex.EncodeToString(sum.Sum(nil))
	if err := os.Rename(f.Name(), filepath.Join(s.d.Dir, b.Name)); err != nil {
		return b, err
	}
	return b, durable.SyncFolder(s.d.Dir)
}

// pack writes the archive.
func (s *Service) pack(ctx context.Context, to io.Writer, made time.Time) error {
	before, err := s.files(s.d.Before)
	if err != nil {
		return err
	}
	grow, err := s.files(s.d.Grow)
	if err != nil {
		return err
	}
	size := s.size(before, grow, []string{s.d.Database.Name()})
	if err := s.room(size); err != nil {
		return err
	}
	w, err := newWriter(to, Manifest{Form: form, Version: s.d.Version, Made: made, Pictures: s.d.Pictures, DataKey: s.d.DataKey}, s.d.Passphrase, s.moved)
	if err != nil {
		return err
	}
	s.step(Packing, size)
	if err := s.addAll(ctx, w, append(before, grow...)); err != nil {
		return err
	}
	s.step(Copying, 0)
	copied := filepath.Join(s.scratch(), s.d.Database.Name())
	if err := s.d.Database.CopyTo(ctx, copied); err != nil {
		return err
	}
	if err := s.d.Database.CheckCopy(ctx, copied); err != nil {
		return err
	}
	s.step(Packing, size)
	if err := w.addFile(ctx, s.d.Database.Name(), copied); err != nil {
		return err
	}
	if err := s.addNew(ctx, w, grow); err != nil {
		return err
	}
	return w.close()
}

func (s *Service) files(folders []string) (all []string, err error) {
	for _, folder := range folders {
		names, err := filesBelow(s.d.Data, folder)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
}

func (s *Service) addAll(ctx context.Context, w *writer, names []string) error {
	for _, name := range names {
		if err := w.addFile(ctx, name, filepath.Join(s.d.Data, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// addNew adds what came since the first look: the copy of the database may name it.
func (s *Service) addNew(ctx context.Context, w *writer, had []string) error {
	now, err := s.files(s.d.Grow)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(had))
	for _, name := range had {
		there[name] = true
	}
	fresh := slices.DeleteFunc(now, func(name string) bool { return there[name] })
	return s.addAll(ctx, w, fresh)
}

// size adds up files; one that is gone takes no room.
func (s *Service) size(lists ...[]string) (bytes int64) {
	for _, name := range slices.Concat(lists...) {
		if info, err := os.Stat(filepath.Join(s.d.Data, filepath.FromSlash(name))); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// room is an error unless the disks have room for a copy of the database and for a backup.
func (s *Service) room(size int64) error {
	for _, need := range []struct {
		on    string
		bytes int64
	}{{s.d.Data, s.size([]string{s.d.Database.Name()})}, {s.d.Dir, size}} {
		if free, _, known := s.d.Space(need.on); known && free < need.bytes+KeepFree {
			return fmt.Errorf("the disk of %s has %d MiB free, and a backup may need %d MiB: free some space, keep fewer backups (backup.keep), or put them on another disk (backup.dir)",
				need.on, free>>20, (need.bytes+KeepFree)>>20)
		}
	}
	return nil
}

// verify reads the backup back.
func (s *Service) verify(ctx context.Context, file string) error {
	s.mu.Lock()
	packed := s.running.Done
	s.mu.Unlock()
	s.step(Verifying, packed)
	_, err := checked(ctx, file, s.d.Passphrase, s.moved)
	return err
}

// step says what is done now.
func (s *Service) step(to Step, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.running
	if to == Verifying {
		r.Done = 0
	}
	r.Step, r.Total = to, total
}

// moved counts bytes of the step.
func (s *Service) moved(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running.Done += int64(bytes)
}
