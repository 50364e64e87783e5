package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"go.uber.org/goleak"

	"gatehouse/prove"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNobodyIsLetInUntilThereIsAnAdministrator(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), true)
	s := newStaff(t, p.Console)
	for _, route := range []string{"/session", "/live/snapshot", "/ledger", "/audit"} {
		if code, body := s.call(http.MethodGet, route, nil); code != http.StatusServiceUnavailable {
			t.Errorf("GET %s before setup: %d %s", route, code, body)
		}
	}
	secret := readSecrets(t, p.Dir).Devices[0]
	if _, reason, err := dial(t, p.MQTT, connect(secret.ID, secret.Username, secret.Password)); err == nil || reason != 0x87 {
		t.Errorf("MQTT before setup: reason %#x, error %v", reason, err)
	}
	if code, _ := s.call(http.MethodPost, "/setup", map[string]any{"token": "wrong-wrong-wrong-wrong", "name": adminName, "password": adminPassword}); code != http.StatusForbidden {
		t.Errorf("setup with a wrong token: %d", code)
	}
	signUp(t, p)
	if code, _ := newStaff(t, p.Console).call(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": "second", "password": adminPassword}); code != http.StatusConflict && code != http.StatusForbidden {
		t.Errorf("setup a second time: %d", code)
	}
	if _, _, err := dial(t, p.MQTT, connect(secret.ID, secret.Username, secret.Password)); err != nil {
		t.Errorf("MQTT after setup: %v", err)
	}
}

func TestPlainStartIsEmptyAndDemoHasTheProperty(t *testing.T) {
	t.Parallel()
	var empty, demo seenSnapshot
	signUp(t, runProgram(t, t.TempDir(), false)).get("/live/snapshot", &empty)
	if len(empty.Sites)+len(empty.Devices) != 0 {
		t.Errorf("a plain start has %d sites and %d devices", len(empty.Sites), len(empty.Devices))
	}
	signUp(t, runProgram(t, t.TempDir(), true)).get("/live/snapshot", &demo)
	kinds := map[string]int{}
	for _, d := range demo.Devices {
		kinds[d.Kind]++
		if d.Link.Status != "never_seen" || d.Physical != "unknown" {
			t.Errorf("%s is %s and %s before it was ever there", d.Name, d.Link.Status, d.Physical)
		}
	}
	if len(demo.Sites) != 2 || kinds["gate"] < 6 || kinds["turnstile"] < 6 || kinds["camera"] < 4 {
		t.Errorf("the demo has %d sites and %v", len(demo.Sites), kinds)
	}
}

