package web

import (
	"context"
	"net/http"
	"time"
)

// System tells how the server and what it stands on are; cmd/server knows.
type System interface {
	State(ctx context.Context) SystemState
	// Settings are the configuration as it runs, without secrets.
	Settings() []SystemSetting
	// Log gives lines of the server's log that are kept in memory, the newest first.
	Log(q LogQuery) LogPage
}

// SystemState is how the server is now.
type SystemState struct {
	At       time.Time     `json:"at"`
	Version  string        `json:"version"`
	Go       string        `json:"go" doc:"the version of the language that it was built with"`
	Platform string        `json:"platform" example:"linux/amd64"`
	Started  time.Time     `json:"started"`
	Parts    []SystemPart  `json:"parts"`
	Storage  SystemStorage `json:"storage"`
}

// SystemPart is how one part is. Why is the same word always; which of the figures stand
// beside it depends on the part.
type SystemPart struct {
	Name         string     `json:"name" enum:"database,disk,wal,broker,clock,certificates,trail,backup"`
	State        string     `json:"state" enum:"ok,warn,bad,unknown"`
	Why          string     `json:"why" enum:"answers,slow,silent,room,low,full,short,long,serves,crowded,store_full,steady,stepped,none,valid,ends_soon,ended,verified,not_verified,broken,unknown,made,never,old,off,failed"`
	Milliseconds *int64     `json:"milliseconds" doc:"database: how long it took to answer; clock: how far it jumped"`
	Bytes        *int64     `json:"bytes" doc:"disk: free; wal: its size"`
	Total        *int64     `json:"total" doc:"disk: bytes in all; broker: connections that there may be"`
	Count        *int64     `json:"count" doc:"broker: connections; certificates: how many there are; trail: the row that was verified last"`
	Time         *time.Time `json:"time" doc:"certificates: when the first ends; trail: when it was verified; clock: when it jumped; backup: when the newest was made"`
	Detail       string     `json:"detail" doc:"in English; empty: there is no more to say"`
}

// SystemStorage is what is kept, and for how long.
type SystemStorage struct {
	Database       int64      `json:"database" doc:"bytes of the file"`
	WAL            int64      `json:"wal" doc:"bytes of its write-ahead log"`
	Sessions       int64      `json:"sessions" doc:"bytes of the broker's own store"`
	Pictures       *int64     `json:"pictures" doc:"bytes; null: the database does not answer"`
	PictureCount   int64      `json:"pictureCount"`
	OldestPicture  *time.Time `json:"oldestPicture" doc:"null: there is none"`
	TrailRows      int64      `json:"trailRows" doc:"rows of the audit trail that are kept; they are in the database"`
	DiskFree       *int64     `json:"diskFree" doc:"bytes; null: not known on this system"`
	DiskTotal      *int64     `json:"diskTotal"`
	GrowthPerDay   *int64     `json:"growthPerDay" doc:"bytes by which all of it grows in a day, measured since growthSince; null: measured for less than an hour"`
	GrowthSince    *time.Time `json:"growthSince"`
	KeepPictures   int        `json:"keepPictures" doc:"days"`
	PictureSpace   int64      `json:"pictureSpace" doc:"bytes that pictures may have together"`
	KeepStates     int        `json:"keepStates" doc:"days"`
	KeepAuditTrail int        `json:"keepAuditTrail" doc:"days"`
}

// SystemSetting is one key of the configuration.
type SystemSetting struct {
	Key    string `json:"key" example:"mqtt.listen"`
	Value  string `json:"value" doc:"of a secret only whether there is one"`
	Secret bool   `json:"secret"`
}

// SystemSettings is the configuration as it runs.
type SystemSettings struct {
	Settings []SystemSetting `json:"settings"`
}

func (s *Server) systemRoutes(a *api) {
	add(a, operation(http.MethodGet, "/system", "getSystem", "system", "How the server and what it stands on are", 200),
		func(ctx context.Context, _ *none) (*out[SystemState], error) {
			st := s.deps.System.State(ctx)
			st.Parts = each(st.Parts, func(p SystemPart) SystemPart { return p })
			return &out[SystemState]{st}, nil
		})
	add(a, operation(http.MethodGet, "/system/settings", "getSystemSettings", "system", "The configuration as it runs, without secrets", 200),
		func(context.Context, *none) (*out[SystemSettings], error) {
			list := each(s.deps.System.Settings(), func(o SystemSetting) SystemSetting { return o })
			return &out[SystemSettings]{SystemSettings{list}}, nil
		})
	s.systemLogRoutes(a)
}
