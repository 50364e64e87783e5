package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestTimesAtTheEdgesOfTimeAreAnsweredAndBreakNothing(t *testing.T) {
	t.Parallel()
	ask := asked(t)
	site := ask("POST", "/sites", `{"name":"Lakeside","timeZone":"Asia/Shanghai"}`).wants(http.StatusCreated).get("id")
	draft := fmt.Sprintf(`{"name":"Mornings","targets":[{"site":%q}],"week":{"monday":[{"from":"00:00","to":"24:00","mode":"held_open"}]}}`, site)
	id := ask("POST", "/timetables", draft).wants(http.StatusCreated).get("id")
	times := []string{"0000-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.001Z", "1677-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999-14:00"}
	for _, at := range times {
		q := url.QueryEscape(at)
		for _, a := range []struct{ method, path, body string }{
			{"POST", "/timetables/dry-run", fmt.Sprintf(`{"timetable":%s,"at":%q}`, draft, at)},
			{"POST", "/timetables/preview", fmt.Sprintf(`{"timetable":%s,"from":%q,"to":%q}`, draft, at, at)},
			{"POST", "/timetables/preview", fmt.Sprintf(`{"timetable":%s,"from":"0001-01-01T00:00:00Z","to":%q}`, draft, at)},
			{"POST", "/timetables/preview", fmt.Sprintf(`{"timetable":%s,"from":%q,"to":"9999-12-31T23:59:59.999-14:00"}`, draft, at)},
			{"POST", "/timetables/" + id + "/pause", fmt.Sprintf(`{"until":%q}`, at)},
			{"GET", "/timetables/agenda?from=" + q + "&to=" + q, ""},
			{"GET", "/timetables/agenda?from=" + q + "&to=" + url.QueryEscape("9999-12-31T23:59:59.999-14:00"), ""},
			{"GET", "/timetables/runs?from=" + q, ""},
			{"GET", "/timetables/runs?to=" + q, ""},
			{"GET", "/timetables/runs?before=" + q, ""},
			{"GET", "/timetables/" + id + "/results?due=" + q, ""},
		} {
			if got := ask(a.method, a.path, a.body); got.status >= 500 || got.body == "" || strings.Contains(got.body, "panic") {
				t.Errorf("%s %s %.300s: %d %q", a.method, a.path, a.body, got.status, got.body)
			}
		}
	}
}