func TestADemoThatWasCutOffIsFinishedByTheNextStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, true)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	// What is left when the power goes before the secrets are written.
	for _, err := range []error{os.Remove(filepath.Join(dir, "devices.json")), os.WriteFile(filepath.Join(dir, "demo-unfinished"), nil, 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p = runProgram(t, dir, true)
	var seen seenSnapshot
	signUp(t, p).get("/live/snapshot", &seen)
	secrets := readSecrets(t, dir).Devices
	if len(secrets) != len(seen.Devices) || len(seen.Sites) != 2 {
		t.Fatalf("%d sites, %d devices, %d secrets", len(seen.Sites), len(seen.Devices), len(secrets))
	}
	if _, _, err := dial(t, p.MQTT, connect(secrets[0].ID, secrets[0].Username, secrets[0].Password)); err != nil {
		t.Error(err)
	}
}

func TestAPropertyThatIsStartedAsADemoBySlipKeepsItsSecondFactors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := newStaff(t, p.Console)
	s.must(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": adminName, "password": adminPassword}, http.StatusCreated, nil)
	var made struct{ Secret string }
	s.must(http.MethodPost, "/session/factor", nil, http.StatusOK, &made)
	s.must(http.MethodPut, "/session/factor", map[string]any{"code": prove.TOTP(t, made.Secret, time.Now())}, http.StatusOK, nil)
	s.must(http.MethodPost, "/sites", map[string]any{"name": "Harbour", "timeZone": "Europe/London"}, http.StatusCreated, nil)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = runProgram(t, dir, true)
	s.base = newStaff(t, p.Console).base
	var policy struct{ Roles []string }
	s.get("/policy/factor", &policy)
	if !slices.Contains(policy.Roles, "administrator") {
		t.Errorf("second factors are needed of %v only", policy.Roles)
	}
}

func TestOpenClimbsTheLadderToConfirmed(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	connectGate(t, p.MQTT, c)
	eventually(t, "the gate is online and closed", func() bool {
		d = s.device(d.ID)
		return d.Link.Status == "online" && d.Physical == "closed"
	})
	end := s.outcome(s.order(d.ID, "open"))
	for _, step := range []string{"accepted", "sent", "delivered", "done", "confirmed"} {
		if !slices.Contains(steps(end), step) {
			t.Errorf("the ladder lacks %s: %v", step, steps(end))
		}
	}
	if end.Step != "confirmed" || s.device(d.ID).Physical != "open" {
		t.Errorf("command %s, gate %s", end.Step, s.device(d.ID).Physical)
	}
}

func TestTheSameKeyOpensOnceAndAnotherBodyIsAConflict(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	key, ids := newKey(), map[string]bool{}
	for range 5 {
		var got seenCommand
		s.must(http.MethodPost, "/devices/"+d.ID+"/commands", map[string]any{"action": "open"}, 202, &got, "Idempotency-Key", key)
		ids[got.ID] = true
		s.outcome(got)
	}
	if code, _ := s.call(http.MethodPost, "/devices/"+d.ID+"/commands", map[string]any{"action": "close"}, "Idempotency-Key", key); code != http.StatusConflict {
		t.Errorf("same key, other body: %d", code)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(ids) != 1 || len(g.acted) != 1 {
		t.Errorf("%d commands, %d acted on", len(ids), len(g.acted))
	}
}

func TestADeviceThatIsCutIsOfflineWithCauseAndOpenFailsAtOnce(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	if err := g.conn.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the gate is offline", func() bool { return s.device(d.ID).Link.Status == "offline" })
	if now := s.device(d.ID); now.Link.Cause == "" || now.Physical != "unknown" && now.Physical != "closed" {
		t.Errorf("offline gate: %+v", now)
	}
	if end := s.order(d.ID, "open"); end.Step != "failed" || !end.Ended || end.Rungs[len(end.Rungs)-1].Detail == "" {
		t.Errorf("open on an offline gate: %+v", end)
	}

	back, _, err := dial(t, p.MQTT, connect(c.ClientID, c.Username, c.Password))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the gate is online again", func() bool { return s.device(d.ID).Link.Status == "online" })
	if now := s.device(d.ID); now.Physical != "unknown" || now.ReportedAt != nil {
		t.Errorf("before its own report the gate is %s, reported %v", now.Physical, now.ReportedAt)
	}
	if m := back.next("the server's clock", func(*paho.Publish) bool { return true }); m.Topic != c.TopicPrefix+"/time" {
		t.Errorf("first message to a device that came back: %s", m.Topic)
	}
}

func TestABillingEventIsOneLedgerRowHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := runProgram(t, dir, false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	for range 3 {
		if err := g.bill("b-1", 1, 1500); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.bill("b-2", 2, 700); err != nil {
		t.Fatal(err)
	}
	if err := g.bill("b-2", 2, 999); err != nil { // other content under a known id
		t.Fatal(err)
	}
	check := func(when string, s *staff) {
		var l seenLedger
		s.get("/ledger?device="+d.ID, &l)
		if l.Rows != 2 || len(l.Entries) != 2 || len(l.Totals) != 1 || l.Totals[0].Amount != 2200 {
			t.Errorf("%s: %+v", when, l)
		}
		var q struct {
			Messages []struct{ Device, Problem string }
		}
		s.get("/quarantine", &q)
		if len(q.Messages) != 1 || q.Messages[0].Device != d.ID {
			t.Errorf("%s: quarantine %+v", when, q)
		}
	}
	check("after the acknowledgements", s)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = runProgram(t, dir, false)
	if p.SetupToken != "" {
		t.Error("a setup token is offered although there is an administrator")
	}
	check("after a restart", signIn(t, p))
}

func TestAMalformedPayloadIsQuarantinedAndTheDeviceGoesOn(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	bad := []string{`{"physical":`, `{"at":1,"physical":"ajar","tamper":false,"capabilities":[]}`, "\xff\xfe", ""}
	for _, payload := range bad {
		if reason, err := g.send(g.prefix+"/state", 1, false, []byte(payload)); err != nil || reason >= 0x80 {
			t.Errorf("%q: reason %#x, %v", payload, reason, err)
		}
	}
	var q struct {
		Messages []struct {
			Topic, Problem string
			Payload        []byte
		}
	}
	s.get("/quarantine", &q)
	if len(q.Messages) != len(bad) {
		t.Fatalf("%d quarantined, want %d: %+v", len(q.Messages), len(bad), q)
	}
	for i, m := range q.Messages { // newest first
		if string(m.Payload) != bad[len(bad)-1-i] || m.Problem == "" {
			t.Errorf("kept %q because %q, want %q", m.Payload, m.Problem, bad[len(bad)-1-i])
		}
	}
	eventually(t, "the gate is closed", func() bool { return s.device(d.ID).Physical == "closed" })
	if end := s.outcome(s.order(d.ID, "open")); end.Step != "confirmed" {
		t.Errorf("open afterwards: %+v", end)
	}
}

func TestEveryoneKeepsToTheirOwnTopics(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	other, otherCredential := s.enrol("turnstile")
	g := connectGate(t, p.MQTT, c)

	for _, topic := range []string{
		otherCredential.TopicPrefix + "/state", c.TopicPrefix + "/command", c.TopicPrefix + "/time", c.TopicPrefix + "/nonsense",
		"gatehouse/v1/feed/" + d.Site + "/" + d.Zone + "/device/" + d.ID, "$SYS/x", "other",
	} {
		if reason, _ := g.send(topic, 1, false, []byte("{}")); reason != 0x87 {
			t.Errorf("device publishes %s: reason %#x", topic, reason)
		}
	}
	for _, filter := range []string{"#", "+/#", otherCredential.TopicPrefix + "/#", "gatehouse/v1/feed/#", "gatehouse/v1/devices/+/" + d.ID + "/command"} {
		if reason := g.ask(filter); reason != 0x87 {
			t.Errorf("device subscribes %s: reason %#x", filter, reason)
		}
	}

	var integrator struct {
		Username, Password string
		Filters            []string
	}
	s.must(http.MethodPost, "/integrators", map[string]any{"name": "Lift company", "sites": []string{d.Site}}, 201, &integrator)
	r, _, err := dial(t, p.MQTT, connect("lift-1", integrator.Username, integrator.Password))
	if err != nil {
		t.Fatal(err)
	}
	for _, filter := range integrator.Filters {
		if reason := r.ask(filter); reason > 2 {
			t.Errorf("integrator subscribes %s: reason %#x", filter, reason)
		}
	}
	r.next("the gate's feed", func(m *paho.Publish) bool {
		return m.Topic == fmt.Sprintf("gatehouse/v1/feed/%s/%s/device/%s", d.Site, d.Zone, d.ID)
	})
	for _, filter := range []string{"#", "gatehouse/v1/feed/#", "gatehouse/v1/feed/" + other.Site + "/#", c.TopicPrefix + "/#"} {
		if reason := r.ask(filter); reason != 0x87 {
			t.Errorf("integrator subscribes %s: reason %#x", filter, reason)
		}
	}
	mine := integrator.Filters[0]
	if reason := r.ask("$share/" + integrator.Username + "/" + mine); reason > 2 {
		t.Errorf("integrator shares in its own group: reason %#x", reason)
	}
	for _, filter := range []string{"$share/other/" + mine, "$queue/" + mine, "$share/" + integrator.Username + "/#"} {
		if reason := r.ask(filter); reason != 0x87 {
			t.Errorf("integrator subscribes %s: reason %#x", filter, reason)
		}
	}
	if reason := g.ask("$share/" + c.Username + "/" + c.TopicPrefix + "/command"); reason != 0x87 {
		t.Errorf("device shares its commands: reason %#x", reason)
	}
	if reason, _ := r.send(integrator.Filters[0][:len(integrator.Filters[0])-1]+"x", 1, false, nil); reason != 0x87 {
		t.Errorf("integrator publishes: reason %#x", reason)
	}
	for name, cp := range map[string]*paho.Connect{
		"no credential":             {ClientID: "x", KeepAlive: 30, CleanStart: true},
		"wrong password":            connect(c.ClientID, c.Username, "wrong"),
		"integrator as a device":    connect(d.ID, integrator.Username, integrator.Password),
		"device under another id":   connect("other", c.Username, c.Password),
		"one device as another one": connect(other.ID, c.Username, c.Password),
	} {
		if _, reason, err := dial(t, p.MQTT, cp); err == nil || reason < 0x80 {
			t.Errorf("%s: let in (reason %#x)", name, reason)
		}
	}
	if s.device(d.ID).Link.Status != "online" {
		t.Error("the gate was disturbed by those who tried its id")
	}
}

func TestAnIntegratorHasTenSessionsUnderAnyClientID(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, _ := s.enrol("gate")
	var i struct{ Username, Password string }
	s.must(http.MethodPost, "/integrators", map[string]any{"name": "many", "sites": []string{d.Site}}, 201, &i)
	for n := range 10 {
		if _, reason, err := dial(t, p.MQTT, connect(fmt.Sprintf("会话 %d", n), i.Username, i.Password)); err != nil {
			t.Fatalf("session %d: reason %#x, %v", n, reason, err)
		}
	}
	if _, reason, err := dial(t, p.MQTT, connect("one too many", i.Username, i.Password)); err == nil || reason != 0x97 {
		t.Errorf("an eleventh session: reason %#x, %v", reason, err)
	}
	if _, _, err := dial(t, p.MQTT, connect("会话 0", i.Username, i.Password)); err != nil {
		t.Errorf("taking over one of the ten: %v", err)
	}
}

func TestAnIntegratorNeverHoldsTheClientIDOfADevice(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, _ := s.enrol("gate")
	s.must(http.MethodDelete, "/devices/"+d.ID+"/credential", nil, 204, nil) // as before its first one
	var i struct{ Username, Password string }
	s.must(http.MethodPost, "/integrators", map[string]any{"name": "reader", "sites": []string{d.Site}}, 201, &i)
	if _, reason, err := dial(t, p.MQTT, connect(d.ID, i.Username, i.Password)); err == nil || reason != 0x85 {
		t.Errorf("an integrator under the id of a device: reason %#x, %v", reason, err)
	}
	connectGate(t, p.MQTT, s.credential(d.ID))
}

func TestARevokedIntegratorLeavesNoSession(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, _ := s.enrol("gate")
	read := func(clientID string) (username string) {
		var i struct{ Username, Password string }
		s.must(http.MethodPost, "/integrators", map[string]any{"name": "reader", "sites": []string{d.Site}}, 201, &i)
		cp := connect(clientID, i.Username, i.Password)
		expiry := uint32(3600)
		cp.Properties = &paho.ConnectProperties{SessionExpiryInterval: &expiry}
		f, reason, err := dial(t, p.MQTT, cp)
		if err != nil {
			t.Fatalf("reason %#x, %v", reason, err)
		}
		_ = f.conn.Close()
		return i.Username
	}
	s.must(http.MethodDelete, "/integrators/"+read("screen"), nil, 204, nil)
	read("screen") // the client id is free for another
}

func TestAReplacedCredentialCutsItsConnectionAtOnce(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	fresh := s.credential(d.ID)
	select {
	case <-g.gone:
	case <-time.After(patience):
		t.Fatal("the old connection lives on")
	}
	if _, _, err := dial(t, p.MQTT, connect(c.ClientID, c.Username, c.Password)); err == nil {
		t.Error("the old secret is still good")
	}
	connectGate(t, p.MQTT, fresh)
	s.must(http.MethodDelete, "/devices/"+d.ID+"/credential", nil, 204, nil)
	if _, _, err := dial(t, p.MQTT, connect(fresh.ClientID, fresh.Username, fresh.Password)); err == nil {
		t.Error("a revoked credential is still good")
	}
}

func TestATicketReadsTheFeedOnceAndEndsWithItsSession(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, _ := s.enrol("gate")
	f, ticket := watchFeed(t, s, p)
	f.next("the feed", func(m *paho.Publish) bool {
		return m.Topic == "gatehouse/v1/feed/"+d.Site+"/"+d.Zone+"/device/"+d.ID
	})
	if reason, _ := f.send("gatehouse/v1/feed/x/-/today/-", 1, false, nil); reason != 0x87 {
		t.Errorf("a console publishes: reason %#x", reason)
	}
	if _, _, err := dial(t, p.MQTT, connect(ticket.ClientID, ticket.Username, ticket.Password)); err == nil {
		t.Error("a ticket is good twice")
	}
	s.must(http.MethodDelete, "/session", nil, 204, nil)
	select {
	case <-f.gone:
	case <-time.After(patience):
		t.Error("the live connection outlives the session")
	}
}

func TestALiveConnectionEndsWhenItsAccountIsNotFinishedAnyMore(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	f, _ := watchFeed(t, s, p)
	s.must(http.MethodPut, "/policy/factor", map[string]any{"roles": []string{"administrator"}}, 200, nil)
	select {
	case <-f.gone:
	case <-time.After(patience):
		t.Error("the live connection stays although its person needs a second factor first")
	}
}

func TestATimedCommandRunsAtItsMinuteWithItsResult(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	g := connectGate(t, p.MQTT, c)
	var sched struct{ ID string }
	s.must(http.MethodPost, "/schedules", map[string]any{"device": d.ID, "name": "every minute", "cron": "* * * * *", "action": "open"}, 201, &sched)
	var runs struct {
		Runs []struct {
			Due     time.Time
			Outcome string
			Command *seenCommand
		}
	}
	end := time.After(patience + time.Minute)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for done := false; !done; {
		select {
		case <-end:
			t.Fatalf("no run: %+v", runs)
		case <-tick.C:
			s.get("/schedules/"+sched.ID+"/runs", &runs)
			done = len(runs.Runs) > 0 && runs.Runs[0].Command != nil && runs.Runs[0].Command.Ended
		}
	}
	first := runs.Runs[len(runs.Runs)-1]
	if first.Outcome != "sent" || first.Command.Step != "confirmed" || first.Due.Second() != 0 {
		t.Errorf("run %+v, command %+v", first, first.Command)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.acted) != len(runs.Runs) {
		t.Errorf("%d runs, %d acted on", len(runs.Runs), len(g.acted))
	}
}
