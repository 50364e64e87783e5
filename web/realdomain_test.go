package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/db"
	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/calendar"
	"gatehouse/devices/credentials"
	"gatehouse/devices/feed"
	"gatehouse/devices/ledger"
	"gatehouse/devices/operators"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plans"
	"gatehouse/devices/replay"
	"gatehouse/devices/schedule"
	"gatehouse/devices/shift"
	"gatehouse/devices/statistics"
	"gatehouse/devices/timetable"
	"gatehouse/devices/trail"
)

// noLink is a broker without any device.
type noLink struct{}

func (noLink) Give(context.Context, devices.Device, []byte, devices.CommandID, time.Time, func(devices.LinkReport)) (func() bool, error) {
	return nil, errors.New("not connected")
}

// nobody listens to the feed.
type nobody struct{}

func (nobody) Put(string, []byte)  {}
func (nobody) Clear(string)        {}
func (nobody) Tick(string, []byte) {}

// places is what schedules ask of the registry.
type places struct{ c *devices.Control }

func (p places) Device(ctx context.Context, id devices.DeviceID) (devices.Device, error) {
	l, err := p.c.Device(ctx, id)
	return l.Device, err
}

func (p places) Site(_ context.Context, id devices.SiteID) (devices.Site, error) { return p.c.Site(id) }

func (places) CheckAction(k devices.KindName, a devices.Action, args map[string]string) error {
	return devices.CheckAction(k, a, args)
}

// realHouse is a server over the real domain and a real database; token sets it up.
func realHouse(t *testing.T) (h *house, token string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log := slog.New(slog.DiscardHandler)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	store, err := db.Open(ctx, db.Options{Dir: dir, DataKey: make([]byte, 32), Log: log})
	must(err)
	setup := setupToken{operators.NewSetupToken(time.Now())}
	var control *devices.Control
	written, err := trail.New(trail.Deps{Store: store.Trail(), Dir: dir, Log: log})
	must(err)
	must(written.Load(ctx))
	people := operators.New(operators.Deps{Store: store.Operators(), SetupTokens: setup, Property: property{&control}, Log: log})
	safe, err := credentials.New(credentials.Deps{Store: store.Credentials(), DataKey: make([]byte, 32), Sites: store.Devices().Sites, Feeds: feed.Kinds(), Log: log})
	must(err)
	out := feed.NewPublisher(nobody{}, log)
	watch := alarms.New(alarms.Deps{
		Store: store.Alarms(), News: out, Log: log,
		Registered: func(id devices.DeviceID) (devices.Device, bool) { return control.Registered(id) },
	})
	control = devices.NewControl(devices.Deps{Store: store.Devices(), Link: noLink{}, News: watch.Listen(out), Keys: safe, Log: log})
	must(control.Load(ctx))
	must(watch.Load(ctx))
	zone := func(id devices.DeviceID) (devices.SiteID, devices.ZoneID, bool) {
		d, ok := control.Registered(id)
		return d.Site, d.Zone, ok
	}
	books := ledger.New(ledger.Deps{Store: store.Ledger(), Quarantine: control, Zone: zone, Log: log})
	album, err := pictures.New(pictures.Deps{Store: store.Pictures(), Dir: filepath.Join(dir, "pictures"), Quarantine: control, Log: log})
	must(err)
	drawn, err := plans.New(plans.Deps{Store: store.Plans(), Dir: filepath.Join(dir, "plans"), Registry: control, Log: log})
	must(err)
	days, err := calendar.New(calendar.Deps{Store: store.Calendar(), Sites: places{control}})
	must(err)
	doors := timetable.New(timetable.Deps{Store: store.Timetables(), Layers: control, Places: control, Days: days, Log: log})
	plans := schedule.New(schedule.Deps{
		Store: store.Schedules(), Sender: control, Commands: control, Outlook: control, Registry: places{control}, Calendar: days, Log: log,
	})
	ended := make(chan error, 1)
	go func() {
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { return control.Run(ctx) })
		group.Go(func() error { return watch.Run(ctx) })
		group.Go(func() error { return written.Run(ctx) })
		group.Go(func() error { return doors.Run(ctx) })
		ended <- group.Wait()
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		must(store.Close())
	})
	h = newHouse(t, func(d *Deps) {
		d.Setup, d.Sessions, d.Tickets = people, people, operators.NewTickets(people)
		d.Rights, d.Roles = people, people
		d.Live, d.Places, d.Registry, d.Commander, d.Batches, d.Layers, d.Fires, d.Events, d.Quarantine = control, control, control, control, control, control, control, control, control
		d.Audit, d.AuditChain, d.Refusals = written, written, written
		d.Presence, d.Statistics = control, statistics.New(statistics.Deps{Store: store.Statistics(), Places: control, Log: log})
		d.Alarms, d.Staff, d.Replays = watch, people, replay.New(store.Replay(), control)
		d.DeviceCredentials, d.Integrators, d.Pictures, d.Plates, d.Ledger, d.Schedules = safe, safe, album, store.Plates(), books, plans
		d.Shifts = shift.New(shift.Deps{Store: store.Shifts(), Device: control.Registered})
		d.Configurer, d.Changes, d.Calendar, d.Timetables, d.Plans = control, control, days, doors, drawn

		d.Now = time.Now
	})
	h.store = store
	return h, setup.token.Text
}

