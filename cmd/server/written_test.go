package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/configs"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// unwritten are operations that change nothing that is kept.
var unwritten = []string{
	"createTicket",    // of one connection, for 60 s, in memory
	"previewSchedule", // reckons
	"dryRunSchedule",
	"previewTimetable", "dryRunTimetable",
	"runTimetable", // written as pauseTimetable is; only after a stop there is something to run
	"beginFactor",  // gives a secret that counts only when it is confirmed
}

// also are rows of a second thing that an operation writes.
var also = map[string]int64{
	"confirmFactor": 1, // whoever confirms a factor has proved who they are: session.prove
	"sendBatch":     1, // the order to its one device
	"runSchedule":   1, // so
	"makeBooth":     1, // whoever makes one is signed out there

	"registerUnknown": 1, // its credential
}

// writing does operations of the API and counts the rows that each leaves in the trail.
type writing struct {
	*staff
	done   map[string]bool
	writes int
	wrong  int
}

// once does an operation, which has to leave exactly one row.
func (w *writing) once(operation, method, path string, body any, want int, out any, header ...string) {
	w.t.Helper()
	w.by(w.staff, operation, method, path, body, want, out, header...)
}

// by is once of another person.
func (w *writing) by(who *staff, operation, method, path string, body any, want int, out any, header ...string) {
	w.t.Helper()
	before := w.newest()
	who.must(method, path, body, want, out, header...)
	w.counted(operation, before)
}

// counted waits for the rows of an operation: an order is answered when it is sent, and its row follows when
// the disk holds it up. One row too many is counted with the next operation.
func (w *writing) counted(operation string, before int64) {
	w.t.Helper()
	want := 1 + also[operation]
	eventually(w.t, "the rows of "+operation, func() bool { return w.newest() >= before+want })
	var trail struct {
		Entries []struct {
			ID           int64
			Verb, Object string
		}
	}
	w.get("/audit?limit=10", &trail)
	if n := w.newest() - before; n != want {
		w.wrong++
		w.t.Errorf("%s left %d rows: %+v", operation, n, trail.Entries[:min(n, 10)])
	}
	if e := trail.Entries[0]; e.Verb == "" || e.Object == "" {
		w.t.Errorf("%s left %+v", operation, e)
	}
	w.done[operation] = true
	w.writes++
}

func (w *writing) newest() int64 {
	w.t.Helper()
	var st struct{ Newest int64 }
	w.get("/audit/status", &st)
	return st.Newest
}

// An operation that is new to the API needs its call here.
func TestEveryWriteLeavesExactlyOneRow(t *testing.T) {
	t.Parallel()
	certFile, keyFile, _ := certificate(t)
	p, err := tryConfig(t, config(t, t.TempDir(), func(c *configs.Server) {
		c.MQTT.TLS = configs.MQTTTLS{Listen: "127.0.0.1:0", Cert: certFile, Key: keyFile}
		c.MQTT.DeviceCA = newAuthority(t).file // for what admits devices by certificates
	}), false)
	must(t, err)
	s := newStaff(t, p.Console)
	w := &writing{staff: s, done: map[string]bool{}}
	s.must(http.MethodPost, "/setup", map[string]any{"token": p.SetupToken, "name": adminName, "password": adminPassword}, http.StatusCreated, nil)
	w.done["setUp"] = true // there is nobody to ask before it; the row is the newest but the key's
	w.ofFactors()
	site, zone := w.ofPlaces()
	w.ofDevices(p, site, zone)
	w.ofLobby(p, zone)
	w.ofOrders(p, site, zone)
	w.ofAlarms(p)
	w.ofBroker(p)
	w.ofPeople(p, site)
	w.ofBooths(p)

	for _, operation := range w.documented() {
		if !w.done[operation] {
			w.wrong++
			t.Errorf("%s changes something, and nothing here says that it leaves one row: call it with once, or add it to unwritten", operation)
		}
	}
	prove.Record(t, "operations of the API that change something without exactly one row in the audit trail", "0", strconv.Itoa(w.wrong)+" of "+strconv.Itoa(w.writes))
}

// documented are the operations of the API that are no GET, but for those that change
// nothing.
func (w *writing) documented() (all []string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "web", "openapi.yaml"))
	must(w.t, err)
	for _, m := range regexp.MustCompile(`(?m)^    (post|put|patch|delete):\n(?:      .*\n)*?      operationId: (\w+)`).FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(unwritten, m[2]) {
			all = append(all, m[2])
		}
	}
	if len(all) < 40 {
		w.t.Fatalf("only %d operations are documented", len(all))
	}
	return all
}

