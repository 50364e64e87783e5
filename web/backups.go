package web

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/backup"
)

// Backups makes backups and gives them out: *backup.Service.
type Backups interface {
	Policy() backup.Policy
	Status() backup.Status
	Start(by devices.Actor) error
	// Open gives a backup that somebody takes away, which the caller closes.
	Open(ctx context.Context, by devices.Actor, name string) (*os.File, backup.Backup, error)
}

// BackupPolicy is how the server is told to make backups.
type BackupPolicy struct {
	At        string `json:"at" example:"03:00" doc:"time of day of the server's machine; empty: none is made by itself"`
	Folder    string `json:"folder" doc:"on the server's machine"`
	Keep      int    `json:"keep" doc:"how many; the oldest go first"`
	Encrypted bool   `json:"encrypted" doc:"whether new ones are"`
	Pictures  bool   `json:"pictures" doc:"whether those of cameras are in new ones"`
}

// BackupState is how backups stand.
type BackupState struct {
	BackupPolicy
	Running  *BackupRunning `json:"running" doc:"null: none is being made"`
	Failed   *BackupFailed  `json:"failed" doc:"null: the newest attempt since the start did not fail"`
	Next     *time.Time     `json:"next" doc:"when the next daily one is made; null: never"`
	SameDisk *bool          `json:"sameDisk" doc:"whether they lie on the disk of the data: then they are lost with it; null: not known (yet, or on this system)"`
	Unread   string         `json:"unread" doc:"why the folder cannot be read, in English; empty: it can"`
	Backups  []BackupFile   `json:"backups" doc:"the newest first"`
}

// BackupRunning is a backup that is being made.
type BackupRunning struct {
	Began time.Time `json:"began"`
	By    string    `json:"by" doc:"name of who asked for it; empty: it is the daily one"`
	Step  string    `json:"step" enum:"copying,packing,verifying"`
	Done  int64     `json:"done" doc:"bytes of the step"`
	Total int64     `json:"total" doc:"bytes of the step; 0: not known"`
}

// BackupFailed is a backup that was not made.
type BackupFailed struct {
	At  time.Time `json:"at"`
	Why string    `json:"why" doc:"in English"`
}

// BackupFile is one that was made.
type BackupFile struct {
	Name      string    `json:"name"`
	Made      time.Time `json:"made"`
	Bytes     int64     `json:"bytes"`
	Encrypted bool      `json:"encrypted" doc:"only such a one is given out"`
}

func (s *Server) backupState() *out[BackupState] {
	p, st := s.deps.Backups.Policy(), s.deps.Backups.Status()
	o := BackupState{BackupPolicy: BackupPolicy{p.At.String(), p.Dir, p.Keep, p.Encrypted, p.Pictures}, Next: instantOrNull(st.Next), SameDisk: st.SameDisk, Unread: st.Unread}
	if r := st.Running; r != nil {
		o.Running = &BackupRunning{Began: r.Began, Step: string(r.Step), Done: r.Done, Total: r.Total}
		if r.By.Kind != devices.ActorSystem {
			o.Running.By = r.By.Name
		}
	}
	if f := st.Failed; f != nil {
		o.Failed = &BackupFailed{f.At, f.Why}
	}
	o.Backups = each(st.Backups, func(b backup.Backup) BackupFile { return BackupFile{b.Name, b.Made, b.Size, b.Encrypted} })
	return &out[BackupState]{o}
}

func (s *Server) backupRoutes(a *api) {
	add(a, operation(http.MethodGet, "/system/backups", "getBackups", "system", "The backups there are, and the one that is being made", 200),
		func(context.Context, *none) (*out[BackupState], error) { return s.backupState(), nil })
	add(a, operation(http.MethodPost, "/system/backups", "makeBackup", "system", "Make a backup now; it goes on when nobody looks", 202),
		func(ctx context.Context, _ *none) (*out[BackupState], error) {
			if err := s.deps.Backups.Start(actor(ctx)); err != nil {
				return nil, err
			}
			return s.backupState(), nil
		})
}

func (s *Server) backupFileRoute(r *gin.Engine) {
	r.GET(apiPrefix+"/system/backups/:name", s.serveBackup)
}

// backupTimeout is how long a backup may be on its way to whoever takes it.
const backupTimeout = time.Hour

// serveBackup answers with an encrypted backup.
func (s *Server) serveBackup(c *gin.Context) {
	ctx := c.Request.Context()
	f, b, err := s.deps.Backups.Open(ctx, actor(ctx), c.Param("name"))
	if err != nil {
		writeProblem(c.Writer, problemOf(ctx, s.deps.Log, err, "path"))
		return
	}
	defer f.Close()
	h := c.Writer.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", attachment(b.Name))
	h.Set("Cache-Control", "no-store")
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(backupTimeout)) // one that knows none has none
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, f)
}
