package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"gatehouse/prove"
)

// Events have numbers without a gap, so that a copy of a moment has the first so many.
func TestACopyThatIsMadeWhileOthersWriteIsWholeAsOfOneMomentAndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := reopened(t, filled(t, prove.Size(100, 100_000)))
	begun := int64(prove.Size(100, 100_000))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var written atomic.Int64
	written.Store(begun - 1)
	var took []time.Duration
	ended := make(chan error, 1)
	go func() {
		for n := int(begun); ctx.Err() == nil; n++ {
			asked := time.Now()
			if _, _, err := d.Devices().AddEvent(context.Background(), passage(n)); err != nil {
				ended <- err
				return
			}
			took = append(took, time.Since(asked))
			written.Store(int64(n))
		}
		ended <- nil
	}()
	rounds := prove.Size(3, 20)
	for range rounds {
		least := written.Load()
		copied := t.TempDir()
		path := filepath.Join(copied, FileName)
		ok(t, d.CopyTo(t.Context(), path))
		most := written.Load() + 1
		ok(t, CheckCopy(t.Context(), path))
		c, err := Open(t.Context(), Options{Dir: copied, DataKey: make([]byte, 32)})
		ok(t, err)
		var count, last int64
		ok(t, c.read(t.Context(), "test", func(tx *gorm.DB) error {
			return tx.Raw("SELECT count(*), max(seq) FROM events").Row().Scan(&count, &last)
		}))
		ok(t, c.Close())
		if count != last+1 || last < least || last > most {
			t.Errorf("%d events up to %d, while %d to %d were written", count, last, least, most)
		}
	}
	stop()
	ok(t, <-ended)
	slices.Sort(took)
	slow := took[len(took)*99/100]
	if prove.Full() && slow > 50*time.Millisecond {
		t.Errorf("a write takes %s (p99) while the database is copied", slow)
	}
	prove.Record(t, "a copy of the database is made while others write as fast as they can", "each whole as of one moment; a write takes at most 50 ms (p99) meanwhile",
		fmt.Sprintf("%d copies, %d writes, p99 %s, slowest %s", rounds, len(took), slow.Round(10*time.Microsecond), took[len(took)-1].Round(time.Millisecond)))
}

func TestACopyIsCutRatherThanTheLogGrowsWithoutEnd(t *testing.T) {
	t.Parallel()
	d := reopened(t, filled(t, 2000))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { // as the guard of the log does
		defer close(ended)
		for ctx.Err() == nil {
			_, release := d.file.reads.cut(0)
			release()
			yield()
		}
	}()
	var err error
	for err == nil {
		err = d.CopyTo(t.Context(), filepath.Join(t.TempDir(), FileName))
	}
	stop()
	<-ended
	if !errors.Is(err, errCut) {
		t.Errorf("the copy that was cut says: %v", err)
	}
	ok(t, d.CopyTo(t.Context(), filepath.Join(t.TempDir(), FileName)))
}

func TestADamagedCopyIsFound(t *testing.T) {
	t.Parallel()
	d := reopened(t, filled(t, 2000))
	path := filepath.Join(t.TempDir(), FileName)
	ok(t, d.CopyTo(t.Context(), path))
	whole, err := os.ReadFile(path)
	ok(t, err)
	rnd := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	damaged := bytes.Clone(whole)
	page := 4096 * (1 + rnd.IntN(len(whole)/4096-1)) // any but the first
	clear(damaged[page : page+4096])
	ok(t, os.WriteFile(path, damaged, 0o600))
	if err := CheckCopy(t.Context(), path); err == nil {
		t.Errorf("page %d is cleared, and nothing is found", page/4096)
	}
	ok(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	if err := CheckCopy(t.Context(), path); err == nil {
		t.Error("half of the file is missing, and nothing is found")
	}
}
