package web

import "github.com/danielgtaylor/huma/v2"

// describePlainRoutes adds what is not JSON, by hand.
func describePlainRoutes(doc *huma.OpenAPI) {
	id := func(name, what string) *huma.Param {
		return &huma.Param{Name: name, In: "path", Required: true, Description: what, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	answer := func(what, contentType string, s *huma.Schema) *huma.Response {
		return &huma.Response{Description: what, Content: map[string]*huma.MediaType{contentType: {Schema: s}}}
	}
	problem := answer("Error", "application/problem+json", &huma.Schema{Ref: "#/components/schemas/Problem"})
	plain, bytes := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeString, Format: "binary"}
	picture := func(path, operation, tag, media, summary string, of ...*huma.Param) *huma.Operation {
		return &huma.Operation{
			Path: apiPrefix + path, OperationID: operation, Tags: []string{tag}, Summary: summary, Parameters: of,
			Responses: map[string]*huma.Response{"200": answer("OK", media, bytes), "304": {Description: "Not Modified"}, "default": problem},
		}
	}
	for _, op := range []*huma.Operation{
		picture("/devices/{id}/events/{event}/picture", "getPicture", "events", "image/jpeg",
			"The picture of an event: of a passage, under the camera's id and the passage's event id", id("id", "the camera"), id("event", "the event")),
		picture("/devices/{id}/events/{event}/thumbnail", "getThumbnail", "events", "image/jpeg",
			"The same picture, at most 320 × 240 pixels; 404 too if it cannot be made small", id("id", "the camera"), id("event", "the event")),
		picture("/plans/{id}/picture", "getPlanPicture", "plans", "image/*",
			"The picture of a plan, as it came: PNG, JPEG, WebP or SVG", id("id", "the plan")),
		{
			Path: apiPrefix + "/system/backups/{name}", OperationID: "takeBackup", Tags: []string{"system"},
			Summary:    "A backup as it is; only one that is encrypted is given out",
			Parameters: []*huma.Param{id("name", "of the backup")},
			Responses:  map[string]*huma.Response{"200": answer("OK", "application/octet-stream", bytes), "default": problem},
		},
		{
			Path: apiPrefix + "/devices/export", OperationID: "exportDevices", Tags: []string{"devices"},
			Summary: "Every device in service as CSV (UTF-8 with a byte order mark) or XLSX; POST /devices/import reads both",
			Parameters: []*huma.Param{
				{Name: "format", In: "query", Description: "csv or xlsx; csv without it", Schema: plain},
				{Name: "language", In: "query", Description: "of column names and words: en or zh-CN; en without it", Schema: plain},
			},
			Responses: map[string]*huma.Response{"200": answer("OK", "text/csv", plain), "default": problem},
		},
		{
			Path: apiPrefix + "/statistics/export", OperationID: "exportStatistics", Tags: []string{"statistics"},
			Summary: "The devices of getStatistics as CSV, in UTF-8 with a byte order mark",
			Parameters: []*huma.Param{
				{Name: "site", In: "query", Required: true, Schema: plain}, {Name: "zone", In: "query", Schema: plain},
				{Name: "kind", In: "query", Schema: plain}, {Name: "device", In: "query", Schema: plain},
				{Name: "from", In: "query", Schema: plain}, {Name: "to", In: "query", Schema: plain},
			},
			Responses: map[string]*huma.Response{"200": answer("OK", "text/csv", plain), "default": problem},
		},
		{
			Path: apiPrefix + "/openapi.yaml", OperationID: "getDocument", Tags: []string{"server"}, Summary: "This document",
			Responses: map[string]*huma.Response{"200": answer("OK", "application/openapi+yaml", plain), "default": problem},
		},
		{
			Path: "/livez", OperationID: "getLive", Tags: []string{"server"}, Summary: "Does the process serve?",
			Responses: map[string]*huma.Response{"200": answer("OK", "text/plain", plain)},
		},
		{
			Path: "/readyz", OperationID: "getReady", Tags: []string{"server"}, Summary: "Does everything behind it work?",
			Responses: map[string]*huma.Response{"200": answer("OK", "text/plain", plain), "default": problem},
		},
		{
			Path: mqttPath, OperationID: "openMQTT", Tags: []string{"live"},
			Summary:   "MQTT 5 or 3.1.1 over WebSocket, subprotocol mqtt, with a ticket or a credential",
			Responses: map[string]*huma.Response{"101": {Description: "Switching Protocols"}, "default": problem},
		},
	} {
		op.Method = "GET"
		doc.AddOperation(op)
	}
}