func (w *writing) ofFactors() {
	w.t.Helper()
	var made struct{ Secret string }
	w.must(http.MethodPost, "/session/factor", nil, http.StatusOK, &made)
	code := func(at time.Duration) map[string]any {
		return map[string]any{"code": prove.TOTP(w.t, made.Secret, time.Now().Add(at))}
	}
	w.must(http.MethodPut, "/session/factor", code(0), http.StatusOK, nil)
	w.once("setFactorPolicy", http.MethodPut, "/policy/factor", map[string]any{"roles": []string{}}, http.StatusOK, nil)
	w.once("dropFactor", http.MethodDelete, "/session/factor", nil, http.StatusNoContent, nil)
	w.must(http.MethodPost, "/session/factor", nil, http.StatusOK, &made)
	w.once("confirmFactor", http.MethodPut, "/session/factor", code(0), http.StatusOK, nil)
	w.must(http.MethodDelete, "/session/factor", nil, http.StatusNoContent, nil)
	w.once("prove", http.MethodPost, "/session/proof", map[string]any{"password": adminPassword}, http.StatusNoContent, nil)
	w.once("rotateAuditKey", http.MethodPost, "/audit/key", nil, http.StatusOK, nil)
}

type seenID struct{ ID string }

func (w *writing) ofPlaces() (site, zone string) {
	w.t.Helper()
	var s, z seenID
	w.once("createSite", http.MethodPost, "/sites", map[string]any{"name": "Yard", "timeZone": "UTC"}, http.StatusCreated, &s)
	w.once("renameSite", http.MethodPatch, "/sites/"+s.ID, map[string]any{"name": "Court"}, http.StatusOK, nil)
	w.once("createZone", http.MethodPost, "/sites/"+s.ID+"/zones", map[string]any{"name": "North"}, http.StatusCreated, &z)
	w.once("renameZone", http.MethodPatch, "/zones/"+z.ID, map[string]any{"name": "South"}, http.StatusOK, nil)
	return s.ID, z.ID
}

func (w *writing) ofDevices(p *program, site, zone string) {
	w.t.Helper()
	var d, next seenID
	w.once("createDevice", http.MethodPost, "/devices", map[string]any{"zone": zone, "kind": "gate", "name": "Boom"}, http.StatusCreated, &d)
	w.once("changeDevice", http.MethodPatch, "/devices/"+d.ID, map[string]any{"name": "Barrier"}, http.StatusOK, nil)
	w.once("issueCredential", http.MethodPost, "/devices/"+d.ID+"/credential", nil, http.StatusCreated, nil)
	w.once("revokeCredential", http.MethodDelete, "/devices/"+d.ID+"/credential", nil, http.StatusNoContent, nil)
	w.once("issueCredentials", http.MethodPost, "/devices/credentials", map[string]any{"devices": []string{d.ID}}, http.StatusCreated, nil)
	w.once("admitCertificate", http.MethodPut, "/devices/"+d.ID+"/credential/certificate", map[string]any{"only": false}, http.StatusOK, nil)
	w.once("refuseCertificate", http.MethodDelete, "/devices/"+d.ID+"/credential/certificate", nil, http.StatusNoContent, nil)
	w.must(http.MethodDelete, "/devices/"+d.ID+"/credential", nil, http.StatusNoContent, nil) // its end with the device would have a row, too
	w.once("configureDevice", http.MethodPut, "/devices/"+d.ID+"/config", map[string]any{"base": 0, "settings": map[string]any{"pulse": "500"}}, http.StatusOK, nil)
	w.once("setFireWiring", http.MethodPut, "/devices/"+d.ID+"/fire", map[string]any{"group": "A", "input": ""}, http.StatusOK, nil)
	w.once("replaceDevice", http.MethodPost, "/devices/"+d.ID+"/replace", map[string]any{"reason": "broken"}, http.StatusCreated, &next)
	var other, far seenID
	w.must(http.MethodPost, "/sites", map[string]any{"name": "Elsewhere", "timeZone": "UTC"}, http.StatusCreated, &other)
	w.must(http.MethodPost, "/sites/"+other.ID+"/zones", map[string]any{"name": "West"}, http.StatusCreated, &far)
	w.once("transferDevice", http.MethodPost, "/devices/"+next.ID+"/transfer", map[string]any{"zone": far.ID, "reason": "moved"}, http.StatusCreated, &d)
	w.once("retireDevice", http.MethodPost, "/devices/"+d.ID+"/retire", map[string]any{"reason": "torn down"}, http.StatusNoContent, nil)
	before := w.newest()
	w.file("/devices/import", "site,zone,kind,name\nCourt,South,gate,Listed\n")
	w.counted("importDevices", before)
}

