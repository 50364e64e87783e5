package web

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/operators"
)

const alarmJSON = `{"id":"a1","site":"s1","zone":"z1","device":"d1","type":"fault","severity":"major","state":"raised","loudness":"loud",
	"raised":"2026-11-21T12:00:00Z","lastSeen":"2026-11-21T12:00:00Z","count":2,"detail":"E7","cause":{"kind":"event","id":"d1/e1"},"over":null,
	"acknowledged":null,"acknowledgedBy":null,"assignee":{"kind":"operator","id":"o1","name":"Wang"},"escalated":null,"muted":false,
	"resolved":null,"resolvedBy":null,"revision":12}`

func anAlarm() alarms.Alarm {
	return alarms.Alarm{
		ID: "a1", Site: "s1", Zone: "z1", Device: "d1", Type: alarms.Fault, Severity: alarms.Major, Raised: noon, LastSeen: noon, Count: 2, Detail: "E7",
		Cause: alarms.Cause{Kind: alarms.CauseEvent, ID: "d1/e1"}, Assignee: alarms.Who{Kind: devices.ActorOperator, ID: "o1", Name: "Wang"}, Revision: 12,
	}
}

// alarmDesk is alarms.Service. err, if set, is the answer to everything.
type alarmDesk struct {
	err   error
	actor devices.Actor
	asked any
}

func (d *alarmDesk) one(by devices.Actor, asked any) (alarms.Alarm, error) {
	d.actor, d.asked = by, asked
	return anAlarm(), d.err
}

func (d *alarmDesk) Open() []alarms.Alarm { return []alarms.Alarm{anAlarm()} }

func (d *alarmDesk) Alarms(_ context.Context, q alarms.Query) ([]alarms.Alarm, error) {
	d.asked = q
	return []alarms.Alarm{anAlarm()}, d.err
}

func (d *alarmDesk) Count(_ context.Context, q alarms.CountQuery) ([]alarms.Count, error) {
	d.asked = q
	return []alarms.Count{{Severity: alarms.Major, Type: alarms.Fault, Raised: 3, Open: 1}}, d.err
}

func TestAlarmsAreCountedForAReport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/alarms/counts?site=s1&from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z", "").is(200,
		`{"counts":[{"severity":"major","type":"fault","raised":3,"open":1}]}`)
	q, _ := h.alarms.asked.(alarms.CountQuery)
	if q.Site != "s1" || !q.To.Equal(q.From.AddDate(0, 1, 0)) {
		t.Errorf("asked for %+v", q)
	}
	h.admin("GET", "/alarms/counts?site=s1&to=2026-12-01T00:00:00Z", "").names("query.from")
}

func (d *alarmDesk) Get(_ context.Context, id alarms.ID) (alarms.Alarm, []alarms.Entry, error) {
	a, err := d.one(devices.Actor{}, id)
	return a, []alarms.Entry{{Alarm: id, N: 1, At: noon, What: alarms.WasRaised, By: alarms.Who{Kind: devices.ActorSystem, ID: "alarms", Name: "alarms"}, Text: "E7", Cause: a.Cause}}, err
}

func (d *alarmDesk) Acknowledge(_ context.Context, by devices.Actor, id alarms.ID, comment string) (alarms.Alarm, error) {
	return d.one(by, "acknowledge "+string(id)+" "+comment)
}

func (d *alarmDesk) Comment(_ context.Context, by devices.Actor, id alarms.ID, text string) (alarms.Alarm, error) {
	return d.one(by, "comment "+string(id)+" "+text)
}

func (d *alarmDesk) Assign(_ context.Context, by devices.Actor, id alarms.ID, to alarms.Who) (alarms.Alarm, error) {
	return d.one(by, "assign "+string(id)+" "+to.ID)
}

func (d *alarmDesk) Resolve(_ context.Context, by devices.Actor, id alarms.ID, comment string) (alarms.Alarm, error) {
	return d.one(by, "resolve "+string(id)+" "+comment)
}

func aMute() alarms.Mute {
	return alarms.Mute{Site: "s1", Device: "d1", Type: alarms.Fault, Since: noon, Until: noon.Add(time.Hour), By: alarms.Who{Kind: devices.ActorOperator, ID: "o1", Name: "Wang"}, Reason: "motor"}
}

func (d *alarmDesk) Mute(_ context.Context, by devices.Actor, r alarms.MuteRequest) (alarms.Mute, error) {
	d.actor, d.asked = by, r
	return aMute(), d.err
}

func (d *alarmDesk) Unmute(_ context.Context, by devices.Actor, id devices.DeviceID, t alarms.Type) error {
	d.actor, d.asked = by, "unmute "+string(id)+" "+string(t)
	return d.err
}

