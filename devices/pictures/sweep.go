package pictures

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Sweep removes files that no picture has, as an end of the program at the wrong
// moment leaves them, and notes as removed every picture whose file is gone.
func (p *Pictures) Sweep(ctx context.Context) error {
	return errors.Join(p.sweepFiles(ctx), p.sweepRecords(ctx))
}

func (p *Pictures) sweepFiles(ctx context.Context) error {
	folders, err := os.ReadDir(p.files.dir)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if len(folder.Name()) != 2 || !folder.IsDir() {
			continue
		}
		if err := p.sweepFolder(ctx, filepath.Join(p.files.dir, folder.Name())); err != nil {
			return err
		}
	}
	return nil
}

// sweepFolder asks for the files of one folder. A picture that is being stored has the
// read lock: under the write lock a file has its record or never gets one.
func (p *Pictures) sweepFolder(ctx context.Context, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	names := map[[32]byte][]string{}
	var hashes [][32]byte
	for _, e := range entries {
		hash, ok := hashIn(e.Name())
		if !ok {
			continue // not ours
		}
		if names[hash] == nil {
			hashes = append(hashes, hash)
		}
		names[hash] = append(names[hash], e.Name())
	}
	p.hold.Lock()
	defer p.hold.Unlock()
	there, err := p.d.Store.Present(ctx, hashes)
	if err != nil {
		return err
	}
	for hash, list := range names {
		if there[hash] {
			continue
		}
		for _, name := range list {
			if err := gone(os.Remove(filepath.Join(dir, name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// hashIn is the hash that a file of ours is named by.
func hashIn(name string) (hash [32]byte, ok bool) {
	base, ok := strings.CutSuffix(name, ".jpg")
	if !ok {
		return hash, false
	}
	n, err := hex.Decode(hash[:], []byte(strings.TrimSuffix(base, ".thumb")))
	return hash, err == nil && n == len(hash)
}

// sweepRecords looks for the file of each picture.
func (p *Pictures) sweepRecords(ctx context.Context) error {
	var after Key
	for {
		found, err := p.d.Store.Records(ctx, after, tidyBatch)
		if err != nil || len(found) == 0 {
			return err
		}
		var lost []Key
		for _, f := range found {
			after = Key{Device: f.Device, Event: f.Event}
			if _, err := os.Stat(p.files.path(f.Hash)); errors.Is(err, fs.ErrNotExist) {
				lost = append(lost, after)
			}
		}
		if len(lost) == 0 {
			continue
		}
		p.d.Log.Error("the files of pictures are gone", "count", len(lost), "first", lost[0].Event)
		if _, err := p.remove(ctx, lost, nil); err != nil {
			return err
		}
	}
}
