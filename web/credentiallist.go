package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
	"gatehouse/devices/presence"
	"gatehouse/devices/roster"
)

// CredentialOrder asks for new credentials of many devices: of at most 1,000, because
// they are one write, while which nothing else is written.
type CredentialOrder struct {
	Devices []devices.DeviceID `json:"devices" minItems:"1" maxItems:"1000" doc:"each once"`
	Cut     bool               `json:"cut,omitempty" doc:"also of devices that are online: their connections end"`
}

// CredentialList has the credentials of many devices as a table. It is shown once.
type CredentialList struct {
	Devices int    `json:"devices"`
	CSV     string `json:"csv" doc:"a row for each device, for spreadsheets: UTF-8 with a byte order mark"`
}

func (s *Server) credentialListRoute(a *api) {
	add(a, operation(http.MethodPost, "/devices/credentials", "issueCredentials", "devices",
		"Make new credentials of many devices, of all or of none; older ones end", 201),
		func(ctx context.Context, i *in[CredentialOrder]) (*out[CredentialList], error) {
			list, err := s.issueList(ctx, i.Body)
			if err != nil {
				return nil, err
			}
			return &out[CredentialList]{list}, nil
		})
}

func (s *Server) issueList(ctx context.Context, o CredentialOrder) (CredentialList, error) {
	all, places, online := make([]devices.Device, len(o.Devices)), make([]credentials.Place, len(o.Devices)), 0
	for i, id := range o.Devices {
		live, err := s.deps.Registry.Device(ctx, id)
		if devices.CodeOf(err) == devices.NotFound || err == nil && !live.Device.Retired.IsZero() {
			return CredentialList{}, &devices.Error{Op: "credential.issue", Code: devices.Invalid, Field: "devices",
				Message: fmt.Sprintf("must name devices in service: %.64q is none; nothing was changed", id)}
		}
		if err != nil {
			return CredentialList{}, err
		}
		if live.Link.Status == presence.Online {
			online++
		}
		all[i], places[i] = live.Device, credentials.Place{Device: live.Device.ID, Site: live.Device.Site}
	}
	if online > 0 && !o.Cut {
		return CredentialList{}, &devices.Error{Op: "credential.issue", Code: devices.Conflict,
			Message: fmt.Sprintf("%d of the devices are online and would be cut until they have their new credential: say so with cut; nothing was changed", online)}
	}
	made, err := s.deps.DeviceCredentials.IssueDevices(ctx, actor(ctx), places)
	if err != nil {
		return CredentialList{}, err
	}
	lines := [][]string{{"site", "zone", "kind", "name", "id", "client_id", "username", "password", "command_key", "topic_prefix", "mqtt", "mqtts", "fingerprint"}}
	sites, zones := placeNames(s.deps.Live.Snapshot())
	to := s.wayIn(ctx)
	for i, m := range made {
		d := all[i]
		lines = append(lines, []string{
			sites[d.Site], zones[d.Zone], string(d.Kind), d.Name, string(d.ID), m.Username, m.Username, m.Password, m.CommandKey,
			s.deps.TopicPrefix(d), to.mqtt, to.mqtts, to.fingerprint,
		})
	}
	var b bytes.Buffer
	if err := roster.WriteTable(&b, lines); err != nil {
		return CredentialList{}, err
	}
	return CredentialList{Devices: len(made), CSV: b.String()}, nil
}

// placeNames are the names of sites and zones.
func placeNames(s devices.Snapshot) (sites map[devices.SiteID]string, zones map[devices.ZoneID]string) {
	sites, zones = map[devices.SiteID]string{}, map[devices.ZoneID]string{}
	for _, x := range s.Sites {
		sites[x.ID] = x.Name
	}
	for _, z := range s.Zones {
		zones[z.ID] = z.Name
	}
	return sites, zones
}
