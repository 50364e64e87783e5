package web

import (
	"bytes"
	"strconv"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/roster"
	"gatehouse/devices/statistics"
)

// statisticsColumns are the columns of the file, in English as those of the list of
// devices.
var statisticsColumns = []string{
	"id", "name", "zone", "kind", "from", "to", "orders", "confirmed", "confirmed_p50_ms", "confirmed_p95_ms", "confirmed_max_ms",
	"events", "upload_p50_ms", "upload_p95_ms", "upload_max_ms", "availability_percent", "drops", "outages", "passages", "denied",
}

// statisticsExportRoute gives statistics as a file, one line per device. It is no
// JSON, so it takes the way of the other files.
func (s *Server) statisticsExportRoute(r *gin.Engine) {
	r.GET(apiPrefix+"/statistics/export", func(c *gin.Context) {
		ctx := c.Request.Context()
		q := statistics.Query{
			Site: devices.SiteID(c.Query("site")), Zone: devices.ZoneID(c.Query("zone")),
			Kind: devices.KindName(c.Query("kind")), Device: devices.DeviceID(c.Query("device")),
			Days: devices.Days{First: c.Query("from"), Last: c.Query("to")}, Within: within(ctx),
		}
		if p := s.aims(ctx, q); p != nil {
			writeProblem(c.Writer, p)
			return
		}
		report, err := s.deps.Statistics.Report(ctx, q)
		if err != nil {
			writeProblem(c.Writer, problemOf(ctx, s.deps.Log, err, "query"))
			return
		}
		zones := map[string]string{}
		for _, z := range s.deps.Live.Snapshot().Zones {
			zones[string(z.ID)] = z.Name
		}
		var b bytes.Buffer
		err = roster.WriteTable(&b, statisticsTable(statisticsReport(report), zones))
		s.sendFile(c, "statistics-"+report.First+"-"+report.Last+".csv", csvMedia, &b, err)
	})
}

func statisticsTable(r StatisticsReport, zones map[string]string) [][]string {
	lines := [][]string{statisticsColumns}
	for _, d := range r.Devices {
		line := []string{d.ID, d.Name, zones[d.Zone], string(d.Kind), r.First, r.Last, number(d.Orders)}
		line = append(append(line, timesCells(d.Confirmed)...), timesCells(d.Uploads)...)
		share := ""
		if d.Availability.Share != nil {
			share = strconv.FormatFloat(*d.Availability.Share*100, 'f', 3, 64)
		}
		lines = append(lines, append(line, share, strconv.Itoa(d.Availability.Drops), strconv.Itoa(d.Availability.Outages),
			number(d.Passages), number(d.Denied)))
	}
	return lines
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func timesCells(t Times) []string {
	cells := []string{number(t.Count)}
	for _, ms := range []*int64{t.P50, t.P95, t.Max} {
		cell := ""
		if ms != nil {
			cell = strconv.FormatInt(*ms, 10)
		}
		cells = append(cells, cell)
	}
	return cells
}
