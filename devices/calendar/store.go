package calendar

import (
	"context"

	"gatehouse/devices"
)

// Store keeps own days: of a site, or of the whole property (the empty site). Whatever it
// answers without an error is durable.
type Store interface {
	// Days gives the own days from one to another, both included, by day.
	Days(ctx context.Context, of devices.SiteID, from, to Day) ([]Entry, error)
	// PutDays keeps all of the days with the entries of the audit trail, or nothing; days that
	// are there are replaced.
	PutDays(ctx context.Context, of devices.SiteID, days []Entry, a []devices.AuditEntry) error
	// RemoveDay removes one; NotFound.
	RemoveDay(ctx context.Context, of devices.SiteID, d Day, a devices.AuditEntry) error
}
