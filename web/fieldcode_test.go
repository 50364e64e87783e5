package web

import (
	"fmt"
	"testing"
)

func TestAWrongFieldHasACodeToTranslateBy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct{ method, path, body, location, code, bound string }{
		{"POST", "/alarms/a1/comments", `{"text":""}`, "body.text", "too_short", "1"},
		{"PUT", "/alarms/a1/assignee", `{"name":"` + fmt.Sprintf("%065d", 0) + `"}`, "body.name", "too_long", "64"},
		{"POST", "/alarms/a1/comments", `{}`, "body", "required", ""},
		{"POST", "/alarms/a1/comments", `{"text":"x","more":1}`, "body.more", "unexpected", ""},
		{"POST", "/alarms/a1/comments", `{"text":1}`, "body.text", "format", ""},
		{"GET", "/alarms?limit=0", ``, "query.limit", "too_small", "1"},
		{"GET", "/alarms?limit=501", ``, "query.limit", "too_big", "500"},
		{"GET", "/alarms?severity=grave", ``, "query.severity", "not_one_of", ""},
		{"DELETE", "/alarms/mutes", ``, "query.device", "required", ""},
		{"POST", "/alarms/mutes", `{"device":"d1","until":"tomorrow","reason":"x"}`, "body.until", "format", ""},
		{"PUT", "/alarms/a1/assignee", `{"name":"nobody"}`, "body.name", "wrong", ""},
	} {
		bound := ""
		var found *ProblemField
		for _, f := range h.admin(c.method, c.path, c.body).problem(422, "invalid").Errors {
			if f.Location == c.location {
				found = &f
			}
		}
		if found == nil {
			t.Errorf("%s %s %s: no field %s", c.method, c.path, c.body, c.location)
			continue
		}
		if found.Bound != nil {
			bound = fmt.Sprint(*found.Bound)
		}
		if found.Code != c.code || bound != c.bound {
			t.Errorf("%s %s %s: %+v has the bound %q", c.method, c.path, c.body, *found, bound)
		}
	}
}
