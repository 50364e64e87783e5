package main

import (
	"context"
	"time"

	"gatehouse/devices/trail"
	"gatehouse/web"
)

// Where a part is no longer simply well.
const (
	slowDatabase  = 500 * time.Millisecond
	longWAL       = 64 << 20 // bytes; the database cuts it at twice as much
	lowDisk       = 2 << 30  // bytes, or one part in ten
	fullDisk      = 200 << 20
	crowdedPart   = 0.9 // of the connections that there may be
	certificateTo = 14 * 24 * time.Hour
	staleBackup   = 48 * time.Hour
)

func part(name, state, why string) web.SystemPart {
	return web.SystemPart{Name: name, State: state, Why: why}
}

// databasePart asks the database, and says how long that took.
func (s *system) databasePart(ctx context.Context) web.SystemPart {
	began := s.now()
	err := s.answers(ctx)
	took := s.now().Sub(began)
	ms := took.Milliseconds()
	p := part("database", "ok", "answers")
	switch {
	case err != nil:
		p = part("database", "bad", "silent")
		p.Detail = err.Error()
	case took >= slowDatabase:
		p = part("database", "warn", "slow")
	}
	p.Milliseconds = &ms
	return p
}

func diskPart(o web.SystemStorage) web.SystemPart {
	if o.DiskFree == nil || o.DiskTotal == nil {
		return part("disk", "unknown", "unknown")
	}
	p := part("disk", "ok", "room")
	switch free := *o.DiskFree; {
	case free < fullDisk:
		p = part("disk", "bad", "full")
	case free < min(lowDisk, *o.DiskTotal/10):
		p = part("disk", "warn", "low")
	}
	p.Bytes, p.Total = o.DiskFree, o.DiskTotal
	return p
}

func walPart(size int64) web.SystemPart {
	p := part("wal", "ok", "short")
	if size > longWAL {
		p = part("wal", "warn", "long")
	}
	p.Bytes = &size
	return p
}

func (s *system) brokerPart() web.SystemPart {
	st := s.broker()
	count, most := int64(st.Connections), int64(s.cfg.MQTT.MaxConnections)
	p := part("broker", "ok", "serves")
	switch {
	case st.StoreFull:
		p = part("broker", "bad", "store_full")
	case most > 0 && float64(count) >= crowdedPart*float64(most):
		p = part("broker", "warn", "crowded")
	}
	p.Count, p.Total = &count, &most
	return p
}

func (s *system) clockPart() web.SystemPart {
	s.mu.Lock()
	jump := s.stepped
	s.mu.Unlock()
	if jump.at.IsZero() || s.now().Sub(jump.at) > clockForgets {
		return part("clock", "ok", "steady")
	}
	p := part("clock", "warn", "stepped")
	ms := jump.by.Milliseconds()
	p.Milliseconds, p.Time = &ms, stamp(jump.at)
	return p
}

// certificatePart is about the one that ends first.
func (s *system) certificatePart() web.SystemPart {
	list := s.certificates()
	if len(list) == 0 {
		return part("certificates", "ok", "none")
	}
	first := list[0].Ends
	for _, c := range list {
		if c.Ends.Before(first) {
			first = c.Ends
		}
	}
	p := part("certificates", "ok", "valid")
	switch left := first.Sub(s.now()); {
	case left <= 0:
		p = part("certificates", "bad", "ended")
	case left < certificateTo:
		p = part("certificates", "warn", "ends_soon")
	}
	count := int64(len(list))
	p.Count, p.Time = &count, stamp(first)
	return p
}

// trailPart says what is known of the audit trail, and how many rows are kept.
func (s *system) trailPart(ctx context.Context, o *web.SystemStorage) web.SystemPart {
	st, err := s.trail(ctx)
	if err != nil {
		p := part("trail", "unknown", "unknown")
		p.Detail = err.Error()
		return p
	}
	if st.Newest > 0 {
		o.TrailRows = st.Newest - max(st.First, 1) + 1
	}
	return stateOfTrail(st)
}

func stateOfTrail(st trail.Status) web.SystemPart {
	if st.Broken != nil {
		p := part("trail", "bad", "broken")
		p.Detail, p.Count = st.Broken.What, &st.Broken.Row
		return p
	}
	if st.VerifiedAt.IsZero() {
		return part("trail", "unknown", "not_verified")
	}
	p := part("trail", "ok", "verified")
	row := st.Verified.Row
	p.Count, p.Time = &row, stamp(st.VerifiedAt)
	return p
}

// backupPart says how old the newest backup is.
func (s *system) backupPart() web.SystemPart {
	st := s.backups()
	p := part("backup", "ok", "made")
	switch {
	case st.Failed != nil || st.Unread != "":
		p = part("backup", "bad", "failed")
		if p.Detail = st.Unread; st.Failed != nil {
			p.Detail = st.Failed.Why
		}
	case len(st.Backups) == 0 && st.Next.IsZero():
		return part("backup", "warn", "off")
	case len(st.Backups) == 0 && s.now().Sub(s.began) > staleBackup:
		return part("backup", "warn", "never")
	case len(st.Backups) == 0:
		return part("backup", "ok", "never")
	case s.now().Sub(st.Backups[0].Made) > staleBackup:
		p = part("backup", "warn", "old")
	}
	if len(st.Backups) > 0 {
		p.Time = stamp(st.Backups[0].Made)
	}
	return p
}