func (w *writing) ofLobby(p *program, zone string) {
	w.t.Helper()
	w.once("openLobby", http.MethodPut, "/lobby", map[string]any{"minutes": 5}, http.StatusOK, nil)
	for _, id := range []string{"boom-1", "boom-2"} {
		refusal(w.t, p.MQTT, mqtt.Connect{Version: mqtt.V5, ClientID: id, User: "factory", Password: "factory"})
	}
	listed := w.lobby().Devices
	w.once("dismissUnknown", http.MethodDelete, "/lobby/"+listed[0].ID, nil, http.StatusNoContent, nil)
	w.once("registerUnknown", http.MethodPost, "/lobby/"+listed[1].ID+"/register", map[string]any{"zone": zone, "kind": "gate", "name": "Found"}, http.StatusCreated, nil)
	w.once("closeLobby", http.MethodDelete, "/lobby", nil, http.StatusNoContent, nil)
}

// file sends a file of a table.
func (w *writing) file(path, text string) {
	w.t.Helper()
	w.fileTo(http.MethodPost, path, text, nil)
}

// fileTo sends a file, and reads the answer into out unless that is nil.
func (w *writing) fileTo(method, path, content string, out any) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.base+"/api/v1"+path, strings.NewReader(content))
	must(w.t, err)
	req.Header.Set("Content-Type", "application/octet-stream")
	res, err := w.http.Do(req)
	must(w.t, err)
	body, err := io.ReadAll(res.Body)
	must(w.t, errors.Join(err, res.Body.Close()))
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated {
		w.t.Fatalf("%s: a file is answered with %d %s", path, res.StatusCode, body)
	}
	if out != nil {
		must(w.t, json.Unmarshal(body, out))
	}
}

func (w *writing) ofOrders(p *program, site, zone string) {
	w.t.Helper()
	gate := w.wire(p, mqtt.V5)
	gate.connect(1) // one message at a time: the next one waits, and can be taken back
	order := func(path string, body map[string]any, out any, operation string) {
		w.t.Helper()
		w.once(operation, http.MethodPost, path, body, http.StatusAccepted, out, "Idempotency-Key", newKey())
	}
	var first, second, batch seenID
	order("/devices/"+gate.device.ID+"/commands", map[string]any{"action": "open"}, &first, "sendCommand")
	order("/devices/"+gate.device.ID+"/commands", map[string]any{"action": "close"}, &second, "sendCommand")
	w.once("cancelCommand", http.MethodPost, "/commands/"+second.ID+"/cancel", nil, http.StatusOK, nil)
	order("/batches", map[string]any{"action": "close", "reason": "a fair", "devices": []string{gate.device.ID}}, &batch, "sendBatch")
	w.once("cancelBatch", http.MethodPost, "/batches/"+batch.ID+"/cancel", nil, http.StatusOK, nil)
	w.once("setLayer", http.MethodPost, "/layers", map[string]any{"action": "lock_down", "site": site, "reason": "a lost child"}, http.StatusOK, nil)
	w.once("setLayer", http.MethodPost, "/layers", map[string]any{"action": "lockdown_release", "site": site, "reason": "found"}, http.StatusOK, nil)
	w.once("setFireWiring", http.MethodPut, "/devices/"+gate.device.ID+"/fire", map[string]any{"group": "A", "input": ""}, http.StatusOK, nil)
	w.once("releaseFire", http.MethodPost, "/fire/release", map[string]any{"site": gate.device.Site, "group": "A", "reason": "smoke"}, http.StatusOK, nil)
	w.once("endFire", http.MethodPost, "/fire/end", map[string]any{"site": gate.device.Site, "group": "A", "reason": "over"}, http.StatusOK, nil)

	plan := map[string]any{"device": gate.device.ID, "name": "Noon", "cron": "0 12 * * *", "action": "open"}
	var made seenID
	w.once("createSchedule", http.MethodPost, "/schedules", plan, http.StatusCreated, &made)
	at := "/schedules/" + made.ID
	w.once("replaceSchedule", http.MethodPut, at, plan, http.StatusOK, nil)
	w.once("skipNextRun", http.MethodPut, at+"/skip-next", nil, http.StatusOK, nil)
	w.once("keepNextRun", http.MethodDelete, at+"/skip-next", nil, http.StatusOK, nil)
	w.once("pauseSchedule", http.MethodPost, at+"/pause", map[string]any{}, http.StatusOK, nil)
	w.once("resumeSchedule", http.MethodPost, at+"/resume", nil, http.StatusOK, nil)
	w.once("runSchedule", http.MethodPost, at+"/run", nil, http.StatusAccepted, nil, "Idempotency-Key", newKey())
	w.once("deleteSchedule", http.MethodDelete, "/schedules/"+made.ID, nil, http.StatusNoContent, nil)
	w.ofShifts(gate.device.ID)
	w.ofTimetables(site)
	w.ofCalendar(site)
	w.ofPlans(site)
}

