package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/prove"
)

// bodies are what the routes that name something in their bodies are asked with, one for
// each way to name it; those of the others are in plainBodies.
func bodies() map[route][]string {
	until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	plan := `{"device":"{device}","name":"Noon","cron":"0 12 * * *","action":"open"}`
	hours := func(target string) string {
		return `{"name":"Hours","targets":[{"` + target + `":"{` + target + `}"}],"week":{"monday":[{"from":"07:00","to":"09:00","mode":"held_open"}]}}`
	}
	fire := []string{`{"site":"{site}","group":"lobby","reason":"r"}`}
	return map[route][]string{
		at(post, "/devices"):             {`{"zone":"{zone}","kind":"gate","name":"New"}`},
		at(post, "/devices/credentials"): {`{"devices":["{device}"]}`},
		at(post, "/batches"):             {`{"action":"open","reason":"r","devices":["{device}"]}`, `{"action":"open","reason":"r","zone":"{zone}"}`, `{"action":"open","reason":"r","site":"{site}"}`},
		at(post, "/layers"):              {`{"action":"hold_open","reason":"r","device":"{device}"}`, `{"action":"lock_down","reason":"r","zone":"{zone}"}`, `{"action":"lockdown_release","reason":"r","site":"{site}"}`},
		at(post, "/fire/release"):        fire,
		at(post, "/fire/end"):            fire,
		at(post, "/alarms/mutes"):        {`{"device":"{device}","until":"` + until + `","reason":"r"}`},
		at(post, "/shifts"):              {`{"devices":["{device}"]}`},
		at(post, "/timetables"):          {hours("device"), hours("zone"), hours("site")},
		at(post, "/timetables/preview"):  {`{"timetable":` + hours("device") + `,"from":"2030-05-01T00:00:00Z","to":"2030-06-01T00:00:00Z"}`},
		at(post, "/timetables/dry-run"):  {`{"timetable":` + hours("zone") + `}`},
		at(post, "/schedules"):           {plan, `{"devices":["{device}"],"name":"Noon","cron":"0 12 * * *","action":"open"}`},
		at(post, "/schedules/preview"):   {`{"cron":"0 12 * * *","timeZone":"UTC","days":["workday"],"device":"{device}"}`},
		at(post, "/schedules/dry-run"):   {`{"draft":` + plan + `}`, `{"id":"{schedule}"}`},
	}
}

// plainBodies are those of routes that name something in their paths.
func plainBodies() map[route]string {
	return map[route]string{
		at(post, "/sites/:site/zones"):                 `{"name":"New"}`,
		at(patch, "/sites/:site"):                      `{"name":"New"}`,
		at(patch, "/zones/:zone"):                      `{"name":"New"}`,
		at(post, "/sites/:site/plans"):                 planSVG,
		at(put, "/sites/:site/plans"):                  `{"plans":[]}`,
		at(put, "/plans/:id"):                          `{"base":2,"name":"New","pins":[]}`,
		at(put, "/plans/:id/picture"):                  planSVG,
		at(patch, "/devices/:id"):                      `{"name":"New"}`,
		at(post, "/devices/:id/retire"):                `{"reason":"r"}`,
		at(post, "/devices/:id/replace"):               `{"reason":"r"}`,
		at(post, "/devices/:id/transfer"):              `{"zone":"{own zone}","reason":"r"}`,
		at(put, "/devices/:id/config"):                 `{"base":0,"settings":{}}`,
		at(put, "/devices/:id/fire"):                   `{"group":"lobby","input":""}`,
		at(post, "/devices/:id/commands"):              `{"action":"open"}`,
		at(put, "/devices/:id/credential/certificate"): `{}`,
		at(post, "/alarms/:id/acknowledge"):            `{}`,
		at(post, "/alarms/:id/comments"):               `{"text":"t"}`,
		at(post, "/alarms/:id/resolve"):                `{"text":"t"}`,
		at(put, "/alarms/:id/assignee"):                `{"name":""}`,
		at(put, "/sites/:site/calendar/days/:day"):     `{"kind":"rest","name":"new"}`,
		at(post, "/sites/:site/calendar/import"):       "day,kind\n2026-05-09,rest\n",
		at(post, "/shifts/:id/notes"):                  `{"text":"t"}`,
		at(post, "/shifts/:id/hand-over"):              `{}`,
		at(post, "/shifts/:id/close"):                  `{"reason":"r"}`,
		at(put, "/timetables/:id"):                     `{"name":"Hours","targets":[{"device":"{own device}"}],"week":{"monday":[{"from":"07:00","to":"09:00","mode":"held_open"}]}}`,
		at(post, "/timetables/:id/pause"):              `{}`,
		at(post, "/timetables/:id/skip"):               `{"skip":true}`,
		at(post, "/schedules/:id/pause"):               `{}`,
		at(put, "/schedules/:id"):                      `{"device":"{own device}","name":"Noon","cron":"0 12 * * *","action":"open"}`,
	}
}

// probe is one request that names something.
type probe struct {
	route
	path, body string
	kind       string // of what it names
}

