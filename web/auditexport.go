package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
)

// auditColumns are the columns of the file, in English as those of the list of devices.
var auditColumns = []string{
	"row", "time", "actor_kind", "actor", "actor_id", "address", "session", "booth", "verb", "site", "object", "reason", "outcome", "code", "detail",
}

type auditExportRequest struct {
	AuditFilter
	Format string `query:"format" enum:"csv,xlsx" default:"csv"`
}

// auditExportRoute gives the rows of a search as a file. It is personal data, so that it
// asks for a proof, and has a row of its own.
func (s *Server) auditExportRoute(a *api) {
	op := operation(http.MethodGet, "/audit/export", "exportAudit", "audit", "The rows of a search as CSV or XLSX, newest first; more than 50,000 are refused", 200)
	add(a, op, func(ctx context.Context, i *auditExportRequest) (*file, error) {
		rows, err := s.deps.Audit.Export(ctx, actor(ctx), i.query())
		if err != nil {
			return nil, err
		}
		lines := make([][]string, 1, len(rows)+1)
		lines[0] = auditColumns
		for _, e := range s.auditEntries(rows) {
			lines = append(lines, auditLine(e))
		}
		return s.tableFile("audit", i.Format, "Audit", lines)
	})
}

func auditLine(e AuditEntry) []string {
	return []string{
		strconv.FormatInt(e.ID, 10), e.At.Format("2006-01-02T15:04:05.000Z"), string(e.Actor.Kind), e.Actor.Name, e.Actor.ID, e.Actor.Address, e.Actor.Session, cmp.Or(e.Actor.BoothName, e.Actor.Booth),
		e.Verb, string(e.Site), e.Object, e.Reason, e.Outcome, e.Code, string(e.Detail),
	}
}
