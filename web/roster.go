package web

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/roster"
)

// maxRoster is the most that a list of devices may have, in bytes.
const maxRoster = 2 << 20

const importPath = apiPrefix + "/devices/import"

// bodyLimit is the most that the body of a request to a path may have, in bytes.
func bodyLimit(path string) int64 {
	if path == importPath {
		return maxRoster
	}
	return maxBody
}

// ImportResult says what a list of devices made, or would make.
type ImportResult struct {
	Registered bool          `json:"registered" doc:"false: nothing was changed, because it was a dry run or because of the errors"`
	Devices    int           `json:"devices" doc:"how many devices the list has, if nothing is wrong"`
	Zones      []string      `json:"zones" doc:"zones that are new, by name"`
	Errors     []ImportError `json:"errors" doc:"what is wrong; with one of them nothing is registered"`
}

// ImportError is one wrong field of a list.
type ImportError struct {
	Row     int    `json:"row" doc:"as a spreadsheet counts: 1 is the line of column names; 0: the whole list"`
	Column  string `json:"column" enum:"site,zone,kind,name," doc:"empty: the whole row"`
	Message string `json:"message" doc:"what would be right, in English"`
}

type importRequest struct {
	DryRun  bool   `query:"dryRun" doc:"only look, change nothing"`
	RawBody []byte `contentType:"text/csv" doc:"columns site, zone, kind and name, in any order, with a first line that names them; UTF-8"`
}

func (s *Server) importRoute(a *api) {
	op := operation(http.MethodPost, "/devices/import", "importDevices", "devices",
		"Register a list of devices, all or none; says of each wrong row what would be right", 200)
	op.MaxBodyBytes = maxRoster
	add(a, op, func(ctx context.Context, i *importRequest) (*out[ImportResult], error) {
		rows, wrong := roster.ReadCSV(i.RawBody)
		if len(wrong) == 0 && len(rows) == 0 {
			wrong = []devices.RosterError{{Message: "the list has no device: each line after the first is one"}}
		}
		if len(wrong) > 0 {
			return &out[ImportResult]{importResult(devices.RosterResult{Errors: wrong}, true)}, nil
		}
		made, err := s.deps.Registry.Import(ctx, actor(ctx), rows, i.DryRun)
		return &out[ImportResult]{importResult(made, i.DryRun)}, err
	})
}

func importResult(r devices.RosterResult, dry bool) ImportResult {
	return ImportResult{
		Registered: !dry && len(r.Errors) == 0,
		Devices:    len(r.Devices),
		Zones:      each(r.Zones, func(z devices.Zone) string { return z.Name }),
		Errors:     each(r.Errors, func(e devices.RosterError) ImportError { return ImportError(e) }),
	}
}

// exportRoute gives the devices in service as a file.
func (s *Server) exportRoute(r *gin.Engine) {
	r.GET(apiPrefix+"/devices/export", func(c *gin.Context) {
		var b bytes.Buffer
		if err := roster.WriteCSV(&b, linesOf(s.deps.Live.Snapshot())); err != nil {
			writeProblem(c.Writer, problemOf(c.Request.Context(), s.deps.Log, err, "path"))
			return
		}
		h := c.Writer.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Disposition", `attachment; filename="devices-`+s.now().UTC().Format(time.DateOnly)+`.csv"`)
		c.Data(http.StatusOK, "text/csv; charset=utf-8", b.Bytes())
	})
}

func linesOf(s devices.Snapshot) []roster.Line {
	sites, zones := map[devices.SiteID]string{}, map[devices.ZoneID]string{}
	for _, site := range s.Sites {
		sites[site.ID] = site.Name
	}
	for _, z := range s.Zones {
		zones[z.ID] = z.Name
	}
	return each(s.Devices, func(l devices.Live) roster.Line {
		d := l.Device
		return roster.Line{
			Site: sites[d.Site], Zone: zones[d.Zone], Kind: string(d.Kind), Name: d.Name, ID: string(d.ID),
			Link: string(l.Link.Status), Firmware: l.State.Firmware,
		}
	})
}