// for puts the id of something into the request.
func (p probe) at(kind, id string, own corner) (path, body string) {
	fill := strings.NewReplacer("{own zone}", own.ids["zone"], "{own device}", own.ids["device"], "{own site}", own.ids["site"], "{event}", own.ids["event"], "{"+kind+"}", id)
	return fill.Replace(p.path), fill.Replace(p.body)
}

// probes are every way in which a route names something of the property.
func (e *estate) probes(r route) (all []probe) {
	segments := strings.Split(strings.TrimPrefix(r.path, apiPrefix+"/"), "/")
	kind := map[string]string{
		"sites": "site", "zones": "zone", "devices": "device", "commands": "command", "batches": "batch", "alarms": "alarm", "schedules": "schedule", "timetables": "timetable", "shifts": "shift", "plans": "plan",
	}[segments[0]]
	path := regexp.MustCompile(`:\w+`).ReplaceAllStringFunc(r.path, func(param string) string {
		switch param {
		case ":event":
			return "{event}"
		case ":day":
			return "2026-05-09"
		}
		return "{" + kind + "}"
	})
	if path != r.path {
		all = append(all, probe{r, path + needed(r, "?"), plainBodies()[r], kind})
	}
	for _, body := range bodies()[r] {
		kind := regexp.MustCompile(`\{(site|zone|device|schedule)\}`).FindStringSubmatch(body)
		all = append(all, probe{r, path, body, kind[1]})
	}
	for _, name := range e.filters(r) {
		kind := map[string]string{"before": "alarm"}[name]
		value := "{" + name + "}"
		switch {
		case name == "before" && strings.HasSuffix(r.path, "/batches"):
			kind, value = "batch", "{batch}"
		case name == "olderThan" || name == "before" && !strings.HasSuffix(r.path, "/alarms"):
			kind, value = "camera", "{camera}/{event}"
		case name == "before":
			value = "{alarm}"
		default:
			kind = name
		}
		query := "?" + name + "=" + value
		if name != "site" && strings.Contains(r.path, "/statistics") {
			query += "&site={own site}"
		}
		all = append(all, probe{r, path + query + needed(r, "&"), "", kind})
	}
	return all
}

// needed are the parameters that a route is not asked without, after a sign.
func needed(r route, sign string) string {
	switch {
	case r == at(post, "/sites/:site/plans"):
		return sign + "name=New"
	case r == at(put, "/plans/:id/picture"), r == at(del, "/plans/:id"):
		return sign + "base=2"
	case strings.HasSuffix(r.path, "/timetables/:id/results"):
		return sign + "due=2030-05-01T00:00:00Z"
	case strings.HasSuffix(r.path, "/alarms/counts"):
		return sign + "from=2030-05-01T00:00:00Z&to=2030-06-01T00:00:00Z"
	case strings.HasSuffix(r.path, "/timetables/agenda"):
		return sign + "from=2030-05-01T00:00:00Z&to=2030-06-01T00:00:00Z"
	case strings.HasSuffix(r.path, "/replay"):
		now := time.Now().UTC()
		return sign + "from=" + now.Add(-time.Hour).Format(time.RFC3339) + "&to=" + now.Add(time.Hour).Format(time.RFC3339)
	}
	return ""
}

// filters are the parameters of a list that name something of the property.
func (e *estate) filters(r route) (names []string) {
	if strings.HasSuffix(r.path, "/statistics/export") {
		return []string{"site", "zone", "device"}
	}
	input := e.server.api.inputs[r]
	if input == nil {
		return nil
	}
	for f := range input.Fields() {
		if name := f.Tag.Get("query"); name != "" && slices.Contains(idTypes(), f.Type) {
			names = append(names, name)
		}
	}
	return names
}