func (d *alarmDesk) Mutes() []alarms.Mute { return []alarms.Mute{aMute()} }

// ByName implements Staff.
func (p *people) ByName(_ context.Context, name string) (operators.Operator, error) {
	if name != "Li" {
		return operators.Operator{}, refusal(devices.NotFound, "", "there is no such account")
	}
	return operators.Operator{ID: "o2", Name: "Li", Role: operators.Guard}, nil
}

func TestAlarmsAreSelectedAndReadWithTheirHistory(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/alarms?site=s1&zone=z1&device=d1&type=fault&severity=major&state=over&assignee=o1&text=E7&before=a9&limit=7", "").is(200, `{"alarms":[`+alarmJSON+`]}`)
	if want := (alarms.Query{Site: "s1", Zone: "z1", Device: "d1", Type: "fault", Severity: "major", State: alarms.Over, Assignee: "o1", Text: "E7", Before: "a9", Limit: 7}); h.alarms.asked != want {
		t.Errorf("asked %+v", h.alarms.asked)
	}
	h.admin("GET", "/alarms?state=open", "").wants(200)
	if want := (alarms.Query{Open: true, Limit: 100}); h.alarms.asked != want {
		t.Errorf("asked %+v", h.alarms.asked)
	}
	h.admin("GET", "/alarms?state=loud", "").names("query.state")
	h.admin("GET", "/alarms/a1", "").is(200, `{"alarm":`+alarmJSON+`,"history":[{"at":"2026-11-21T12:00:00Z","what":"raised",
		"by":{"kind":"system","id":"alarms","name":"alarms"},"text":"E7","cause":{"kind":"event","id":"d1/e1"}}]}`)
	h.alarms.err = refusal(devices.NotFound, "", "there is no such alarm")
	h.admin("GET", "/alarms/a9", "").problem(404, "not_found")
}

func TestActsOnAnAlarmAreThoseOfWhoAsks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct{ method, path, body, want string }{
		{"POST", "/alarms/a1/acknowledge", `{"comment":"going"}`, "acknowledge a1 going"},
		{"POST", "/alarms/a1/acknowledge", `{}`, "acknowledge a1 "},
		{"POST", "/alarms/a1/comments", `{"text":"seen"}`, "comment a1 seen"},
		{"POST", "/alarms/a1/take", ``, "assign a1 o1"},
		{"PUT", "/alarms/a1/assignee", `{"name":"Li"}`, "assign a1 o2"},
		{"PUT", "/alarms/a1/assignee", `{"name":""}`, "assign a1 "},
		{"POST", "/alarms/a1/resolve", `{"text":"motor changed"}`, "resolve a1 motor changed"},
	} {
		h.admin(c.method, c.path, c.body).is(200, alarmJSON)
		if h.alarms.asked != c.want || h.alarms.actor != wang {
			t.Errorf("%s %s: asked %q by %+v", c.method, c.path, h.alarms.asked, h.alarms.actor)
		}
	}
	h.admin("PUT", "/alarms/a1/assignee", `{"name":"nobody"}`).names("body.name")
	h.admin("POST", "/alarms/a1/resolve", `{"text":""}`).names("body.text")
	h.admin("POST", "/alarms/a1/comments", `{"text":"`+strings.Repeat("x", 501)+`"}`).names("body.text")
	h.alarms.err = refusal(devices.Conflict, "id", "its cause still stands")
	h.admin("POST", "/alarms/a1/resolve", `{"text":"x"}`).problem(409, "conflict")
}