// ofShifts has one handed over and taken over by the same person, and ended by them as a manager does.
func (w *writing) ofShifts(device string) {
	w.t.Helper()
	var first, second seenID
	w.once("beginShift", http.MethodPost, "/shifts", map[string]any{"devices": []string{device}}, http.StatusCreated, &first)
	w.once("addShiftNote", http.MethodPost, "/shifts/"+first.ID+"/notes", map[string]any{"text": "a lost ticket"}, http.StatusCreated, nil)
	w.once("handOverShift", http.MethodPost, "/shifts/"+first.ID+"/hand-over", map[string]any{}, http.StatusOK, nil)
	w.once("takeOverShift", http.MethodPost, "/shifts/"+first.ID+"/take-over", nil, http.StatusCreated, &second)
	w.once("closeShift", http.MethodPost, "/shifts/"+second.ID+"/close", map[string]any{"reason": "forgotten"}, http.StatusOK, nil)
}

// ofTimetables is about a zone without openings: what is switched leaves rows of its own.
func (w *writing) ofTimetables(site string) {
	w.t.Helper()
	var zone, made seenID
	w.must(http.MethodPost, "/sites/"+site+"/zones", map[string]any{"name": "Garden"}, http.StatusCreated, &zone)
	plan := map[string]any{
		"name": "Mornings", "targets": []any{map[string]any{"zone": zone.ID}},
		"week": map[string]any{"monday": []any{map[string]any{"from": "07:00", "to": "09:00", "mode": "held_open"}}},
	}
	w.once("createTimetable", http.MethodPost, "/timetables", plan, http.StatusCreated, &made)
	at := "/timetables/" + made.ID
	w.once("replaceTimetable", http.MethodPut, at, plan, http.StatusOK, nil)
	w.once("pauseTimetable", http.MethodPost, at+"/pause", map[string]any{}, http.StatusOK, nil)
	w.once("resumeTimetable", http.MethodPost, at+"/resume", nil, http.StatusOK, nil)
	w.once("skipTimetable", http.MethodPost, at+"/skip", map[string]any{"skip": true}, http.StatusOK, nil)
	w.once("deleteTimetable", http.MethodDelete, at, nil, http.StatusNoContent, nil)
}

func (w *writing) ofPlans(site string) {
	w.t.Helper()
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"/>`
	var made seenID
	before := w.newest()
	w.fileTo(http.MethodPost, "/sites/"+site+"/plans?name=Garden", drawing, &made)
	w.counted("createPlan", before)
	at := "/plans/" + made.ID
	w.once("changePlan", http.MethodPut, at, map[string]any{"base": 1, "name": "Garden", "pins": []any{}}, http.StatusOK, nil)
	before = w.newest()
	w.fileTo(http.MethodPut, at+"/picture?base=2", drawing, nil)
	w.counted("setPlanPicture", before)
	w.once("orderPlans", http.MethodPut, "/sites/"+site+"/plans", map[string]any{"plans": []string{made.ID}}, http.StatusNoContent, nil)
	w.once("removePlan", http.MethodDelete, at+"?base=3", nil, http.StatusNoContent, nil)
}

