package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
)

// eventColumns are the columns of the file, in English as those of the list of devices.
var eventColumns = []string{
	"arrived", "arrived_site_time", "device_time", "site", "zone", "device", "device_id", "event_id", "type", "direction", "result", "reason",
	"credential", "physical", "trigger", "camera", "plate", "confidence", "command",
}

// eventConfidence is the column that is a number in a workbook.
const eventConfidence = 17

type eventExportRequest struct {
	EventSelection
	Format string `query:"format" enum:"csv,xlsx" default:"csv"`
}

// eventExportRoute gives what devices said as a file.
func (s *Server) eventExportRoute(a *api) {
	op := operation(http.MethodGet, "/events/export", "exportEvents", "events", "What devices said as CSV or XLSX, newest first; more than 50,000 are refused", 200)
	add(a, op, func(ctx context.Context, i *eventExportRequest) (*file, error) {
		list, err := s.deps.Events.ExportEvents(ctx, i.query(ctx))
		if err != nil {
			return nil, err
		}
		sites, zones := placeNames(s.deps.Live.Snapshot())
		clock, known := s.clocks(), map[devices.DeviceID]string{}
		lines := [][]string{eventColumns}
		for _, e := range list {
			name, ok := known[e.Device]
			if !ok {
				name = s.named(ctx, e.Device).Name
				known[e.Device] = name
			}
			lines = append(lines, eventLine(feed.EventOf(e), e.ArrivedAt.In(clock(e.Site)), sites[e.Site], zones[e.Zone], name))
		}
		return s.tableFile("events", i.Format, "Events", lines, eventConfidence)
	})
}

func eventLine(e feed.Event, local time.Time, site, zone, name string) []string {
	confidence := ""
	if e.Plate != "" {
		confidence = strconv.Itoa(e.Confidence)
	}
	return []string{
		e.ArrivedAt.UTC().Format("2006-01-02T15:04:05.000Z"), local.Format(time.DateTime), e.DeviceTime.UTC().Format("2006-01-02T15:04:05.000Z"),
		site, zone, name, e.Device, e.ID, e.Type, e.Direction, e.Result, e.Reason, e.Credential, e.Physical, e.Trigger, e.Camera, e.Plate, confidence, e.Command,
	}
}
