package trail

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gatehouse/devices/durable"
)

// ReadHeads reads the heads of a folder, by name; none if there is no folder. A file that
// is no head, or was changed, is a *Broken.
func ReadHeads(folder string) ([]Named, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Named
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), headSuffix) {
			continue
		}
		h, err := ReadHeadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// ReadHeadFile reads one head; a *Broken if the file is none, or was changed.
func ReadHeadFile(path string) (Named, error) {
	content, err := os.ReadFile(path) //nolint:gosec // whoever verifies names the file
	if err != nil {
		return Named{}, err
	}
	h, err := ReadHead(content)
	if err != nil {
		return Named{}, &Broken{What: filepath.Base(path) + ": " + err.Error()}
	}
	return Named{Head: h, Name: filepath.Base(path)}, nil
}

// signDay signs the newest row once a day (UTC) and keeps it in the folder of heads.
func (s *Service) signDay(ctx context.Context) error {
	folder := filepath.Join(s.d.Dir, HeadsDir)
	path := filepath.Join(folder, s.now().Format("2006-01-02")+headSuffix)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	h, err := s.Head(ctx)
	if err != nil {
		return err
	}
	if err := durable.Replace(path, h.File()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Head = &h
	return nil
}

// findHead is the head that was kept last. Its caller holds mu. A file that cannot be
// read is left to the verification.
func (s *Service) findHead() error {
	all, err := ReadHeads(filepath.Join(s.d.Dir, HeadsDir))
	var broken *Broken
	if errors.As(err, &broken) {
		return nil
	}
	if n := len(all); n > 0 {
		s.status.Head = &all[n-1].Head
	}
	return err
}
