package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"gatehouse/broker"
	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices/backup"
	"gatehouse/devices/pictures"
	"gatehouse/devices/trail"
	"gatehouse/web"
)

// system tells people how the server and what it stands on are.
type system struct {
	cfg          configs.Server
	dir          string
	began        time.Time
	answers      func(context.Context) error // nil error: the database does
	usage        func(context.Context) (pictures.Usage, error)
	trail        func(context.Context) (trail.Status, error)
	broker       func() broker.Stats
	certificates func() []web.Certificate
	backups      func() backup.Status
	space        func(path string) (free, total int64, known bool)
	now          func() time.Time
	lines        *logRing

	mu      sync.Mutex
	samples []sample // of the last week, the oldest first
	stepped step     // the newest jump of the clock
}

// sample is how much was kept at a moment.
type sample struct {
	at    time.Time
	bytes int64
}

// step is a jump of the wall clock.
type step struct {
	at time.Time
	by time.Duration
}

const (
	lookEvery    = time.Minute // at the clock
	sampleEvery  = 10 * time.Minute
	sampleFor    = 7 * 24 * time.Hour
	growthNeeds  = time.Hour // of measuring, before it is said
	clockJump    = time.Second
	clockForgets = 24 * time.Hour
	askPatience  = 3 * time.Second
)

func (p *platform) newSystem(cfg configs.Server, g *ground) *system {
	return &system{
		cfg: cfg, dir: g.dir.path, began: time.Now(), answers: g.healthy, usage: p.pictures.Usage, trail: p.trail.Status,
		broker: p.broker.Stats, certificates: g.seenCertificates, backups: p.backups.Status, space: diskSpace, now: time.Now, lines: g.lines,
	}
}

// Run watches the clock and measures how what is kept grows, until ctx ends.
func (s *system) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	last := s.now()
	s.measure(ctx, last)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			now := s.now()
			s.compareClocks(now, now.Round(0).Sub(last.Round(0)), now.Sub(last))
			s.measure(ctx, now)
			last = now
		}
	}
}

// compareClocks notes when the wall clock went on by something else than what passed.
func (s *system) compareClocks(now time.Time, wall, passed time.Duration) {
	by := wall - passed
	if by.Abs() < clockJump {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stepped = step{now.Round(0), by}
}

// measure takes a sample if it is time for one. What cannot be measured now is none.
func (s *system) measure(ctx context.Context, now time.Time) {
	s.mu.Lock()
	due := len(s.samples) == 0 || now.Sub(s.samples[len(s.samples)-1].at) >= sampleEvery
	s.mu.Unlock()
	if !due {
		return
	}
	u, err := s.usage(ctx)
	if err != nil {
		return
	}
	bytes := s.fileSize(db.FileName) + s.folderSize(sessionsFolder) + u.Bytes
	s.mu.Lock()
	defer s.mu.Unlock()
	s.samples = append(s.samples, sample{now, bytes})
	for len(s.samples) > 1 && now.Sub(s.samples[0].at) > sampleFor {
		s.samples = s.samples[1:]
	}
}

// growth is by how much what is kept grows in a day, measured since.
func (s *system) growth() (perDay int64, since time.Time, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.samples) < 2 {
		return 0, since, false
	}
	first, last := s.samples[0], s.samples[len(s.samples)-1]
	span := last.at.Sub(first.at)
	if span < growthNeeds {
		return 0, since, false
	}
	return int64(float64(last.bytes-first.bytes) * (24 * float64(time.Hour)) / float64(span)), first.at, true
}

// State implements web.System.
func (s *system) State(ctx context.Context) web.SystemState {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	st := web.SystemState{
		At: *stamp(s.now()), Version: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Started: *stamp(s.began), Storage: s.storage(ctx),
	}
	st.Parts = []web.SystemPart{
		s.databasePart(ctx), diskPart(st.Storage), walPart(st.Storage.WAL), s.brokerPart(),
		s.clockPart(), s.certificatePart(), s.trailPart(ctx, &st.Storage), s.backupPart(),
	}
	return st
}

// Settings implements web.System.
func (s *system) Settings() []web.SystemSetting {
	list := s.cfg.Settings()
	shown := make([]web.SystemSetting, len(list))
	for i, o := range list {
		shown[i] = web.SystemSetting{Key: o.Key, Value: o.Value, Secret: o.Secret}
	}
	return shown
}

// Log implements web.System.
func (s *system) Log(q web.LogQuery) web.LogPage { return s.lines.Log(q) }

func (s *system) storage(ctx context.Context) web.SystemStorage {
	const day = 24 * time.Hour
	o := web.SystemStorage{
		Database: s.fileSize(db.FileName), WAL: s.fileSize(db.FileName + "-wal"), Sessions: s.folderSize(sessionsFolder),
		KeepPictures: int(s.cfg.Pictures.Keep / day), PictureSpace: int64(s.cfg.Pictures.Space),
		KeepStates: int(s.cfg.States.Keep / day), KeepAuditTrail: int(s.cfg.Audit.Keep / day),
	}
	if u, err := s.usage(ctx); err == nil {
		o.Pictures, o.PictureCount, o.OldestPicture = &u.Bytes, u.Pictures, stamp(u.Oldest)
	}
	if free, total, known := s.space(s.dir); known {
		o.DiskFree, o.DiskTotal = &free, &total
	}
	if perDay, since, known := s.growth(); known {
		o.GrowthPerDay, o.GrowthSince = &perDay, stamp(since)
	}
	return o
}

// fileSize is 0 for what is not there.
func (s *system) fileSize(name string) int64 {
	info, err := os.Stat(filepath.Join(s.dir, name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// folderSize adds up files; one that goes away meanwhile counts nothing.
func (s *system) folderSize(name string) (bytes int64) {
	_ = filepath.WalkDir(filepath.Join(s.dir, name), func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return nil
	})
	return bytes
}
