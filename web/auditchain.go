package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

// AuditChain proves the audit trail; trail.Service does.
type AuditChain interface {
	Status(ctx context.Context) (trail.Status, error)
	Head(ctx context.Context) (trail.Head, error)
	Rotate(ctx context.Context, by devices.Actor) (trail.Key, error)
}

// AuditStatus is how the trail stands.
type AuditStatus struct {
	First      int64        `json:"first" doc:"the oldest row that is kept"`
	Newest     int64        `json:"newest"`
	Verified   int64        `json:"verified" doc:"up to this row every hash fits; 0: not verified yet"`
	Hash       string       `json:"hash" doc:"of that row, SHA-256 in hexadecimal"`
	VerifiedAt *time.Time   `json:"verifiedAt" doc:"null: not yet"`
	Broken     *AuditBroken `json:"broken" doc:"the first thing that is not what was written; null: nothing was found"`
	Head       *AuditHead   `json:"head" doc:"the last head that the server signed and kept; null: none yet"`
	Key        string       `json:"key" doc:"the public key of Ed25519 that signs heads, in base64"`
	KeepDays   int          `json:"keepDays" doc:"how long rows are kept"`
	Notes      []string     `json:"notes" doc:"what is in order but worth knowing, in English"`
}

// AuditBroken is where the trail is not what was written.
type AuditBroken struct {
	Row  int64  `json:"row" doc:"0: of no row"`
	What string `json:"what" doc:"in English"`
}

// AuditHead is a signed row.
type AuditHead struct {
	Row int64     `json:"row"`
	At  time.Time `json:"at"`
}

// AuditKey is the key that signs heads from now on.
type AuditKey struct {
	Key string `json:"key" doc:"the public key of Ed25519, in base64"`
}

// AuditHeadFile is a signed row as a file that server audit verify takes.
type AuditHeadFile struct {
	Row       int64     `json:"row"`
	Hash      string    `json:"hash" doc:"SHA-256 in hexadecimal"`
	At        time.Time `json:"at"`
	Key       string    `json:"key" doc:"the public key of Ed25519, in base64"`
	Signature []byte    `json:"signature"`
}

type signedHead struct {
	Disposition string `header:"Content-Disposition"`
	Cache       string `header:"Cache-Control"`
	Body        AuditHeadFile
}

// attachment has a browser keep an answer as a file.
func attachment(name string) string { return `attachment; filename="` + name + `"` }

// file is an answer that the browser keeps.
type file struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Cache       string `header:"Cache-Control"`
	Body        []byte
}

func fileOf(name, media string, content []byte) *file {
	return &file{ContentType: media, Disposition: attachment(name), Cache: "no-store", Body: content}
}

func (s *Server) auditChainRoutes(a *api) {
	add(a, operation(http.MethodGet, "/audit/status", "getAuditStatus", "audit", "Whether the trail is what was written, as far as it was verified", 200),
		func(ctx context.Context, _ *none) (*out[AuditStatus], error) {
			st, err := s.deps.AuditChain.Status(ctx)
			return &out[AuditStatus]{auditStatus(st)}, err
		})
	add(a, operation(http.MethodGet, "/audit/head", "getAuditHead", "audit", "The newest row, signed, as a file to be kept elsewhere", 200),
		func(ctx context.Context, _ *none) (*signedHead, error) {
			h, err := s.deps.AuditChain.Head(ctx)
			return &signedHead{
				Disposition: attachment("audit-head-" + h.At.Format("2006-01-02-150405") + ".json"), Cache: "no-store",
				Body: AuditHeadFile{h.Row, h.Hash.String(), h.At, h.Key.String(), h.Signature},
			}, err
		})
	add(a, operation(http.MethodPost, "/audit/key", "rotateAuditKey", "audit", "Take a new key into use that signs heads; the old one signs it", 200),
		func(ctx context.Context, _ *none) (*out[AuditKey], error) {
			k, err := s.deps.AuditChain.Rotate(ctx, actor(ctx))
			return &out[AuditKey]{AuditKey{k.String()}}, err
		})
}

func auditStatus(st trail.Status) AuditStatus {
	o := AuditStatus{
		First: st.First, Newest: st.Newest, Verified: st.Verified.Row, VerifiedAt: instantOrNull(st.VerifiedAt),
		Key: st.Key.String(), KeepDays: int(st.Keep / trail.Day), Notes: each(st.Notes, func(n string) string { return n }),
	}
	if o.Verified > 0 {
		o.Hash = st.Verified.Hash.String()
	}
	if b := st.Broken; b != nil {
		o.Broken = &AuditBroken{b.Row, b.What}
	}
	if h := st.Head; h != nil {
		o.Head = &AuditHead{h.Row, instant(h.At)}
	}
	return o
}
