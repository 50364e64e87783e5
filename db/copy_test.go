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

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/operators"
	"gatehouse/devices/schedule"
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

func TestWhatIsRestoredBringsBackNoSessionNoHeldOpenGateAndNoTimedCommand(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d := opened(t)
	second := gate
	second.ID, second.Name = "gate-2", "west"
	register(t, d, gate, second)
	ok(t, d.Operators().AddFirstOperator(ctx, wang, entry("setup", "operator")))
	token := [32]byte{1}
	ok(t, d.Operators().AddSession(ctx, operators.Session{Key: token, Token: token, Operator: wang.ID, Created: start, LastSeen: start, Expires: start.Add(time.Hour)}, entry("session.create", "operator")))
	setting := func(id devices.DeviceID, mode devices.Mode) devices.Layer {
		return devices.Layer{Set: true, Zone: gate.Zone, Setting: arbiter.Setting{
			Layer: arbiter.Hold, Mode: mode, Scope: arbiter.Scope{Kind: arbiter.OfDevice, Site: string(gate.Site), ID: string(id)},
			By: arbiter.Who{Kind: "operator", ID: "li", Name: "li"}, Since: start,
		}}
	}
	open, shut := setting(gate.ID, devices.HeldOpen), setting(second.ID, devices.HeldClosed)
	lock := setting(gate.ID, devices.LockedDown)
	lock.Layer = arbiter.Lockdown
	before, err := d.Devices().SaveLayers(ctx, []devices.Layer{open, shut, lock}, nil)
	ok(t, err)
	at := start.Add(26 * time.Hour)
	for id, next := range map[schedule.ID]time.Time{"past": start.Add(time.Hour), "coming": at.Add(time.Hour), "paused": {}} {
		ok(t, d.Schedules().PutSchedule(ctx, schedule.Schedule{
			ID: id, Site: gate.Site, Targets: []schedule.Target{{Device: gate.ID}}, Name: string(id), Cron: "0 7 * * *", TimeZone: "UTC",
			Action: devices.ActionOpen, Created: start, Next: next, Paused: next.IsZero(),
		}, entry("schedule.create", "schedule")))
	}

	done := entry("backup.restored", "backup:x")
	done.At = at
	ok(t, d.Restored(ctx, at, done))

	if _, err := d.Operators().Session(ctx, token); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("somebody is still signed in: %v", err)
	}
	set, err := d.Devices().Layers(ctx)
	ok(t, err)
	kept := map[devices.Mode]bool{}
	for _, l := range set {
		kept[l.Mode] = true
	}
	if len(set) != 2 || !kept[devices.HeldClosed] || !kept[devices.LockedDown] {
		t.Errorf("layers that are set: %v, want what keeps shut", set)
	}
	sites, err := d.Devices().Sites(ctx)
	ok(t, err)
	if sites[0].Revision <= before[0] {
		t.Errorf("revision %d after %d: who has the old picture would not ask for the new one", sites[0].Revision, before[0])
	}
	for id, want := range map[schedule.ID]time.Time{"past": at, "coming": at.Add(time.Hour), "paused": {}} {
		x, err := d.Schedules().Schedule(ctx, id)
		ok(t, err)
		if !x.Next.Equal(want) {
			t.Errorf("%s: due times count from %s, want %s", id, x.Next, want)
		}
	}
	for verb, want := range map[string]string{"backup.restored": "backup:x", "layer.release": "layer:" + open.ID()} {
		row, err := d.Trail().LastOf(ctx, verb)
		ok(t, err)
		if row == nil || row.Object != want {
			t.Errorf("the trail's %s is %v, want that of %s", verb, row, want)
		}
	}
}
