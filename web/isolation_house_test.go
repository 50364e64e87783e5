package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
	"gatehouse/devices/operators"
	"gatehouse/devices/pictures"
	"gatehouse/devices/shift"
	"gatehouse/devices/timetable"
	"gatehouse/prove"
)

// corner is one zone of a property with one of everything in it, by the name of its kind
// of id.
type corner struct {
	site, zone devices.Place
	ids        map[string]string
}

// estate is a real house with two sites of two zones, each with one of everything, and
// people of every role and scope.
type estate struct {
	*house
	admin    func(*http.Request)
	corners  []corner // a1, a2, b1, b2
	cast     *cast
	machines *machines
}

// cast lets people in by the name of their role and scope, and nobody has to be hashed.
type cast struct {
	*people
	operators map[string]operators.Operator
}

func (c *cast) Authenticate(_ context.Context, session string) (operators.Operator, operators.Session, error) {
	o, ok := c.operators[session]
	if !ok {
		return o, operators.Session{}, refusal(operators.Unauthenticated, "", "sign in")
	}
	return o, operators.Session{Operator: o.ID, Key: [32]byte{7}}, nil
}

// player is somebody of the cast.
func player(name string) func(*http.Request) {
	if strings.HasPrefix(name, programPrefix) {
		return by(name)
	}
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gatehouse", Value: name}) }
}

// programPrefix begins the names of programs of the cast; each is the text of its token.
const programPrefix = "program-"

// machines are programs: their tokens, by text.
type machines struct {
	*programs
	cast   *cast
	tokens map[string]operators.APIToken
}

func (m *machines) Check(_ context.Context, text, _ string) (operators.APIToken, operators.Operator, error) {
	x, ok := m.tokens[text]
	if !ok {
		return x, operators.Operator{}, refusal(operators.Unauthenticated, "", "the bearer token does not count")
	}
	return x, m.cast.operators[string(x.Maker)], nil
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	h, _ := realHouse(t)
	e := &estate{house: h, cast: &cast{people: h.people, operators: map[string]operators.Operator{}}, admin: player("boss")}
	e.machines = &machines{h.programs, e.cast, map[string]operators.APIToken{}}
	h.deps.Setup, h.deps.Sessions, h.deps.Tickets, h.deps.Factors, h.deps.APITokens = h.people, e.cast, h.people, h.people, e.machines
	var err error
	if h.server, err = New(h.deps); err != nil {
		t.Fatal(err)
	}
	e.cast.operators["boss"] = operators.Operator{ID: "boss", Name: "Boss", Role: operators.Administrator}
	for _, site := range []string{"Alder Court", "Birch Yard"} {
		id := e.make("POST", "/sites", `{"name":"`+site+`","timeZone":"Asia/Shanghai"}`)
		for _, zone := range []string{"north", "south"} {
			e.furnish(id, site+" "+zone)
		}
	}
	e.waitForAlarms()
	e.play()
	return e
}