func TestWhoCouldSeeToAnAlarmIsWhoMayHandleItThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/alarms/a1/assignees", "").is(200, `{"people":[{"id":"o2","name":"Chen"}]}`)
	h.people.scope = devices.Scope{Places: []devices.Place{{Site: "s1", Zone: "z1"}}}
	h.admin("GET", "/alarms/a1/assignees", "").is(200, `{"people":[{"id":"o2","name":"Chen"}]}`)
	for name, o := range map[string]operators.Operator{
		"shut":                {ID: "o3", Name: "Shut", Role: operators.Guard, Disabled: true},
		"without that right":  {ID: "o4", Name: "Viewer", Role: "none"},
		"only somewhere else": {ID: "o5", Name: "Far", Role: operators.Guard, Scope: devices.Scope{Places: []devices.Place{{Site: "s2"}}}},
	} {
		if got, err := assigneesOf(o); err != nil || len(got) != 0 {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	h.do("GET", apiPrefix+"/alarms/a1/assignees", "", as(operators.Guard)).problem(403, "forbidden")
}

func TestAnAlarmIsAssignedOnlyToWhoMayHandleItThere(t *testing.T) {
	t.Parallel()
	assign := func(o operators.Operator, a alarms.Alarm) error {
		s := &Server{deps: Deps{Staff: oneAccount{o}, Rights: oneAccount{o}}}
		_, err := s.assignee(context.Background(), a, o.Name)
		return err
	}
	far := operators.Operator{ID: "o5", Name: "Far", Role: operators.Guard, Scope: devices.Scope{Places: []devices.Place{{Site: "s2"}}}}
	for name, o := range map[string]operators.Operator{
		"shut":                {ID: "o3", Name: "Shut", Role: operators.Guard, Disabled: true},
		"without that right":  {ID: "o4", Name: "Viewer", Role: "none"},
		"only somewhere else": far,
	} {
		var refused *devices.Error
		if err := assign(o, anAlarm()); !errors.As(err, &refused) || refused.Code != devices.Invalid || refused.Field != "name" || !strings.Contains(refused.Message, "assignee") {
			t.Errorf("%s: %v, want the field name refused with what an assignee must be", name, err)
		}
	}
	if err := assign(operators.Operator{ID: "o6", Name: "Near", Role: operators.Guard}, anAlarm()); err != nil {
		t.Errorf("who may handle it there: %v", err)
	}
	// Whoever has it already keeps it: that changes nothing.
	had := anAlarm()
	had.Assignee = alarms.Who{Kind: devices.ActorOperator, ID: "o5", Name: "Far"}
	if err := assign(far, had); err != nil {
		t.Errorf("who has it: %v", err)
	}
}

// assigneesOf asks for the people of an alarm where there is one account.
func assigneesOf(o operators.Operator) ([]AlarmPerson, error) {
	s := &Server{deps: Deps{Staff: oneAccount{o}, Rights: oneAccount{o}}}
	return s.assignees(context.Background(), anAlarm())
}

// oneAccount is Staff and Rights of a property with one account.
type oneAccount struct{ operators.Operator }

func (a oneAccount) ByName(context.Context, string) (operators.Operator, error) {
	return a.Operator, nil
}

func (a oneAccount) List(context.Context) ([]operators.Operator, error) {
	return []operators.Operator{a.Operator}, nil
}

func (a oneAccount) GrantOf(o operators.Operator) operators.Grant {
	return operators.GrantFor(operators.Verbs(o.Role), o.Scope)
}

func (a oneAccount) Reach(operators.Grant) devices.Reach { return devices.Everything() }

func TestDevicesAreMuted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const mute = `{"device":"d1","site":"s1","type":"fault","since":"2026-11-21T12:00:00Z","until":"2026-11-21T13:00:00Z",
		"by":{"kind":"operator","id":"o1","name":"Wang"},"reason":"motor"}`
	h.admin("GET", "/alarms/mutes", "").is(200, `{"mutes":[`+mute+`]}`)
	h.admin("POST", "/alarms/mutes", `{"device":"d1","type":"fault","until":"2026-11-21T13:00:00Z","reason":"motor"}`).is(201, mute)
	if want := (alarms.MuteRequest{Device: "d1", Type: "fault", Until: noon.Add(time.Hour), Reason: "motor"}); h.alarms.asked != want || h.alarms.actor != wang {
		t.Errorf("asked %+v", h.alarms.asked)
	}
	h.admin("DELETE", "/alarms/mutes?device=d1&type=fault", "").wants(204)
	if h.alarms.asked != "unmute d1 fault" {
		t.Errorf("asked %v", h.alarms.asked)
	}
	h.alarms.err = refusal(devices.Invalid, "until", "must be a time within the next 7 days")
	h.admin("POST", "/alarms/mutes", `{"device":"d1","until":"2027-11-21T13:00:00Z","reason":"motor"}`).names("body.until")
}

func TestAGuardHandlesAlarmsAndMutesNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do("POST", apiPrefix+"/alarms/a1/acknowledge", `{}`, as(operators.Guard)).wants(200)
	h.do("POST", apiPrefix+"/alarms/a1/comments", `{"text":"x"}`, as(operators.Guard)).wants(200)
	h.do("POST", apiPrefix+"/alarms/a1/take", ``, as(operators.Guard)).wants(200)
	h.do("POST", apiPrefix+"/alarms/a1/resolve", `{"text":"x"}`, as(operators.Guard)).problem(403, "forbidden")
	h.do("PUT", apiPrefix+"/alarms/a1/assignee", `{"name":"Li"}`, as(operators.Guard)).problem(403, "forbidden")
	h.do("POST", apiPrefix+"/alarms/mutes", `{"device":"d1","until":"2026-11-21T13:00:00Z","reason":"x"}`, as(operators.Guard)).problem(403, "forbidden")
}
