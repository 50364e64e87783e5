package trail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gatehouse/devices"
)

const (
	// Day is a day of keeping rows.
	Day = 24 * time.Hour
	// LeastKeep is how long rows are kept at least: the Cybersecurity Law of China asks
	// for logs of six months (article 21).
	LeastKeep = 180 * Day
	// DefaultKeep is three years.
	DefaultKeep = 1095 * Day

	turnEvery = time.Hour
	fullEvery = Day
	cutRows   = 5000 // at once: a short write
	// restBetween keeps the verification in the background from taking a whole core.
	restBetween = 20 * time.Millisecond
)

// system is who keeps the trail.
var system = devices.Actor{Kind: devices.ActorSystem, ID: "audit", Name: "audit"}

// Deps are the parts behind the Service. Log and Now may be left out.
type Deps struct {
	Store Store
	Dir   string        // the data folder: the key is in audit.key, heads are in audit-heads
	Keep  time.Duration // how long rows are kept, at least LeastKeep; 0: DefaultKeep
	Log   *slog.Logger
	Now   func() time.Time
}

// Service signs, verifies and cuts the trail, and answers who asks for it. Safe for
// concurrent use.
type Service struct {
	d        Deps
	refusals *refusals

	mu     sync.Mutex // of what follows
	signer Signer
	status Status

	turning sync.Mutex // of what follows: one turn at a time
	checker *Checker   // nil: the next verification begins at the first row
	full    time.Time  // when that was begun
}

// Status is how the trail stands.
type Status struct {
	Verified   Mark      // up to this row it is what was written
	VerifiedAt time.Time // zero: not yet
	Broken     *Broken   // nil: nothing was found
	First      int64     // the oldest row, as of VerifiedAt
	Newest     int64     // the newest row now
	Head       *Head     // the last that was signed and kept; nil: none yet
	Key        Key
	Keep       time.Duration
	Notes      []string
}