// make asks for something new and gives its id.
func (e *estate) make(method, path, body string, change ...func(*http.Request)) string {
	e.t.Helper()
	a := e.do(method, apiPrefix+path, body, append(change, e.admin)...)
	if a.status != http.StatusCreated && a.status != http.StatusAccepted {
		e.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return a.get("id")
}

// always is a week without a moment in which nothing is held.
var always = func() string {
	var days []string
	for _, c := range timetable.Columns() {
		days = append(days, fmt.Sprintf(`%q:[{"from":"00:00","to":"24:00","mode":"held_open"}]`, c))
	}
	return "{" + strings.Join(days, ",") + "}"
}()

// furnish makes a zone with one of everything.
func (e *estate) furnish(site, name string) {
	e.t.Helper()
	zone := e.make("POST", "/sites/"+site+"/zones", `{"name":"`+name+`"}`)
	device := func(kind string) string {
		return e.make("POST", "/devices", `{"zone":"`+zone+`","kind":"`+kind+`","name":"`+name+" "+kind+`"}`)
	}
	c := corner{site: devices.Place{Site: devices.SiteID(site)}, zone: devices.Place{Site: devices.SiteID(site), Zone: devices.ZoneID(zone)}}
	gate, camera, old := device("gate"), device("camera"), device("turnstile")
	key := header("Idempotency-Key", "key-"+gate)
	c.ids = map[string]string{
		"site": site, "zone": zone, "device": gate, "camera": camera,
		"command":   e.make("POST", "/devices/"+gate+"/commands", `{"action":"open"}`, key),
		"batch":     e.make("POST", "/batches", `{"action":"open","reason":"all of it","zone":"`+zone+`"}`, key),
		"schedule":  e.make("POST", "/schedules", `{"device":"`+gate+`","name":"`+name+` morning","cron":"0 7 * * *","action":"open"}`),
		"timetable": e.make("POST", "/timetables", `{"name":"`+name+` nights","targets":[{"device":"`+gate+`"}],"week":`+always+`}`),
		"event":     "event-of-" + gate,
	}
	c.ids["shift"] = e.handedOver(c.zone.Site, gate, name)
	c.ids["plan"] = e.make("POST", "/sites/"+site+"/plans?name="+url.QueryEscape(name+" floor"), planDrawing(e.t, 64+len(e.corners), 64))
	e.do("PUT", apiPrefix+"/plans/"+c.ids["plan"], `{"base":1,"name":"`+name+` floor","pins":[{"device":"`+gate+`","x":0.5,"y":0.5}]}`, e.admin).wants(http.StatusOK)
	prove.Eventually(e.t, "the timetable was carried out", func() bool {
		return strings.Contains(e.do("GET", apiPrefix+"/timetables/runs?timetable="+c.ids["timetable"], "", e.admin).body, c.ids["timetable"])
	})
	for path, body := range map[string]string{
		"/layers":                     `{"action":"lock_down","zone":"` + zone + `","reason":"a drill"}`,
		"/alarms/mutes":               `{"device":"` + gate + `","until":"` + time.Now().Add(time.Hour+time.Duration(len(e.corners))*time.Minute).UTC().Format(time.RFC3339) + `","reason":"works"}`,
		"/devices/" + old + "/retire": `{"reason":"worn out"}`,
		"/schedules/" + c.ids["schedule"] + "/run": "",
	} {
		if a := e.do("POST", apiPrefix+path, body, e.admin, key); a.status >= 300 {
			e.t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
	}
	e.say(c, devices.DeviceID(camera))
	e.corners = append(e.corners, c)
}

// handedOver makes a shift at a gate that somebody handed over: whoever reaches the gate may take it over.
func (e *estate) handedOver(site devices.SiteID, gate, name string) string {
	e.t.Helper()
	ctx, id, now := context.Background(), "shift-of-"+gate, time.Now()
	entry := devices.AuditEntry{At: now, Actor: devices.Actor{Kind: devices.ActorSystem}, Verb: "shift.begin", Site: site, Object: "shift:" + id, Detail: "{}", Outcome: devices.OutcomeOK}
	who := shift.Person{ID: "guard of " + gate, Name: name + " guard"}
	must(e.t, e.store.Shifts().Begin(ctx, shift.Shift{ID: shift.ID(id), Site: site, Person: who, Devices: []devices.DeviceID{devices.DeviceID(gate)}, Began: now}, entry))
	_, err := e.store.Shifts().Finish(ctx, shift.End{Shift: shift.ID(id), At: now, How: shift.HandedOver, By: who}, func(shift.Shift) devices.AuditEntry { return entry })
	must(e.t, err)
	return id
}

// say has the devices of a corner said something.
func (e *estate) say(c corner, camera devices.DeviceID) {
	e.t.Helper()
	ctx, now := context.Background(), time.Now().UTC().Truncate(time.Millisecond)
	gate, event := devices.DeviceID(c.ids["device"]), devices.EventID(c.ids["event"])
	said := func(d devices.DeviceID, id devices.EventID, typ string) devices.Event {
		return devices.Event{Device: d, ID: id, Site: c.zone.Site, Zone: c.zone.Zone, Seq: 1, Type: typ, DeviceTime: now, ArrivedAt: now}
	}
	passage, plate := said(gate, event, "passage"), said(camera, event, "plate")
	passage.Credential, passage.Result, plate.Plate, plate.Confidence = "plate:粤B12345", "granted", "粤B12345", 90
	_, _, err := e.store.Devices().AddEvent(ctx, passage)
	must(e.t, err)
	_, _, err = e.store.Devices().AddEvent(ctx, plate)
	must(e.t, err)
	_, err = e.store.Pictures().AddPicture(ctx, pictures.Record{Device: camera, Event: event, Site: c.zone.Site, Hash: [32]byte{1}, Size: 9, Width: 1, Height: 1, ArrivedAt: now})
	must(e.t, err)
	_, err = e.store.Ledger().AddEntries(ctx, []ledger.Entry{{
		Device: gate, EventID: event, Site: c.zone.Site, Zone: c.zone.Zone, Seq: 1, Amount: ledger.Money{Amount: 500, Currency: "CNY"}, For: "parking", DeviceTime: now, ArrivedAt: now,
	}})
	must(e.t, err)
	must(e.t, e.deps.Live.(*devices.Control).Quarantine(ctx, devices.Quarantined{
		Device: gate, Site: c.zone.Site, Topic: "topic-of-" + string(gate), Payload: []byte("{"), Problem: "is no JSON", Why: devices.Malformed, Arrived: now,
	}))
	_, err = e.store.Devices().SaveState(ctx, gate, devices.State{Mode: devices.Controlled, Physical: devices.Closed, DeviceTime: now, ReportedAt: now})
	must(e.t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// waitForAlarms waits until what was said at every corner has raised an alarm.
func (e *estate) waitForAlarms() {
	e.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for i := range e.corners {
		c := &e.corners[i]
		for c.ids["alarm"] == "" {
			for _, x := range e.do("GET", apiPrefix+"/alarms?device="+c.ids["device"], "", e.admin).wants(200).list("alarms") {
				c.ids["alarm"], _ = x.(map[string]any)["id"].(string)
			}
			if time.Now().After(deadline) {
				e.t.Fatal("no alarm was raised")
			}
		}
	}
}

// play has everybody in: every role, and one that has all rights, at site A, in zone a1, and
// at A for hours that are not now.
func (e *estate) play() {
	day := []time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}
	local := time.Now().In(time.FixedZone("Shanghai", 8*3600))
	minute := local.Hour()*60 + local.Minute()
	never := devices.Hours{{Days: day, From: (minute + 120) % 1440, To: (minute+600)%1440 + 1}}
	all, err := e.deps.Roles.CreateRole(context.Background(), devices.Actor{Kind: devices.ActorSystem}, "Everything", operators.Verbs(operators.Administrator))
	must(e.t, err)
	for _, role := range append(operators.Roles(), all.ID) {
		for name, scope := range map[string]devices.Scope{
			"site":  {Places: []devices.Place{e.corners[0].site}},
			"zone":  {Places: []devices.Place{e.corners[0].zone}},
			"never": {Places: []devices.Place{e.corners[0].site}, Hours: never},
		} {
			id := string(role) + "-" + name
			e.cast.operators[id] = operators.Operator{ID: operators.ID(id), Name: id, Role: role, Scope: scope}
		}
	}
	e.plug(all.ID)
}

// plug has programs in: tokens with all rights, limited to site A; of the administrator, and of somebody who
// was limited since, to a zone there.
func (e *estate) plug(all operators.Role) {
	site := []devices.SiteID{e.corners[0].site.Site}
	for _, maker := range []string{"boss", string(all) + "-zone"} {
		text := programPrefix + maker
		e.machines.tokens[text] = operators.APIToken{
			ID: operators.APITokenID(text), Name: text, Maker: operators.ID(maker), Verbs: operators.Verbs(operators.Administrator), Sites: site,
		}
	}
}

// reach is what somebody of the cast reaches now.
func (e *estate) reach(name string) (operators.Grant, devices.Reach) {
	o := e.cast.operators[name]
	x, program := e.machines.tokens[name]
	if program {
		o = e.cast.operators[string(x.Maker)]
	}
	g := e.deps.Rights.GrantOf(o)
	if program {
		g = x.Grant(g)
	}
	return g, e.deps.Rights.Reach(g)
}

// foreign are all ids and names that somebody must not learn of.
func (e *estate) foreign(r devices.Reach) (secrets []string) {
	for i, c := range e.corners {
		for kind, id := range c.ids {
			if kind == "site" && r.Part(c.zone.Site) || r.Place(c.zone.Site, c.zone.Zone) {
				continue
			}
			secrets = append(secrets, id)
		}
		name := []string{"Alder Court", "Birch Yard"}[i/2] + []string{" north", " south"}[i%2]
		if !r.Place(c.zone.Site, c.zone.Zone) {
			secrets = append(secrets, name)
		}
		if !r.Part(c.zone.Site) {
			secrets = append(secrets, strings.Fields(name)[0])
		}
	}
	return secrets
}

// names are everybody in the cast, in a fixed order.
func (e *estate) names() []string {
	return append(slices.Sorted(maps.Keys(e.cast.operators)), slices.Sorted(maps.Keys(e.machines.tokens))...)
}

// state is everything that the administrator sees of the sites that nobody else may touch.
func (e *estate) state() string {
	var b strings.Builder
	for _, path := range []string{"/devices/export", "/devices/retired", "/schedules", "/timetables", "/shifts", "/plans", "/layers", "/alarms/mutes", "/fire", "/batches", "/ledger", "/quarantine"} {
		a := e.do("GET", apiPrefix+path, "", e.admin).wants(200)
		fmt.Fprintf(&b, "%s\n%s\n", path, regexp.MustCompile(`"(now|next)":\{[^}]*\}`).ReplaceAllString(a.body, ""))
	}
	for _, c := range e.corners[1:] {
		for _, path := range []string{"/devices/" + c.ids["device"] + "/commands", "/devices/" + c.ids["device"] + "/config", "/alarms/" + c.ids["alarm"]} {
			fmt.Fprintf(&b, "%s\n%s\n", path, e.do("GET", apiPrefix+path, "", e.admin).wants(200).body)
		}
	}
	return b.String()
}
