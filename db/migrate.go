package db

import (
	"context"
	"embed"
	"fmt"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

//go:embed migrations schema.sql sessions.sql
var sqlFiles embed.FS

// schema is what a file is to hold: its mark, and the steps that led to its
// present tables. Steps are only ever appended: files in the field have run the
// old ones.
type schema struct {
	mark  int32 // application_id of SQLite's header: whose file it is
	dir   string
	steps []string // names of files in dir, without .sql
	whole string   // the file that documents the result
	// after are what SQL cannot say of a step. Such a function is as old as its step: it
	// knows the tables as that step leaves them.
	after map[string]func(tx *gorm.DB) error
}

// The schemas. The marks are "GHdb" and "GHse" in ASCII.
var (
	platformSchema = schema{
		mark: 0x47486462, dir: "migrations/platform", whole: "schema.sql",
		steps: []string{"0001_first", "0002_layers", "0003_fire", "0004_retirements", "0005_batches", "0006_connections", "0007_cameras", "0008_alarms", "0009_statistics", "0010_passwords", "0011_device_configs", "0012_state_changes", "0013_factors", "0014_first_passwords", "0015_session_tokens", "0016_wrong_codes", "0017_audit_chain", "0018_device_certificates", "0019_api_tokens", "0020_scopes", "0021_booths", "0022_token_sites", "0023_audit_site", "0024_integrator_ends", "0025_integrator_year", "0026_calendar", "0027_timetables", "0028_timed_commands", "0029_timetable_jitter", "0030_replay", "0031_shifts", "0032_theme", "0033_plans", "0034_bans"},
		after: map[string]func(tx *gorm.DB) error{"0017_audit_chain": chainOlder},
	}
	sessionsSchema = schema{
		mark: 0x47487365, dir: "migrations/sessions", whole: "sessions.sql",
		steps: []string{"0001_first", "0002_queue_place", "0003_attached", "0004_shared", "0005_publisher"},
	}
)

// migrate runs the steps that the file has not seen, all in one transaction.
func migrate(ctx context.Context, write *gorm.DB, o fileOptions) error {
	write = write.WithContext(ctx)
	if err := claim(write, o); err != nil {
		return err
	}
	steps := make([]*gormigrate.Migration, 0, len(o.schema.steps))
	for _, name := range o.schema.steps {
		text, err := sqlFiles.ReadFile(o.schema.dir + "/" + name + ".sql")
		if err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
		steps = append(steps, &gormigrate.Migration{
			ID: name,
			Migrate: func(tx *gorm.DB) error {
				if err := tx.Exec(string(text)).Error; err != nil || o.schema.after[name] == nil {
					return err
				}
				return o.schema.after[name](tx)
			},
		})
	}
	return gormigrate.New(write, &gormigrate.Options{
		TableName: "migrations", IDColumnName: "id", IDColumnSize: 255,
		UseTransaction: true, ValidateUnknownMigrations: true,
	}, steps).Migrate()
}

// claim marks an empty file as ours, and refuses a file of somebody else.
func claim(write *gorm.DB, o fileOptions) error {
	var mark, tables int64
	if err := write.Raw("PRAGMA application_id").Scan(&mark).Error; err != nil {
		return err
	}
	if mark == int64(o.schema.mark) {
		return nil
	}
	if err := write.Raw("SELECT count(*) FROM sqlite_schema").Scan(&tables).Error; err != nil {
		return err
	}
	if mark != 0 || tables != 0 {
		return &OpenError{Path: o.path, Problem: "it is a database of another kind", Remedy: "move it away, or name another data folder"}
	}
	return write.Exec(fmt.Sprintf("PRAGMA application_id = %d", o.schema.mark)).Error
}