// property is a control that is built later.
type property struct{ of **devices.Control }

func (p property) Clocks() devices.Clocks { return (*p.of).Clocks() }

func (p property) Zones() []devices.Zone { return (*p.of).Zones() }

// setupToken is a token in force.
type setupToken struct{ token operators.SetupToken }

func (t setupToken) SetupToken() (operators.SetupToken, error) { return t.token, nil }
func (t setupToken) DropSetupToken() error                     { return nil }

// get is one member of an answer's object.
func (a answer) get(name string) string {
	a.t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
	s, _ := m[name].(string)
	return s
}

// signIn sets the server up and gives the cookie of its administrator.
func (h *house) signIn(token string) func(*http.Request) {
	h.t.Helper()
	a := h.do("POST", "/api/v1/setup", `{"token":"`+token+`","name":"Wang","password":"seven lanterns over the harbour"}`).wants(201)
	cookie := cookieOf(h.t, a)
	return func(r *http.Request) { r.AddCookie(cookie) }
}

func cookieOf(t *testing.T, a answer) *http.Cookie {
	t.Helper()
	c, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFirstAdministratorNeedsTheToken(t *testing.T) {
	t.Parallel()
	h, token := realHouse(t)
	h.do("POST", "/api/v1/session", `{"name":"Wang","password":"seven lanterns over the harbour"}`).problem(503, "setup_needed")
	const rest = `","name":"Wang","password":"seven lanterns over the harbour"}`
	h.do("POST", "/api/v1/setup", `{"token":"AAAAA-BBBBB`+rest).problem(403, "bad_token")
	h.do("POST", "/api/v1/setup", `{"token":"`+token+`","name":"Wang","password":"short"}`).names("body.password")
	me := h.signIn(token)
	h.do("POST", "/api/v1/setup", `{"token":"`+token+rest).problem(409, "conflict")
	h.do("GET", "/api/v1/setup", "").is(200, `{"needed":false}`)
	h.do("GET", "/api/v1/session", "", me).wants(200)
}

func TestSignedOutSessionIsGone(t *testing.T) {
	t.Parallel()
	h, token := realHouse(t)
	me := h.signIn(token)
	h.do("DELETE", "/api/v1/session", "", me).wants(204)
	h.do("GET", "/api/v1/session", "", me).problem(401, "unauthenticated")
	h.do("POST", "/api/v1/session", `{"name":"Wang","password":"nine lanterns over the harbour"}`).problem(401, "bad_credentials")
	again := h.do("POST", "/api/v1/session", `{"name":"wang","password":"seven lanterns over the harbour"}`).wants(200)
	c := cookieOf(t, again)
	h.do("GET", "/api/v1/session", "", func(r *http.Request) { r.AddCookie(c) }).wants(200)
}

func TestManyWrongPasswordsAreThrottled(t *testing.T) {
	t.Parallel()
	h, token := realHouse(t)
	h.signIn(token)
	for range 100 {
		a := h.do("POST", "/api/v1/session", `{"name":"Wang","password":"nine lanterns over the harbour"}`)
		if a.status == http.StatusTooManyRequests {
			a.problem(429, "throttled")
			if a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
		a.problem(401, "bad_credentials")
	}
	t.Fatal("100 wrong passwords were not throttled")
}

func TestInstallerStoryOverTheRealDomain(t *testing.T) {
	t.Parallel()
	h, token := realHouse(t)
	me := h.signIn(token)
	ask := func(method, path, body string, change ...func(*http.Request)) answer {
		t.Helper()
		return h.do(method, apiPrefix+path, body, append(change, me)...)
	}
	ask("POST", "/sites", `{"name":"Harbour","timeZone":"Nowhere/City"}`).names("body.timeZone")
	site := ask("POST", "/sites", `{"name":"Harbour","timeZone":"Asia/Shanghai"}`).wants(201).get("id")
	ask("POST", "/sites/none/zones", `{"name":"Yard"}`).problem(404, "not_found")
	zone := ask("POST", "/sites/"+site+"/zones", `{"name":"Yard"}`).wants(201).get("id")
	ask("POST", "/devices", `{"zone":"none","kind":"gate","name":"G"}`).names("body.zone")
	gate := ask("POST", "/devices", `{"zone":"`+zone+`","kind":"gate","name":"G"}`).wants(201).get("id")

	issued := ask("POST", "/devices/"+gate+"/credential", "").wants(201)
	if issued.get("username") != gate || issued.get("password") == "" || issued.get("commandKey") == "" {
		t.Errorf("issued %s", issued.body)
	}
	if a := ask("GET", "/devices/"+gate, "").wants(200); !strings.Contains(a.body, `"issued":true`) || strings.Contains(a.body, issued.get("password")) {
		t.Errorf("device %s", a.body)
	}
	ask("DELETE", "/devices/"+gate+"/credential", "").wants(204)
	ask("DELETE", "/devices/"+gate+"/credential", "").problem(404, "not_found")

	key := header("Idempotency-Key", "press-0001")
	first := ask("POST", "/devices/"+gate+"/commands", `{"action":"open"}`, key).wants(202)
	if first.get("step") != "failed" { // it never connected, and says so at once
		t.Errorf("command %s", first.body)
	}
	if again := ask("POST", "/devices/"+gate+"/commands", `{"action":"open"}`, key).wants(202); again.get("id") != first.get("id") {
		t.Errorf("a second press made another command: %s", again.body)
	}
	ask("POST", "/devices/"+gate+"/commands", `{"action":"close"}`, key).problem(409, "conflict")
	ask("POST", "/devices/"+gate+"/commands", `{"action":"pass"}`, header("Idempotency-Key", "press-0002")).names("body.action")
	ask("GET", "/commands/"+first.get("id"), "").wants(200)
	if a := ask("GET", "/devices/"+gate+"/commands", "").wants(200); !strings.Contains(a.body, first.get("id")) {
		t.Errorf("commands %s", a.body)
	}
	ask("GET", "/devices/"+gate+"/events/none/picture", "").problem(404, "not_found")
	ask("GET", "/events", "").is(200, `{"events":[],"next":""}`)
	ask("GET", "/ledger", "").is(200, `{"entries":[],"rows":0,"totals":[]}`)
	ask("GET", "/ledger?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "").names("query.to")
	ask("GET", "/quarantine", "").is(200, `{"messages":[]}`)
	if a := ask("GET", "/audit", "").wants(200); !strings.Contains(a.body, `"object":"device:`+gate+`"`) || !strings.Contains(a.body, `"address":"192.0.2.1"`) {
		t.Errorf("audit %s", a.body)
	}
	if a := ask("GET", "/live/snapshot", "").wants(200); !strings.Contains(a.body, gate) || strings.Contains(a.body, "null,\"zones\"") {
		t.Errorf("snapshot %s", a.body)
	}
	if a := ask("POST", "/live/ticket", "").wants(200); a.get("password") == "" || a.get("path") != "/mqtt" {
		t.Errorf("ticket %s", a.body)
	}
}

func TestSchedulesAndIntegratorsOverTheRealDomain(t *testing.T) {
	t.Parallel()
	h, token := realHouse(t)
	me := h.signIn(token)
	ask := func(method, path, body string) answer {
		t.Helper()
		return h.do(method, apiPrefix+path, body, me)
	}
	site := ask("POST", "/sites", `{"name":"Harbour","timeZone":"Asia/Shanghai"}`).wants(201).get("id")
	zone := ask("POST", "/sites/"+site+"/zones", `{"name":"Yard"}`).wants(201).get("id")
	gate := ask("POST", "/devices", `{"zone":"`+zone+`","kind":"turnstile","name":"T"}`).wants(201).get("id")

	plan := func(action, cron string) string {
		return `{"device":"` + gate + `","name":"Morning","cron":"` + cron + `",` + action + `}`
	}
	ask("POST", "/schedules", plan(`"action":"pass"`, "30 7 * * *")).names("body.args.direction")
	ask("POST", "/schedules", plan(`"action":"open"`, "30 7 * * *")).names("body.action")
	ask("POST", "/schedules", plan(`"action":"pass","args":{"direction":"in"}`, "61 7 * * *")).names("body.cron")
	ask("POST", "/schedules", strings.Replace(plan(`"action":"open"`, "30 7 * * *"), gate, "none", 1)).names("body.device")
	a := ask("POST", "/schedules", plan(`"action":"pass","args":{"direction":"in"}`, "30 7 * * *")).wants(201)
	if a.get("timeZone") != "Asia/Shanghai" || a.get("next") == "" {
		t.Errorf("schedule %s", a.body)
	}
	id := a.get("id")
	ask("PUT", "/schedules/"+id, plan(`"action":"pass","args":{"direction":"in"},"paused":true`, "0 8 * * *")).wants(200)
	if a := ask("GET", "/schedules", "").wants(200); !strings.Contains(a.body, `"next":null`) || !strings.Contains(a.body, `"cron":"0 8 * * *"`) {
		t.Errorf("schedules %s", a.body)
	}
	ask("GET", "/schedules/"+id+"/runs", "").is(200, `{"runs":[]}`)
	ask("DELETE", "/schedules/"+id, "").wants(204)
	ask("DELETE", "/schedules/"+id, "").problem(404, "not_found")
	ask("GET", "/schedules/"+id+"/runs", "").problem(404, "not_found")

	ask("POST", "/integrators", `{"name":"App","sites":["none"]}`).names("body.sites")
	made := ask("POST", "/integrators", `{"name":"App","sites":["`+site+`"]}`).wants(201)
	if !strings.Contains(made.body, `"gatehouse/v1/feed/`+site+`/#"`) {
		t.Errorf("integrator %s", made.body)
	}
	if a := ask("GET", "/integrators", "").wants(200); !strings.Contains(a.body, made.get("username")) || strings.Contains(a.body, made.get("password")) {
		t.Errorf("integrators %s", a.body)
	}
	ask("DELETE", "/devices/"+made.get("username")+"/credential", "").problem(404, "not_found")
	ask("DELETE", "/integrators/"+made.get("username"), "").wants(204)
	ask("DELETE", "/integrators/"+made.get("username"), "").problem(404, "not_found")
}
