package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker"
	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices/backup"
	"gatehouse/devices/pictures"
	"gatehouse/devices/trail"
	"gatehouse/web"
)

// wellSystem is one in which everything is well.
func wellSystem(t *testing.T) *system {
	t.Helper()
	return &system{
		cfg: configs.DefaultServer(), dir: t.TempDir(), began: time.Now(), now: time.Now, lines: newLogRing(),
		answers: func(context.Context) error { return nil },
		usage:   func(context.Context) (pictures.Usage, error) { return pictures.Usage{Bytes: 5, Pictures: 2}, nil },
		trail: func(context.Context) (trail.Status, error) {
			return trail.Status{First: 3, Newest: 9, Verified: trail.Mark{Row: 9}, VerifiedAt: time.Now()}, nil
		},
		broker:       func() broker.Stats { return broker.Stats{Connections: 7} },
		certificates: func() []web.Certificate { return nil },
		backups:      func() backup.Status { return backup.Status{Backups: []backup.Backup{{Made: time.Now()}}} },
		space:        func(string) (free, total int64, known bool) { return 500 << 30, 1000 << 30, true },
	}
}

func whys(st web.SystemState) string {
	var all []string
	for _, p := range st.Parts {
		all = append(all, p.Name+" "+p.State+" "+p.Why)
	}
	return strings.Join(all, ", ")
}

func TestEachPartOfTheSystemSaysWhenItIsNotWell(t *testing.T) {
	t.Parallel()
	const well = "database ok answers, disk ok room, wal ok short, broker ok serves, clock ok steady, certificates ok none, trail ok verified, backup ok made"
	if got := whys(wellSystem(t).State(t.Context())); got != well {
		t.Fatal(got)
	}
	ends := func(in time.Duration) func(*system) {
		return func(s *system) {
			s.certificates = func() []web.Certificate {
				return []web.Certificate{{Ends: s.now().Add(time.Hour * 9999)}, {Ends: s.now().Add(in)}}
			}
		}
	}
	space := func(free int64, known bool) func(*system) {
		return func(s *system) { s.space = func(string) (int64, int64, bool) { return free, 1000 << 30, known } }
	}
	for want, change := range map[string]func(*system){
		"database bad silent":         func(s *system) { s.answers = func(context.Context) error { return errors.New("disk I/O error") } },
		"disk bad full":               space(100<<20, true),
		"disk warn low":               space(1<<30, true),
		"disk unknown unknown":        space(0, false),
		"broker bad store_full":       func(s *system) { s.broker = func() broker.Stats { return broker.Stats{StoreFull: true} } },
		"broker warn crowded":         func(s *system) { s.broker = func() broker.Stats { return broker.Stats{Connections: 19_000} } },
		"clock warn stepped":          func(s *system) { s.stepped = step{time.Now(), time.Minute} },
		"clock ok steady":             func(s *system) { s.stepped = step{time.Now().Add(-25 * time.Hour), time.Minute} },
		"certificates ok valid":       ends(15 * 24 * time.Hour),
		"certificates warn ends_soon": ends(13 * 24 * time.Hour),
		"certificates bad ended":      ends(-time.Second),
		"trail unknown not_verified":  func(s *system) { s.trail = func(context.Context) (trail.Status, error) { return trail.Status{}, nil } },
		"trail unknown unknown": func(s *system) {
			s.trail = func(context.Context) (trail.Status, error) { return trail.Status{}, errors.New("no") }
		},
		"trail bad broken": func(s *system) {
			s.trail = func(context.Context) (trail.Status, error) { return trail.Status{Broken: &trail.Broken{Row: 4}}, nil }
		},
		"wal warn long": func(s *system) { s.dir = sized(t, db.FileName+"-wal", longWAL+1) },
	} {
		s := wellSystem(t)
		change(s)
		if got := whys(s.State(t.Context())); !strings.Contains(got, want) {
			t.Errorf("%s: %s", want, got)
		}
	}
}

// sized is a folder with one file of a size, which takes no room.
func sized(t *testing.T, name string, bytes int64) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(bytes), f.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAClockThatIsSetAnewIsNoticed(t *testing.T) {
	t.Parallel()
	s := wellSystem(t)
	s.compareClocks(time.Now(), 61*time.Second, time.Minute+time.Millisecond)
	if !s.stepped.at.IsZero() {
		t.Fatalf("%+v without a jump", s.stepped)
	}
	s.compareClocks(time.Now(), -time.Hour, time.Minute)
	if s.stepped.by != -time.Hour-time.Minute {
		t.Errorf("%+v", s.stepped)
	}
}

func TestGrowthIsSaidOnceItWasMeasuredForAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := wellSystem(t)
		var kept atomic.Int64
		kept.Store(1000)
		s.usage = func(context.Context) (pictures.Usage, error) { return pictures.Usage{Bytes: kept.Load()}, nil }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		for range 6 {
			synctest.Wait()
			if g := s.State(ctx).Storage.GrowthPerDay; g != nil {
				t.Errorf("%d bytes a day already", *g)
			}
			time.Sleep(10 * time.Minute)
			kept.Add(100)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if g := s.State(ctx).Storage.GrowthPerDay; g == nil || *g < 100*6*20 || *g > 100*6*25 {
			t.Errorf("%v bytes a day", g)
		}
		time.Sleep(8 * 24 * time.Hour)
		synctest.Wait()
		if n := len(s.samples); n > int(sampleFor/sampleEvery)+2 {
			t.Errorf("%d samples are kept", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAnAdministratorSeesSystemSettingsAndLog(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	var st web.SystemState
	s.get("/system", &st)
	if len(st.Parts) != 8 || st.Storage.Database == 0 || st.Storage.TrailRows == 0 || st.Version == "" {
		t.Errorf("%+v", st)
	}
	var o web.SystemSettings
	s.get("/system/settings", &o)
	found := false
	for _, k := range o.Settings {
		found = found || k.Key == "data.dir" && k.Value != ""
	}
	if !found {
		t.Errorf("%+v", o)
	}
	var page web.LogPage
	s.get("/system/log?requests=true&limit=5", &page)
	s.must(http.MethodGet, "/system/log/export", nil, http.StatusOK, nil)
}
