package durability

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// office is a signed-in administrator of the whole server.
type office struct {
	t    *testing.T
	base string
	http *http.Client
}

func newOffice(t *testing.T, s *server) *office {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &office{t, strings.Replace(s.Told["http"], "localhost", "127.0.0.1", 1) + "/api/v1", &http.Client{Jar: jar, Timeout: patience}}
}

// call makes one request, which must succeed, and decodes the answer.
func (o *office) call(method, path string, body map[string]any, answer any) {
	o.t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.base+path, bytes.NewReader(content))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		o.t.Fatalf("%s %s: %s", method, path, res.Status)
	}
	if answer != nil {
		if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
			o.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// The account of the office.
const (
	officeName     = "founder"
	officePassword = "a long enough passphrase"
)

// gate is a device that is enrolled.
type gate struct{ ClientID, Username, Password, TopicPrefix string }

// enrol sets the server up and enrols a gate.
func enrol(t *testing.T, s *server) (g gate) {
	t.Helper()
	o := newOffice(t, s)
	var site, zone, device struct{ ID string }
	o.call("POST", "/setup", map[string]any{"token": s.Told["setup-token"], "name": officeName, "password": officePassword}, nil)
	o.call("POST", "/sites", map[string]any{"name": "Site", "timeZone": "Asia/Shanghai"}, &site)
	o.call("POST", "/sites/"+site.ID+"/zones", map[string]any{"name": "Gatehouse"}, &zone)
	o.call("POST", "/devices", map[string]any{"zone": zone.ID, "kind": "gate", "name": "Gate"}, &device)
	o.call("POST", "/devices/"+device.ID+"/credential", nil, &g)
	return g
}

// connect connects the gate with its session.
func (g gate) connect(s *server) (*mqtt.Conn, error) {
	return dialWith(s.Addr, mqtt.Connect{ClientID: g.ClientID, User: g.Username, Password: g.Password, Persistent: true, Version: mqtt.V5})
}

// billing sends billing events; each has an id of its own.
func (g gate) billing() *flow.Sender {
	out := flow.NewSender(g.TopicPrefix+"/billing", 2, 3)
	out.Words = func(n int) string {
		return fmt.Sprintf(`{"id":"b-%d","seq":%d,"at":1767225600000,"amount":%d,"currency":"CNY","for":"parking"}`, n+1, n+1, n+1)
	}
	return out
}

// The ledger owns an event before the broker stores that it took it: an end
// between the two gives the event to the ledger again.
func TestABillingEventIsOneRowWhenTheServerEndsBetweenLedgerAndBroker(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	l := launch{dir: t.TempDir(), planted: true, whole: true}
	first := run(t, l)
	g := enrol(t, first)
	first.Kill()
	out, runs := g.billing(), prove.Size(2, 50)
	for range runs {
		dying := l
		dying.env = []string{fmt.Sprintf("GATEHOUSE_FAILPOINT=before-commit:%d", 3+r.IntN(30))}
		s := run(t, dying)
		c, err := g.connect(s)
		if err == nil {
			err = out.Run(c, func() bool { return true })
			_ = c.Close()
		}
		if !gone(s) || s.Wait(t) != exitCode {
			t.Fatalf("the server did not end where it was to end: %v: %s", err, s.Stderr)
		}
	}
	s := run(t, l)
	c, err := g.connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := out.Run(c, func() bool { return false }); err != nil {
		t.Fatal(err)
	}
	var ledger struct {
		Rows   int
		Totals []struct{ Amount int }
	}
	o := newOffice(t, s)
	o.call("POST", "/session", map[string]any{"name": officeName, "password": officePassword}, nil)
	o.call("GET", "/ledger?limit=1", nil, &ledger)
	if sum := out.Begun * (out.Begun + 1) / 2; ledger.Rows != out.Begun || len(ledger.Totals) != 1 || ledger.Totals[0].Amount != sum {
		t.Errorf("%d events, %d rows, totals %v, want %d", out.Begun, ledger.Rows, ledger.Totals, sum)
	}
	prove.Record(t, "a billing event is one row when the server ends between ledger and broker", "rows = events, sums equal",
		fmt.Sprintf("%d ends: %d events, %d rows", runs, out.Begun, ledger.Rows))
}
