package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/paho"
)

type (
	seenClient struct {
		Client, Identity, DeviceName, Address, Listener, Protocol, Cause string
		Connected, Contested                                             bool
		TakeOvers                                                        int
		KeepAliveSeconds                                                 int
		Filters                                                          int
	}
	seenClients struct {
		Clients                       []seenClient
		Matching, Connected, Sessions int
	}
	seenRetained struct {
		Messages []struct{ Topic, Payload, Encoding string }
		More     bool
	}
	seenStats struct {
		Connections      int
		TakeOvers        uint64
		Contested        int
		Received         uint64
		Refused, Dropped []struct {
			Reason string
			Count  uint64
		}
	}
	seenAudit struct {
		Entries []struct {
			Verb, Object, Reason string
			Actor                struct{ Name string }
			Detail               map[string]any
		}
	}
)

func (s *staff) client(id string) seenClient {
	s.t.Helper()
	var d struct{ Client seenClient }
	s.get("/broker/clients/"+url.PathEscape(id), &d)
	return d.Client
}

func (s *staff) lastAudit() (verb, object string, detail map[string]any) {
	s.t.Helper()
	var a seenAudit
	s.get("/audit?limit=1", &a)
	e := a.Entries[0]
	if e.Actor.Name != adminName {
		s.t.Errorf("%s was done by %q", e.Verb, e.Actor.Name)
	}
	return e.Verb, e.Object, e.Detail
}

func TestADeviceIsSeenAsAClientKickedAndSeenAgainWithTheCause(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, secret := s.enrol("gate")
	kick := "/broker/clients/" + d.ID + "/kick"
	s.must(http.MethodPost, kick, map[string]any{"reason": "server_busy"}, http.StatusNotFound, nil)

	cp := connect(secret.ClientID, secret.Username, secret.Password)
	hour := uint32(3600)
	cp.CleanStart, cp.Properties = false, &paho.ConnectProperties{SessionExpiryInterval: &hour}
	gate, _, err := dial(t, p.MQTT, cp)
	if err != nil {
		t.Fatal(err)
	}
	if r := gate.ask(secret.TopicPrefix + "/command"); r > 2 {
		t.Fatalf("subscribe: reason %#x", r)
	}
	c := s.client(d.ID)
	if !c.Connected || c.DeviceName != d.Name || c.Identity != "device:"+d.ID || c.Listener != "mqtt" || c.Protocol != "5.0" || c.KeepAliveSeconds != 30 || c.Filters != 1 || c.Cause != "" {
		t.Errorf("the client is %+v", c)
	}
	var list seenClients
	if s.get("/broker/clients?text="+url.QueryEscape(d.Name), &list); list.Matching != 1 || list.Clients[0] != c || list.Connected < 1 {
		t.Errorf("the clients are %+v", list)
	}

	s.must(http.MethodPost, kick, map[string]any{"reason": "server_busy"}, http.StatusNoContent, nil)
	<-gate.gone
	var a seenAudit
	if s.get("/audit?limit=1", &a); a.Entries[0].Reason != "server_busy" {
		t.Errorf("the reason is %q", a.Entries[0].Reason)
	}
	if verb, object, detail := s.lastAudit(); verb != "broker.kick" || object != "client:"+d.ID || detail["identity"] != c.Identity {
		t.Errorf("audited: %s %s %v", verb, object, detail)
	}
	s.must(http.MethodPost, kick, map[string]any{"reason": "server_busy"}, http.StatusConflict, nil)
	if _, _, err := dial(t, p.MQTT, cp); err != nil {
		t.Fatal(err)
	}
	if c := s.client(d.ID); !c.Connected || c.Cause != "kicked" {
		t.Errorf("back again it is %+v", c)
	}
}

func TestARetainedMessageIsFoundAndRemoved(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, secret := s.enrol("gate")
	connectGate(t, p.MQTT, secret)
	topic := secret.TopicPrefix + "/state"
	at := "/broker/retained/message?topic=" + url.QueryEscape(topic)
	eventually(t, "the state is retained", func() bool {
		code, _ := s.call(http.MethodGet, at, nil)
		return code == http.StatusOK
	})
	var list seenRetained
	s.get("/broker/retained?filter="+url.QueryEscape("gatehouse/v1/devices/+/"+d.ID+"/#"), &list)
	found := false
	for _, m := range list.Messages {
		found = found || m.Topic == topic && m.Encoding == "text" && m.Payload != ""
	}
	if !found || list.More {
		t.Errorf("found %+v", list)
	}
	s.must(http.MethodDelete, at, nil, http.StatusNoContent, nil)
	if verb, object, _ := s.lastAudit(); verb != "retained.delete" || object != "topic:"+topic {
		t.Errorf("audited: %s %s", verb, object)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		s.must(method, at, nil, http.StatusNotFound, nil)
		s.must(method, "/broker/retained/message?topic=%23", nil, http.StatusUnprocessableEntity, nil)
	}
	s.must(http.MethodGet, "/broker/retained?filter=%23/a", nil, http.StatusUnprocessableEntity, nil)
	if code, said := s.call(http.MethodGet, "/broker/retained?filter=$share/g/%23", nil); code != http.StatusUnprocessableEntity || !strings.Contains(string(said), "write the filter behind the prefix: #") {
		t.Errorf("a filter with a prefix: %d, %s", code, said)
	}
	s.must(http.MethodGet, "/broker/retained/message?topic=$share/g/a", nil, http.StatusNotFound, nil)
}

