package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/calendar"
	"gatehouse/devices/roster"
)

// maxRoster is the most that a list of devices may have, in bytes.
const maxRoster = 2 << 20

const importPath = apiPrefix + "/devices/import"

// bodyLimit is the most that the body of a request to a path may have, in bytes.
func bodyLimit(path string) int64 {
	switch plan := planBody(path); {
	case path == importPath:
		return maxRoster
	case plan > 0:
		return plan
	case isAPI(path) && strings.HasSuffix(path, calendarImport):
		return calendar.MaxFile
	}
	return maxBody
}

// ImportResult says what a list of devices made, or would make.
type ImportResult struct {
	Registered bool          `json:"registered" doc:"false: nothing was changed, because it was a dry run or because of the errors"`
	Devices    int           `json:"devices" doc:"how many devices the list has, if nothing is wrong"`
	IDs        []string      `json:"ids" doc:"of the devices that were registered, in the order of the list"`
	Zones      []string      `json:"zones" doc:"zones that are new, by name"`
	Errors     []ImportError `json:"errors" doc:"what is wrong; with one of them nothing is registered"`
}

// ImportError is one wrong field of a list.
type ImportError struct {
	Row     int    `json:"row" doc:"as a spreadsheet counts: 1 is the line of column names; 0: the whole list"`
	Column  string `json:"column" doc:"site, zone, kind, name, or a setting; empty: the whole row"`
	Message string `json:"message" doc:"what would be right, in English"`
}

type importRequest struct {
	DryRun  bool   `query:"dryRun" doc:"only look, change nothing"`
	RawBody []byte `contentType:"text/csv" doc:"a table as CSV (UTF-8) or the first sheet of an XLSX workbook, known by its bytes: columns site, zone, kind and name, and settings, in any order, with a first line that names them in English or Chinese"`
}

func (s *Server) importRoute(a *api) {
	op := operation(http.MethodPost, "/devices/import", "importDevices", "devices",
		"Register a list of devices, all or none; says of each wrong row what would be right", 200)
	op.MaxBodyBytes = maxRoster
	add(a, op, func(ctx context.Context, i *importRequest) (*out[ImportResult], error) {
		rows, wrong := roster.Read(i.RawBody)
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
	registered := !dry && len(r.Errors) == 0
	ids := []string{}
	if registered {
		ids = each(r.Devices, func(d devices.Device) string { return string(d.ID) })
	}
	return ImportResult{
		Registered: registered,
		IDs:        ids,
		Devices:    len(r.Devices),
		Zones:      each(r.Zones, func(z devices.Zone) string { return z.Name }),
		Errors:     each(r.Errors, func(e devices.RosterError) ImportError { return ImportError(e) }),
	}
}

// exportRoute gives the devices in service as a file.
func (s *Server) exportRoute(r *gin.Engine) {
	r.GET(apiPrefix+"/devices/export", func(c *gin.Context) {
		form, in, err := exportForm(c.Query("format"), c.Query("language"))
		var b bytes.Buffer
		if err == nil {
			err = form.write(&b, in, linesOf(s.deps.Live.Snapshot().Within(reachOf(c.Request.Context()))))
		}
		s.sendFile(c, "devices-"+s.now().UTC().Format(time.DateOnly)+form.ending, form.media, &b, err)
	})
}

const (
	csvMedia  = "text/csv; charset=utf-8"
	xlsxMedia = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// sendFile answers with a file that the browser keeps, or with what went wrong.
func (s *Server) sendFile(c *gin.Context, name, media string, content *bytes.Buffer, err error) {
	if err != nil {
		writeProblem(c.Writer, problemOf(c.Request.Context(), s.deps.Log, err, "query"))
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Data(http.StatusOK, media, content.Bytes())
}

// fileForm is a form of exported files.
type fileForm struct {
	ending, media string
	write         func(io.Writer, roster.Language, []roster.Line) error
}

// exportForm is what a request asks for; empty: CSV in English.
func exportForm(format, language string) (fileForm, roster.Language, error) {
	wrong := func(field, right string) (fileForm, roster.Language, error) {
		return fileForm{}, "", &devices.Error{Op: "roster.export", Code: devices.Invalid, Field: field, Message: "must be " + right}
	}
	in := roster.English
	switch roster.Language(language) {
	case "", roster.English:
	case roster.Chinese:
		in = roster.Chinese
	default:
		return wrong("language", "en or zh-CN")
	}
	switch format {
	case "", "csv":
		return fileForm{".csv", csvMedia, roster.WriteCSV}, in, nil
	case "xlsx":
		return fileForm{".xlsx", xlsxMedia, roster.WriteXLSX}, in, nil
	}
	return wrong("format", "csv or xlsx")
}

func linesOf(s devices.Snapshot) []roster.Line {
	sites, zones := placeNames(s)
	clocks := map[devices.SiteID]*time.Location{}
	for _, site := range s.Sites {
		clocks[site.ID] = time.UTC
		if clock, err := time.LoadLocation(site.TimeZone); err == nil {
			clocks[site.ID] = clock
		}
	}
	return each(s.Devices, func(l devices.Live) roster.Line {
		d := l.Device
		return roster.Line{
			Site: sites[d.Site], Zone: zones[d.Zone], Kind: string(d.Kind), Name: d.Name, ID: string(d.ID),
			Link: string(l.Link.Status), Firmware: l.State.Firmware,
			Settings: l.Config.Settings.Texts(), Config: string(l.Configured), Created: createdIn(d, clocks[d.Site]),
		}
	})
}

// createdIn is when a device was registered, by the clock of its site.
func createdIn(d devices.Device, clock *time.Location) string {
	if d.Created.IsZero() || clock == nil {
		return ""
	}
	return d.Created.In(clock).Format(time.DateTime)
}
