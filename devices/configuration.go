package devices

import (
	"context"
	"time"

	"gatehouse/devices/arbiter"
	"gatehouse/devices/presence"
)

// Configuration is how a device is wanted to be, since when, and by whom. The zero
// Configuration is none.
type Configuration struct {
	Revision int64 // rises with each change, and goes on along successors
	Settings Settings
	At       time.Time
	By       arbiter.Who
}

// ConfigStatus says whether a device is as it is wanted to be.
type ConfigStatus string

// The statuses of a configuration.
const (
	ConfigNone       ConfigStatus = ""           // nothing is wanted of it
	ConfigApplied    ConfigStatus = "applied"    // it reports the revision and the values
	ConfigPending    ConfigStatus = "pending"    // it has not had the time
	ConfigDrifting   ConfigStatus = "drifting"   // it reports something else
	ConfigUnreported ConfigStatus = "unreported" // it does not say what it runs
	ConfigUnknown    ConfigStatus = "unknown"    // see Doubt
)

// applyTime is how long a device may take to run a configuration: from its change,
// or from its own coming online, where the broker hands it out.
const applyTime = 30 * time.Second

// Difference is one setting that a device reports otherwise than it is wanted.
type Difference struct {
	Setting  string
	Desired  string
	Reported string // empty: it does not report it
}

// Differences are the wanted settings that a report does not show, in the order of
// SettingNames. What a device runs beyond them is its own.
func (c Configuration) Differences(reported map[string]string) []Difference {
	var all []Difference
	for _, one := range settings {
		if want := one.text(c.Settings); want != "" && reported[one.name] != want {
			all = append(all, Difference{one.name, want, reported[one.name]})
		}
	}
	return all
}

// ConfigStatusAt judges what a device reported last.
func (l Live) ConfigStatusAt(now time.Time) ConfigStatus {
	switch c, s := l.Config, l.State; {
	case c.Revision == 0:
		return ConfigNone
	case l.Link.Status != presence.Online || l.DoubtAt(now) != NoDoubt:
		return ConfigUnknown
	case s.Config == c.Revision && len(c.Differences(s.Settings)) == 0:
		return ConfigApplied
	case now.Sub(later(c.At, l.Link.Since)) < applyTime:
		return ConfigPending
	case s.Config == 0 && len(s.Settings) == 0:
		return ConfigUnreported
	}
	return ConfigDrifting
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ConfigStore is the part of Store that keeps configurations.
type ConfigStore interface {
	// SaveConfig adds a revision of a device's configuration with its audit entry;
	// a revision that is there already is Conflict. Devices gives the newest.
	SaveConfig(ctx context.Context, d DeviceID, c Configuration, a AuditEntry) (Revision, error)
	// Configs are the revisions of a device's configuration, newest first.
	Configs(ctx context.Context, d DeviceID, limit int) ([]Configuration, error)
}

// ConfigOutlet puts what a device is wanted to be where it finds it whenever it
// comes: retained on its channel config. An empty payload takes that away. An error
// is temporary.
type ConfigOutlet interface {
	PutConfig(ctx context.Context, to Device, payload []byte) error
}