// New makes the service; see Load and Run.
func New(d Deps) (*Service, error) {
	if d.Keep == 0 {
		d.Keep = DefaultKeep
	}
	if d.Keep < LeastKeep {
		return nil, fmt.Errorf("audit: rows are kept at least %d days", LeastKeep/Day)
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Service{d: d, refusals: newRefusals()}, nil
}

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// Load takes the key into use that heads are signed with; it makes one at first, and says
// in the trail if it is another one than before.
func (s *Service) Load(ctx context.Context) error {
	used, err := s.keyInUse(ctx)
	if err != nil {
		return fmt.Errorf("audit key: %w", err)
	}
	if err := s.finishRotation(used); err != nil {
		return err
	}
	signer, there, err := LoadSigner(s.keyFile())
	if err != nil {
		return err
	}
	if !there {
		signer = NewSigner()
		if err := signer.save(s.keyFile()); err != nil {
			return err
		}
	}
	if key := signer.Public(); used == nil || *used != key {
		if used != nil {
			s.d.Log.Warn("the key that signs the audit trail is not the one before: the trail says so", "file", s.keyFile())
		}
		if err := s.d.Store.Add(ctx, s.keyEntry(system, KeyDetail{Key: key})); err != nil {
			return fmt.Errorf("audit key: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signer, s.status.Key, s.status.Keep = signer, signer.Public(), s.d.Keep
	return s.findHead()
}

func (s *Service) keyFile() string { return filepath.Join(s.d.Dir, KeyFile) }

// Files of the data folder.
const (
	KeyFile    = "audit.key"
	HeadsDir   = "audit-heads"
	nextFile   = ".next"
	headSuffix = ".json"
)

// Run keeps the trail until ctx ends: it signs the first row of each day, verifies,
// removes what is too old, and writes down who was refused a right.
func (s *Service) Run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() { s.followRefusals(ctx) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			if err := s.Turn(ctx); err != nil && ctx.Err() == nil {
				s.d.Log.Error("audit trail", "err", err)
			}
			timer.Reset(turnEvery)
		}
	}
}

// Turn does once what Run does every hour.
func (s *Service) Turn(ctx context.Context) error {
	s.turning.Lock()
	defer s.turning.Unlock()
	return errors.Join(s.cut(ctx), s.signDay(ctx), s.verify(ctx))
}

// verify goes on from where the last one ended; once a day it begins at the first row.
func (s *Service) verify(ctx context.Context) error {
	pause := func() {
		timer := time.NewTimer(restBetween)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	now := s.now()
	if s.checker == nil || now.Sub(s.full) >= fullEvery {
		heads, err := ReadHeads(filepath.Join(s.d.Dir, HeadsDir))
		if err != nil {
			return s.verified(Report{}, now, err)
		}
		report, err := Verify(ctx, s.d.Store, heads, pause)
		s.full = now
		s.checker = nil
		if err == nil {
			s.checker = &Checker{report: report, keys: []Key{report.Key}}
		}
		return s.verified(report, now, err)
	}
	err := s.checker.follow(ctx, s.d.Store, pause)
	return s.verified(s.checker.report, now, err)
}

// verified notes what came of it.
func (s *Service) verified(r Report, at time.Time, err error) error {
	var broken *Broken
	if err != nil && !errors.As(err, &broken) {
		return err // it could not be read: nothing is known that was not known before
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Broken, s.status.VerifiedAt = broken, at
	if r.Last.Row > 0 {
		s.status.Verified, s.status.First, s.status.Notes = r.Last, r.First, r.Notes
	}
	if broken != nil {
		s.checker = nil // looked at from the beginning the next time
		return fmt.Errorf("it is not what was written: %w", broken)
	}
	return nil
}

// cut removes what is too old, a part at a time.
func (s *Service) cut(ctx context.Context) error {
	before := s.now().Add(-s.d.Keep)
	for ctx.Err() == nil {
		last, n, err := s.d.Store.Old(ctx, before, cutRows)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		d := CutDetail{Head: s.sign(last), Rows: n, Before: before, Days: int(s.d.Keep / Day)}
		if err := s.d.Store.Cut(ctx, last, s.entry(system, VerbCut, "audit:trail", d)); err != nil {
			return err
		}
		s.d.Log.Info("audit rows removed", "rows", n, "through", last.Row, "older than", before)
	}
	return ctx.Err()
}

func (s *Service) sign(m Mark) Head {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signer.Sign(m, s.now())
}

// Status is how the trail stands now.
func (s *Service) Status(ctx context.Context) (Status, error) {
	newest, err := s.d.Store.Newest(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	st.Newest = newest.Row
	return st, err
}

// Head signs the newest row, for whoever wants to keep it elsewhere.
func (s *Service) Head(ctx context.Context) (Head, error) {
	newest, err := s.d.Store.Newest(ctx)
	if err != nil {
		return Head{}, fmt.Errorf("audit head: %w", err)
	}
	return s.sign(newest), nil
}

// Search gives the rows of a query, the newest first.
func (s *Service) Search(ctx context.Context, q Query) ([]devices.AuditRow, error) {
	return s.d.Store.Search(ctx, q)
}

// Add writes a row of something that is not in the store.
func (s *Service) Add(ctx context.Context, a devices.AuditEntry) error { return s.d.Store.Add(ctx, a) }

// MostExported is how many rows are taken away at once, at most.
const MostExported = 50_000

// Export gives every row of a query, the newest first, whatever its Before and Limit, and
// writes down who took them. More than MostExported are the error TooMany.
func (s *Service) Export(ctx context.Context, by devices.Actor, q Query) ([]devices.AuditRow, error) {
	all, err := devices.Whole(ctx, "audit.export", MostExported, func(ctx context.Context, after *devices.AuditRow, limit int) ([]devices.AuditRow, error) {
		q.Before, q.Limit = 0, limit
		if after != nil {
			q.Before = after.ID
		}
		return s.d.Store.Search(ctx, q)
	})
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"rows": len(all)}
	for name, value := range map[string]string{"actor": q.Actor, "object": q.Object, "verb": q.Verb, "site": string(q.Site), "outcome": q.Outcome, "text": q.Text} {
		if value != "" {
			detail[name] = value
		}
	}
	for name, value := range map[string]time.Time{"from": q.From, "to": q.To} {
		if !value.IsZero() {
			detail[name] = value
		}
	}
	return all, s.d.Store.Add(ctx, devices.Audited(s.now(), by, VerbExport, q.Site, "audit:trail", detail))
}

// Erase destroys the keys of a person (kind:id), so that their name and addresses in the
// trail cannot be read any more; the rows stay, and the chain holds.
func (s *Service) Erase(ctx context.Context, by devices.Actor, person, reason string) error {
	now := s.now()
	err := s.d.Store.Erase(ctx, person, now, devices.Audited(now, by, VerbErase, "", person, map[string]any{"reason": reason}))
	if err != nil {
		return fmt.Errorf("audit.erase: %w", err)
	}
	return nil
}

func (s *Service) entry(by devices.Actor, verb, object string, detail any) devices.AuditEntry {
	a := devices.Audited(s.now(), by, verb, "", object, nil)
	a.Detail = textOf(detail)
	return a
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