func TestWhatTheBrokerRefusesIsCounted(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	logins := func() uint64 {
		var stats seenStats
		s.get("/broker/stats", &stats)
		for _, r := range stats.Refused {
			if r.Reason == "login" {
				return r.Count
			}
		}
		t.Fatalf("logins are not counted: %+v", stats)
		return 0
	}
	before := logins()
	if _, _, err := dial(t, p.MQTT, connect("stranger", "nobody", "wrong")); err == nil {
		t.Fatal("a stranger was let in")
	}
	if after := logins(); after != before+1 {
		t.Errorf("%d refusals, before %d", after, before)
	}
}

func TestTwoProgramsOfOneClientIdentifierAreSeen(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, secret := s.enrol("gate")
	for range 6 {
		if _, _, err := dial(t, p.MQTT, connect(secret.ClientID, secret.Username, secret.Password)); err != nil {
			t.Fatal(err)
		}
	}
	if c := s.client(d.ID); !c.Contested || c.TakeOvers != 5 {
		t.Errorf("the client is %+v", c)
	}
	var stats seenStats
	if s.get("/broker/stats", &stats); stats.Contested != 1 || stats.TakeOvers < 5 {
		t.Errorf("the counts are %+v", stats)
	}
	var list seenClients
	if s.get("/broker/clients?sort=takeOvers&order=desc&limit=1", &list); len(list.Clients) != 1 || list.Clients[0].Client != d.ID {
		t.Errorf("first is %+v", list.Clients)
	}
}

type seenTrace struct {
	Client, Filter, StartedBy string
	Running                   bool
	Events                    []struct {
		Message      uint64
		Step, Client string
		Topic        string
	}
}

func (s *staff) trace() *seenTrace {
	s.t.Helper()
	var state struct{ Trace *seenTrace }
	s.get("/broker/trace", &state)
	return state.Trace
}

func TestACommandIsTracedToItsAcknowledgement(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, secret := s.enrol("gate")
	connectGate(t, p.MQTT, secret)
	eventually(t, "the gate is online and closed", func() bool {
		d = s.device(d.ID)
		return d.Link.Status == "online" && d.Physical == "closed"
	})
	if t0 := s.trace(); t0 != nil {
		t.Errorf("before the first trace there is %+v", t0)
	}
	s.must(http.MethodDelete, "/broker/trace", nil, http.StatusNotFound, nil)
	s.must(http.MethodPost, "/broker/trace", map[string]any{}, http.StatusUnprocessableEntity, nil)
	s.must(http.MethodPost, "/broker/trace", map[string]any{"filter": "#/a"}, http.StatusUnprocessableEntity, nil)
	command := secret.TopicPrefix + "/command"
	s.must(http.MethodPost, "/broker/trace", map[string]any{"filter": command}, http.StatusCreated, nil)
	if verb, object, detail := s.lastAudit(); verb != "trace.start" || object != "topic:"+command || detail["filter"] != command {
		t.Errorf("audited: %s %s %v", verb, object, detail)
	}
	s.must(http.MethodPost, "/broker/trace", map[string]any{"client": d.ID}, http.StatusConflict, nil)

	s.outcome(s.order(d.ID, "open"))
	var trace *seenTrace
	eventually(t, "the trace has come to the acknowledgement", func() bool {
		trace = s.trace()
		return len(trace.Events) > 0 && trace.Events[len(trace.Events)-1].Step == "acknowledged"
	})
	if !trace.Running || trace.StartedBy != adminName || trace.Events[0].Step != "received" {
		t.Errorf("the trace is %+v", trace)
	}
	for _, e := range trace.Events {
		if e.Topic != command || e.Message != trace.Events[0].Message || e.Client != "" && e.Client != d.ID {
			t.Errorf("a step of something else: %+v", e)
		}
	}

	s.must(http.MethodDelete, "/broker/trace", nil, http.StatusNoContent, nil)
	if verb, _, _ := s.lastAudit(); verb != "trace.stop" {
		t.Errorf("audited: %s", verb)
	}
	kept := len(trace.Events)
	s.outcome(s.order(d.ID, "open"))
	if trace = s.trace(); trace.Running || len(trace.Events) != kept {
		t.Errorf("after its end: %+v", trace)
	}
}

// A new credential is for the same device; without one there is nobody who says what
// is retained.
func TestWhatADeviceRetainsOutlivesItsCredentialOnlyForANewOne(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, secret := s.enrol("gate")
	g := connectGate(t, p.MQTT, secret)
	retained := func() bool {
		code, _ := s.call(http.MethodGet, "/broker/retained/message?topic="+url.QueryEscape(secret.TopicPrefix+"/state"), nil)
		return code == http.StatusOK
	}
	eventually(t, "the state is retained", retained)
	s.credential(d.ID)
	<-g.gone
	if !retained() {
		t.Error("a new credential took what the device said")
	}
	s.must(http.MethodDelete, "/devices/"+d.ID+"/credential", nil, http.StatusNoContent, nil)
	if retained() {
		t.Error("the state of a device without a credential is retained")
	}
}
