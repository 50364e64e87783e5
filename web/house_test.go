package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatehouse/db"
	"gatehouse/devices"
	"gatehouse/devices/lobby"
	"gatehouse/devices/operators"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when everything in these tests happens.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// house is a server over a domain of fakes.
type house struct {
	t        *testing.T
	deps     Deps
	people   *people
	programs *programs
	booths   *booths
	control  *control
	keys     *keys
	lobby    *hall
	plans    *timed
	books    *books
	album    *album
	broker   *mqttBroker
	alarms   *alarmDesk
	calendar *wallCalendar
	trail    *auditTrail
	machine  *machine
	vault    *vault
	log      *journal
	server   *Server
	store    *db.DB // of a real house
}

// newHouse builds one; change may replace parts first.
func newHouse(t *testing.T, change ...func(*Deps)) *house {
	t.Helper()
	h := &house{t: t, people: &people{}, programs: &programs{}, booths: &booths{}, control: &control{}, keys: &keys{}, lobby: &hall{}, plans: &timed{}, calendar: &wallCalendar{}, books: &books{}, album: &album{}, broker: &mqttBroker{}, trail: &auditTrail{}, machine: &machine{}, vault: &vault{}, log: &journal{}, alarms: &alarmDesk{}}
	h.deps = Deps{
		Setup: h.people, Sessions: h.people, Rights: h.people, Roles: h.people, People: h.people, Factors: h.people, APITokens: h.programs, Booths: h.booths, PINs: h.booths, Tickets: h.people, Live: h.control, Places: h.control, Registry: h.control,
		Lobby:             h.lobby,
		Doorman:           &lobby.Refusals{},
		DeviceCredentials: h.keys, Commander: h.control, Batches: h.control, Layers: h.control, Fires: h.control, Events: h.control, Presence: h.control, Statistics: h.control, Replays: h.control, Alarms: h.alarms, Staff: h.people, Pictures: h.album, Plates: h.album, Ledger: h.books,
		Quarantine: h.control, Schedules: h.plans, Calendar: h.calendar, Timetables: noTables(), Shifts: noShifts(), Integrators: h.keys, Audit: h.trail, AuditChain: h.trail, Refusals: h.trail,
		Plans:         noPlans(t),
		Bans:          noBans(),
		BrokerClients: h.broker, RetainedMessages: h.broker, BrokerCounts: h.broker, Tracer: h.broker, BrokerTopics: h.broker, TestTickets: h.broker, System: h.machine, Backups: h.vault,
		Configurer:  h.control,
		Changes:     h.control,
		MQTT:        http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }),
		TopicPrefix: func(d devices.Device) string { return "prefix/" + string(d.Site) + "/" + string(d.ID) },
		MQTTAddress: "192.0.2.1:1883", Version: "1.2.3", Now: func() time.Time { return noon },
		Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&h.deps)
	}
	s, err := New(h.deps)
	if err != nil {
		t.Fatal(err)
	}
	h.server = s
	return h
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// do sends one request, without a session unless as says so.
func (h *house) do(method, path, body string, change ...func(*http.Request)) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, path, http.NoBody)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.server.Handler().ServeHTTP(w, r)
	a := answer{t: h.t, status: w.Code, header: w.Header(), body: w.Body.String()}
	h.conforms(method, path, a)
	return a
}

// admin sends a request of an administrator.
func (h *house) admin(method, path, body string, change ...func(*http.Request)) answer {
	h.t.Helper()
	return h.do(method, apiPrefix+path, body, append(change, as(operators.Administrator))...)
}

// as gives the request the session of somebody with that role.
func as(role operators.Role) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gatehouse", Value: "session-" + string(role)}) }
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// wants checks the status.
func (a answer) wants(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d; body %s", a.status, status, a.body)
	}
	return a
}

// is checks status and body: the two documents must be equal as JSON.
func (a answer) is(status int, want string) {
	a.t.Helper()
	a.wants(status)
	if got, want := canonical(a.t, a.body), canonical(a.t, want); got != want {
		a.t.Fatalf("got  %s\nwant %s", got, want)
	}
}