func (w *writing) ofCalendar(site string) {
	w.t.Helper()
	day := map[string]any{"kind": "rest", "name": "Garden day"}
	w.once("putPropertyDay", http.MethodPut, "/calendar/days/2026-05-09", day, http.StatusNoContent, nil)
	w.once("removePropertyDay", http.MethodDelete, "/calendar/days/2026-05-09", nil, http.StatusNoContent, nil)
	at := "/sites/" + site + "/calendar/"
	w.once("putSiteDay", http.MethodPut, at+"days/2026-05-09", day, http.StatusNoContent, nil)
	w.once("removeSiteDay", http.MethodDelete, at+"days/2026-05-09", nil, http.StatusNoContent, nil)
	for operation, path := range map[string]string{"importPropertyDays": "/calendar/import", "importSiteDays": at + "import"} {
		before := w.newest()
		w.file(path+"?mode=commit", "day,kind\n2026-05-09,rest\n2026-05-10,workday\n")
		w.counted(operation, before)
	}
}

func (w *writing) ofAlarms(p *program) {
	w.t.Helper()
	d, c := w.enrol("gate")
	g := connectGate(w.t, p.MQTT, c)
	alarm := func(id string, seq int) string {
		w.t.Helper()
		g.says(id, seq, "tailgating", `,"direction":"in"`)
		eventually(w.t, "the alarm", func() bool { return w.openAlarms(d.ID)["tailgating"].ID != "" })
		return "/alarms/" + w.openAlarms(d.ID)["tailgating"].ID
	}
	a := alarm("e1", 1)
	w.once("commentAlarm", http.MethodPost, a+"/comments", map[string]any{"text": "looking"}, http.StatusOK, nil)
	w.once("takeAlarm", http.MethodPost, a+"/take", nil, http.StatusOK, nil)
	w.once("assignAlarm", http.MethodPut, a+"/assignee", map[string]any{"name": ""}, http.StatusOK, nil)
	w.once("acknowledgeAlarm", http.MethodPost, a+"/acknowledge", map[string]any{}, http.StatusOK, nil)
	w.once("resolveAlarm", http.MethodPost, alarm("e2", 2)+"/resolve", map[string]any{"text": "talked to them"}, http.StatusOK, nil)
	w.once("muteAlarms", http.MethodPost, "/alarms/mutes", map[string]any{"device": d.ID, "reason": "works", "until": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, http.StatusCreated, nil)
	w.once("unmuteAlarms", http.MethodDelete, "/alarms/mutes?device="+d.ID, nil, http.StatusNoContent, nil)
}

func (w *writing) ofBroker(p *program) {
	w.t.Helper()
	gate := w.wire(p, mqtt.V5)
	gate.connect(10)
	w.once("startTrace", http.MethodPost, "/broker/trace", map[string]any{"client": gate.login.ClientID}, http.StatusCreated, nil)
	w.once("stopTrace", http.MethodDelete, "/broker/trace", nil, http.StatusNoContent, nil)
	w.once("makeBackup", http.MethodPost, "/system/backups", nil, http.StatusAccepted, nil)
	w.once("createTestTicket", http.MethodPost, "/broker/test-ticket", nil, http.StatusOK, nil)
	w.once("deleteRetained", http.MethodDelete, "/broker/retained/message?topic="+gate.login.TopicPrefix+"/state", nil, http.StatusNoContent, nil)
	w.once("kickBrokerClient", http.MethodPost, "/broker/clients/"+gate.login.ClientID+"/kick", map[string]any{"reason": "administrative_action"}, http.StatusNoContent, nil)
	var ban seenID
	w.once("createBan", http.MethodPost, "/broker/bans", map[string]any{"kind": "client", "value": "guesser", "reason": "guesses"}, http.StatusCreated, &ban)
	w.once("liftBan", http.MethodPost, "/broker/bans/"+ban.ID+"/lift", map[string]any{"reason": "gone"}, http.StatusOK, nil)
	var made struct{ Username string }
	w.once("createIntegrator", http.MethodPost, "/integrators", map[string]any{"name": "App", "sites": []string{gate.device.Site}}, http.StatusCreated, &made)
	w.once("rotateIntegrator", http.MethodPost, "/integrators/"+made.Username+"/secret", map[string]any{}, http.StatusOK, nil)
	w.once("deleteIntegrator", http.MethodDelete, "/integrators/"+made.Username, nil, http.StatusNoContent, nil)
}

func (w *writing) ofPeople(p *program, site string) {
	w.t.Helper()
	var role seenID
	looks := map[string]any{"name": "Looker", "verbs": []string{"devices.see"}}
	w.once("createRole", http.MethodPost, "/roles", looks, http.StatusCreated, &role)
	w.once("changeRole", http.MethodPut, "/roles/"+role.ID, map[string]any{"name": "Looker", "verbs": []string{"ledger.see"}}, http.StatusOK, nil)
	w.once("removeRole", http.MethodDelete, "/roles/"+role.ID, nil, http.StatusNoContent, nil)
	var token struct{ Token seenID }
	w.once("createToken", http.MethodPost, "/tokens", map[string]any{"name": "Parking app", "verbs": []string{"devices.see"}, "expires": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, http.StatusCreated, &token)
	w.once("revokeToken", http.MethodDelete, "/tokens/"+token.Token.ID, nil, http.StatusNoContent, nil)
	var made struct {
		Person   seenID
		Password string
	}
	const chosen = "seven slow barges turn"
	w.once("createPerson", http.MethodPost, "/people", map[string]any{"name": "li", "role": "manager"}, http.StatusCreated, &made)
	path := "/people/" + made.Person.ID
	li := newStaff(w.t, p.Console)
	w.by(li, "signIn", http.MethodPost, "/session", map[string]any{"name": "li", "password": made.Password}, http.StatusOK, nil)
	w.by(li, "changePassword", http.MethodPut, "/session/password", map[string]any{"oldPassword": made.Password, "password": chosen}, http.StatusNoContent, nil)
	w.by(li, "setPreferences", http.MethodPatch, "/session", map[string]any{"language": "en"}, http.StatusOK, nil)
	other := newStaff(w.t, p.Console)
	other.must(http.MethodPost, "/session", map[string]any{"name": "li", "password": chosen}, http.StatusOK, nil)
	w.by(li, "endMySession", http.MethodDelete, "/session/all/"+li.otherSession(), nil, http.StatusNoContent, nil)
	w.by(li, "signOut", http.MethodDelete, "/session", nil, http.StatusNoContent, nil)
	li.must(http.MethodPost, "/session", map[string]any{"name": "li", "password": chosen}, http.StatusOK, nil)
	var open struct{ Sessions []seenID }
	w.get(path+"/sessions", &open)
	w.once("endSessionOf", http.MethodDelete, path+"/sessions/"+open.Sessions[0].ID, nil, http.StatusNoContent, nil)
	w.once("changePerson", http.MethodPatch, path, map[string]any{"role": "guard"}, http.StatusOK, nil)
	w.once("removeFactor", http.MethodDelete, path+"/factor", nil, http.StatusOK, nil)
	w.once("resetPassword", http.MethodPost, path+"/password", nil, http.StatusOK, nil)
}

func (w *writing) ofBooths(p *program) {
	w.t.Helper()
	w.once("setPin", http.MethodPut, "/session/pin", map[string]any{"pin": "271938"}, http.StatusNoContent, nil)
	hut := signIn(w.t, p)
	var booth seenID
	w.by(hut, "makeBooth", http.MethodPost, "/booths", map[string]any{"name": "North gate", "lockMinutes": 10}, http.StatusCreated, &booth)
	var me seenID
	w.get("/session", &me)
	w.by(hut, "enterBooth", http.MethodPost, "/booth/session", map[string]any{"person": me.ID, "pin": "271938"}, http.StatusOK, nil)
	w.once("endBooth", http.MethodDelete, "/booths/"+booth.ID, nil, http.StatusNoContent, nil)
	if status, _ := hut.call(http.MethodGet, "/session", nil); status != http.StatusUnauthorized {
		w.t.Errorf("whoever was signed in at a booth that ended: %d", status)
	}
	w.once("dropPin", http.MethodDelete, "/session/pin", nil, http.StatusNoContent, nil)
}

// otherSession is a session of the same person that is not this one.
func (s *staff) otherSession() string {
	s.t.Helper()
	var open struct {
		Sessions []struct {
			ID      string
			Current bool
		}
	}
	s.get("/session/all", &open)
	for _, v := range open.Sessions {
		if !v.Current {
			return v.ID
		}
	}
	s.t.Fatal("there is no other session")
	return ""
}
