package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// conforms checks that an answer is what openapi.yaml says of its route: every
// answer in these tests goes through it.
func (h *house) conforms(method, path string, a answer) {
	h.t.Helper()
	if !strings.Contains(a.header.Get("Content-Type"), "json") {
		return
	}
	doc := h.server.api.huma.OpenAPI()
	op := operationAt(doc, method, path)
	if op == nil {
		return // 404, 405
	}
	response := op.Responses[strconv.Itoa(a.status)]
	if response == nil {
		response = op.Responses["default"]
	}
	if response == nil || response.Content[a.header.Get("Content-Type")] == nil {
		h.t.Errorf("%s %s: status %d with %s is not in the document", method, path, a.status, a.header.Get("Content-Type"))
		return
	}
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		h.t.Errorf("%s %s: %v in %s", method, path, err, a.body)
		return
	}
	var result huma.ValidateResult
	huma.Validate(doc.Components.Schemas, response.Content[a.header.Get("Content-Type")].Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, &result)
	for _, err := range result.Errors {
		h.t.Errorf("%s %s: the answer is not as documented: %v", method, path, err)
	}
}

// operationAt finds the operation of a request; literal paths before those with
// parameters.
func operationAt(doc *huma.OpenAPI, method, path string) *huma.Operation {
	path, _, _ = strings.Cut(path, "?")
	item := doc.Paths[path]
	for template, candidate := range doc.Paths {
		if item == nil && fits(template, path) {
			item = candidate
		}
	}
	if item == nil {
		return nil
	}
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[method]
}

// fits says whether a path is one of a template, each of whose parameters is one segment.
func fits(template, path string) bool {
	for template != "" || path != "" {
		var want, have string
		want, template, _ = strings.Cut(template, "/")
		have, path, _ = strings.Cut(path, "/")
		if want != have && (have == "" || !strings.HasPrefix(want, "{")) {
			return false
		}
	}
	return true
}

func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for r := range accessTable() {
		op := operationAt(h.server.api.huma.OpenAPI(), r.method, r.address())
		if op == nil || op.Summary == "" || op.OperationID == "" || len(op.Responses) == 0 {
			t.Errorf("%s %s is not in the document", r.method, r.path)
		}
	}
}

func TestPayloadsOfTheFeedAreDocumented(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Device", "Command", "Today", "Heartbeat", "Event", "Problem"} {
		if !strings.Contains(string(document), "\n    "+name+":\n") {
			t.Errorf("%s is not in openapi.yaml", name)
		}
	}
}