// problem checks that the answer is a problem object with that code.
func (a answer) problem(status int, code string) Problem {
	a.t.Helper()
	a.wants(status)
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		a.t.Fatalf("content type %q", ct)
	}
	var p Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
	if p.Status != status || p.Code != code || p.Title == "" || p.Detail == "" {
		a.t.Fatalf("problem %s, want status %d and code %s", a.body, status, code)
	}
	return p
}

// names checks that a problem names that field.
func (a answer) names(location string) {
	a.t.Helper()
	p := a.problem(http.StatusUnprocessableEntity, "invalid")
	for _, e := range p.Errors {
		if e.Location == location && e.Message != "" {
			return
		}
	}
	a.t.Fatalf("no error at %s in %s", location, a.body)
}

// tooMany wants that a selection is refused because it has more than is given at once, with the number that is.
func (a answer) tooMany(most float64) {
	a.t.Helper()
	p := a.problem(http.StatusUnprocessableEntity, "too_many")
	if len(p.Errors) != 1 || p.Errors[0].Location != "query.from" || p.Errors[0].Code != "too_many" || p.Errors[0].Bound == nil || *p.Errors[0].Bound != most {
		a.t.Fatalf("not told that %v are given at most, but %s", most, a.body)
	}
}

func canonical(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func refusal(code devices.Code, field, message string) error {
	return &devices.Error{Op: "test", Code: code, Field: field, Message: message}
}

// people are operators, sessions and tickets.
type people struct {
	needed   bool
	err      error
	account  operators.Account
	from     operators.Client
	token    string
	language string
	theme    string
	ended    string
	name     string
	password string

	mustChange  bool
	needsFactor bool
	scope       devices.Scope
	stale       bool // nobody has proved who they are
	shut        bool // every session has ended
	code        string
	renewed     string // what a proof gives
	asks        []string
}

func (p *people) Needed(context.Context) bool { return p.needed }

func (p *people) Setup(_ context.Context, token string, a operators.Account, from operators.Client) (operators.Operator, string, error) {
	p.token, p.account, p.from = token, a, from
	return operators.Operator{ID: "o1", Name: a.Name, Role: operators.Administrator, Language: a.Language}, "new-session", p.err
}

func (p *people) Login(_ context.Context, name, password, code string, from operators.Client) (operators.Operator, string, error) {
	p.name, p.password, p.code, p.from = name, password, code, from
	return operators.Operator{ID: "o1", Name: name, Role: operators.Administrator}, "new-session", p.err
}

func (p *people) Authenticate(_ context.Context, session string) (operators.Operator, operators.Session, error) {
	role, ok := strings.CutPrefix(session, "session-")
	role, booth := strings.CutPrefix(role, "booth-")
	if !ok || p.shut {
		return operators.Operator{}, operators.Session{}, refusal(operators.Unauthenticated, "", "sign in")
	}
	return operators.Operator{ID: "o1", Name: "Wang", Role: operators.Role(role), MustChange: p.mustChange}, operators.Session{Operator: "o1", Key: [32]byte{7}, Booth: boothIf(booth)}, nil
}

func (p *people) Logout(_ context.Context, session string, _ operators.Client) error {
	p.ended = session
	return p.err
}

func (p *people) SetLanguage(_ context.Context, _ devices.Actor, id operators.ID, language string) (operators.Operator, error) {
	p.language = language
	return operators.Operator{ID: id, Name: "Wang", Role: operators.Administrator, Language: language}, p.err
}

func (p *people) SetTheme(_ context.Context, id operators.ID, theme string) (operators.Operator, error) {
	p.theme = theme
	return operators.Operator{ID: id, Name: "Wang", Role: operators.Administrator, Theme: theme}, p.err
}

func (p *people) Issue(s operators.Session, o operators.Operator) operators.Ticket {
	if s.Key != [32]byte{7} {
		return operators.Ticket{}
	}
	return operators.Ticket{ClientID: "console-1", Username: "console", Password: "p-" + string(o.ID), Expires: noon.Add(time.Minute)}
}
