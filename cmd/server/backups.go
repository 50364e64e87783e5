package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"gatehouse/configs"
	"gatehouse/db"
	"gatehouse/devices/backup"
	"gatehouse/devices/trail"
)

// Files of the data folder that a backup has besides the database. The broker's sessions are
// not among them: what they hold for devices was true when it was made, and each device
// brings what it has not got rid of.
const (
	latchName    = "fire.json"
	dataKeyName  = "data.key"
	plansName    = "plans"
	picturesName = "pictures"
)

// newBackups makes the service for the data folder.
func (p *platform) newBackups(cfg configs.Server, g *ground, log *slog.Logger) (*backup.Service, error) {
	at, err := backup.ParseClock(cfg.Backup.At)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.BackupFolder())
	if err != nil {
		return nil, err
	}
	d := backup.Deps{
		Data: g.dir.path, Database: copied{g.db},
		Before: []string{latchName, selfSignedName, trail.KeyFile, trail.HeadsDir, demoSecretsName}, Grow: []string{plansName},
		Dir: dir, At: at, Keep: cfg.Backup.Keep, Passphrase: cfg.Backup.Passphrase.Reveal(), Pictures: cfg.Backup.Pictures,
		DataKey: cfg.Data.Key == "", Version: version(), Space: diskSpace, SameDisk: func() *bool { return sameDisk(g.dir.path, dir) }, Record: p.control.Record, Log: log,
	}
	if d.DataKey {
		d.Before = append(d.Before, dataKeyName)
	}
	if d.Pictures {
		d.Grow = append(d.Grow, picturesName)
	}
	return backup.New(d)
}

// copied is the platform's database as backups know one.
type copied struct{ *db.DB }

// Name implements backup.Database.
func (copied) Name() string { return db.FileName }

// CheckCopy implements backup.Database.
func (copied) CheckCopy(ctx context.Context, path string) error { return db.CheckCopy(ctx, path) }