// Whoever is limited to a part of the property learns of the rest, and does there, nothing: an
// id out of reach is answered as one that was never given, in every path, body and filter of
// every route, for every role.
func TestNobodyLearnsOfOrTouchesWhatIsOutOfTheirReach(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before := e.state()
	asked, wrong, routes := 0, 0, 0
	fail := func(format string, args ...any) {
		t.Helper()
		if wrong++; wrong < 40 {
			t.Errorf(format, args...)
		}
	}
	ask := func(who string, r route, path, body string) answer {
		asked++
		return e.do(r.method, path, body, player(who), header("Idempotency-Key", fmt.Sprintf("key-%08d", asked)))
	}
	for _, info := range e.server.router.Routes() {
		r := route{info.Method, info.Path}
		rule := e.server.access[r]
		if rule.who != needsVerb {
			continue
		}
		routes++
		var probes []probe
		if rule.extent != whole {
			probes = e.probes(r)
		}
		if rule.extent == named && len(probes) == 0 {
			fail("%s %s names nothing that this test knows of: say in bodies or plainBodies how it is asked", r.method, r.path)
		}
		for i, who := range e.names() {
			program := strings.HasPrefix(who, programPrefix)
			if i%2 > 0 && !prove.Full() && who != "boss" && !program {
				continue // half of the people are enough for every day
			}
			grant, reach := e.reach(who)
			secrets := e.foreign(reach)
			silent := func(what string, a answer) {
				for _, s := range secrets {
					if strings.Contains(a.body, s) {
						fail("%s as %s tells of %s: %s", what, who, s, a.body)
						return
					}
				}
			}
			plain := ask(who, r, e.ownPath(r), "")
			silent(r.method+" "+r.path, plain)
			refused := program && (rule.fresh || rule.people) || !grant.May(rule.verb) || !reach.Everything() && rule.extent == whole || reach.Nothing()
			if refused && plain.status != http.StatusForbidden {
				fail("%s %s as %s: %d, want 403", r.method, r.path, who, plain.status)
			}
			if own := r.method == http.MethodGet && !strings.Contains(r.path, ":event"); own && rule.extent != whole && !refused && plain.status != http.StatusOK {
				fail("%s %s as %s, of what is in reach: %d %s", r.method, r.path, who, plain.status, plain.body)
			}
			if reach.Everything() {
				if _, site := e.reach("guard-site"); rule.extent == listed && !e.tellsOf(plain, site) {
					fail("%s %s tells the administrator of nothing at another site either, and proves nothing", r.method, r.path)
				}
				continue
			}
			for _, p := range probes {
				for _, c := range e.corners[1:] {
					if p.kind == "site" && reach.Part(c.zone.Site) || reach.Place(c.zone.Site, c.zone.Zone) {
						continue
					}
					id := c.ids[p.kind]
					path, body := p.at(p.kind, id, e.corners[0])
					got := ask(who, r, path, body)
					madeUp := "0192f0c1-0000-7000-8000-00000000dead"
					path, body = p.at(p.kind, madeUp, e.corners[0])
					want := ask(who, r, path, body)
					what := fmt.Sprintf("%s %s with a foreign %s", r.method, p.path+" "+p.body, p.kind)
					if a, b := strings.ReplaceAll(got.body, id, "ID"), strings.ReplaceAll(want.body, madeUp, "ID"); got.status != want.status || a != b {
						fail("%s as %s: %d %s; one that was never given: %d %s", what, who, got.status, got.body, want.status, want.body)
					}
					if status := map[bool]int{true: http.StatusForbidden, false: http.StatusNotFound}[refused]; got.status != status {
						fail("%s as %s: %d %s, want %d", what, who, got.status, got.body, status)
					}
					for _, s := range secrets {
						if s != id && strings.Contains(got.body, s) {
							fail("%s as %s tells of %s", what, who, s)
						}
					}
				}
			}
		}
	}
	was, is := strings.Split(before, "\n"), strings.Split(e.state(), "\n")
	for i := range max(len(was), len(is)) {
		if i >= len(was) || i >= len(is) || was[i] != is[i] {
			fail("something out of reach was changed, in line %d of %q:\n%q", i, was, is)
			break
		}
	}
	least := 2000
	if asked < least {
		t.Errorf("%d requests, want %d", asked, least)
	}
	prove.Record(t, "roles × routes × sites: an id out of reach is as one that was never given, in path, body, filter and export",
		"0 wrong of at least 2,000 requests", fmt.Sprintf("%d wrong of %d requests on %d routes as %d people and programs", wrong, asked, routes, len(e.names())))
}

// tellsOf is whether an answer has something that is out of a reach; those to changes, of what
// there is none of, and of one site's days, or of one zone, may not.
func (e *estate) tellsOf(a answer, r devices.Reach) bool {
	if a.status != http.StatusOK || strings.Contains(a.body, `"orderLimitMs"`) || strings.Contains(a.body, "confirmed_p50_ms") || strings.HasPrefix(a.body, `{"counts":[`) || strings.Contains(a.body, `"filters"`) || strings.Contains(a.body, `"standing":[]`) || strings.Contains(a.body, `"under"`) || strings.Contains(a.body, `"quiet"`) {
		return true
	}
	return slices.ContainsFunc(e.foreign(r), func(s string) bool { return strings.Contains(a.body, s) })
}

// ownPath is the path of a route with what everybody of the cast but "never" reaches; of one
// that changes something with what does not exist.
func (e *estate) ownPath(r route) string {
	if r.method != http.MethodGet || e.server.access[r].extent == whole {
		return r.address()
	}
	if strings.HasPrefix(r.path, apiPrefix+"/statistics") || strings.HasSuffix(r.path, "/alarms/counts") {
		return r.path + "?site=" + e.corners[0].ids["site"] + needed(r, "&")
	}
	if strings.HasSuffix(r.path, "/replay") {
		return r.path + "?zone=" + e.corners[0].ids["zone"] + needed(r, "&")
	}
	for _, p := range e.probes(r) {
		if p.kind != "site" && strings.TrimSuffix(p.path, needed(r, "?")) != r.path && !strings.Contains(strings.TrimSuffix(p.path, needed(r, "?")), "?") {
			path, _ := p.at(p.kind, e.corners[0].ids[p.kind], e.corners[0])
			return path
		}
	}
	return r.address() + needed(r, "?")
}
