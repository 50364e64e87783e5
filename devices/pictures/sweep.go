package pictures

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gatehouse/devices/durable"
)

// What a sweep may take for the traces of an end of the program: fewer than this, or
// not the greater part of all. More is another thing: the folder is not the one that the
// store knows, as when its disk was not mounted or the database was restored.
const (
	fewFiles   = 2 * tidyBatch
	fewRecords = 10
)

// ErrOtherFolder is that files and records do not belong together.
var ErrOtherFolder = errors.New("this is not the folder that the database knows")

// Sweep removes files that no picture has, as an end of the program at the wrong
// moment leaves them, and notes as removed every picture whose file is gone. Where that
// would be the greater part of all it changes nothing, and is ErrOtherFolder: whoever
// mounts the right disk has all pictures again.
func (p *Pictures) Sweep(ctx context.Context) error {
	return errors.Join(p.sweepFiles(ctx), p.sweepRecords(ctx))
}

func (p *Pictures) sweepFiles(ctx context.Context) error {
	folders, err := os.ReadDir(p.files.dir)
	if err != nil {
		return err
	}
	all, orphans := 0, map[[32]byte][]string{}
	for _, folder := range folders {
		if len(folder.Name()) != 2 || !folder.IsDir() {
			continue
		}
		n, err := p.look(ctx, filepath.Join(p.files.dir, folder.Name()), orphans)
		if err != nil {
			return err
		}
		all += n
	}
	if n := len(orphans); n > fewFiles && 2*n > all {
		return fmt.Errorf("%w: of %d pictures in it %d have no record; none is removed", ErrOtherFolder, all, n)
	}
	for hash, paths := range orphans {
		if err := p.removeOrphan(ctx, hash, paths); err != nil {
			return err
		}
	}
	return nil
}

// look adds the files of a folder that have no record now, and says how many pictures
// the folder has.
func (p *Pictures) look(ctx context.Context, dir string, orphans map[[32]byte][]string) (all int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(entries, func(e os.DirEntry) bool { return durable.Left(e.Name()) }) {
		if err := p.sweepLeft(dir); err != nil {
			return 0, err
		}
	}
	paths := map[[32]byte][]string{}
	for _, e := range entries {
		if hash, ok := hashIn(e.Name()); ok { // others are not ours
			paths[hash] = append(paths[hash], filepath.Join(dir, e.Name()))
		}
	}
	there, err := p.d.Store.Present(ctx, slices.Collect(maps.Keys(paths)))
	if err != nil {
		return 0, err
	}
	for hash, list := range paths {
		if !there[hash] {
			orphans[hash] = list
		}
	}
	return len(paths), nil
}

// sweepLeft removes what a small picture that was cut off has left: under the write
// lock nobody makes one.
func (p *Pictures) sweepLeft(dir string) error {
	p.hold.Lock()
	defer p.hold.Unlock()
	return durable.Sweep(dir)
}

// removeOrphan asks once more. A picture that is being stored has the read lock: under
// the write lock a file has its record or never gets one.
func (p *Pictures) removeOrphan(ctx context.Context, hash [32]byte, paths []string) error {
	p.hold.Lock()
	defer p.hold.Unlock()
	there, err := p.d.Store.Present(ctx, [][32]byte{hash})
	if err != nil || there[hash] {
		return err
	}
	for _, path := range paths {
		if err := gone(os.Remove(path)); err != nil {
			return err
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
	all, lost := 0, []Record{}
	for after := (Key{}); ; {
		found, err := p.d.Store.Records(ctx, after, tidyBatch)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			break
		}
		all += len(found)
		after = Key{Device: found[len(found)-1].Device, Event: found[len(found)-1].Event}
		lost = append(lost, p.lost(found)...)
	}
	if n := len(lost); n > fewRecords && 2*n > all {
		return fmt.Errorf("%w: of %d pictures that it has %d have no file here; none is noted as removed", ErrOtherFolder, all, n)
	}
	for some := range slices.Chunk(lost, tidyBatch) {
		var keys []Key
		for _, r := range p.lost(some) { // one that was sent again meanwhile is there
			keys = append(keys, Key{Device: r.Device, Event: r.Event})
		}
		if len(keys) == 0 {
			continue
		}
		p.d.Log.Error("the files of pictures are gone", "count", len(keys), "first", keys[0].Event)
		if _, err := p.remove(ctx, keys, nil); err != nil {
			return err
		}
	}
	return nil
}

// lost are those whose file is gone.
func (p *Pictures) lost(of []Record) (lost []Record) {
	for _, r := range of {
		if _, err := os.Stat(p.files.path(r.Hash)); errors.Is(err, fs.ErrNotExist) {
			lost = append(lost, r)
		}
	}
	return lost
}
