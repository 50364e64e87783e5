package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatehouse/devices/wire"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

var key = []byte("0123456789abcdef0123456789abcdef")

// property is a gate with its camera and a turnstile, in a devices file.
func property(t *testing.T, mqtt string) string {
	t.Helper()
	device := func(id, kind string) map[string]string {
		return map[string]string{
			"id": id, "site": "s1", "zone": "z1", "kind": kind, "name": kind + " " + id,
			"username": id, "password": "secret of " + id, "commandKey": base64.RawURLEncoding.EncodeToString(key), "currency": "CNY",
		}
	}
	gate := device("g1", "gate")
	gate["camera"] = "c1"
	content, err := json.Marshal(map[string]any{"mqtt": mqtt, "devices": []any{gate, device("c1", "camera"), device("t1", "turnstile")}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "devices.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// running is a simulator under test.
type running struct {
	t    *testing.T
	base string
	stop func()
}

// start runs the program until the test ends, or stop.
func start(t *testing.T, devices string) *running {
	t.Helper()
	t.Setenv("GATEHOUSE_SIM_SPEED", "100")
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, []string{"--devices", devices, "--control", "127.0.0.1:0"}, in, &log)
		in.CloseWithError(io.EOF)
		ended <- code
	}()
	var base string
	if _, err := fmt.Fscanf(out, "ready control=%s\n", &base); err != nil {
		cancel()
		<-ended
		t.Fatalf("no ready line: %v\n%s", err, &log)
	}
	stopped := false
	r := &running{t: t, base: base}
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("exit code %d\n%s", code, &log)
		}
	}
	t.Cleanup(r.stop)
	return r
}

// post calls the API and returns the status and the decoded answer.
func (r *running) post(path string) (int, map[string]string) {
	r.t.Helper()
	response, err := http.Post(r.base+path, "", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	answer := map[string]string{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, answer
}

// accepted posts and wants 202.
func (r *running) accepted(path string) map[string]string {
	r.t.Helper()
	status, answer := r.post(path)
	if status != http.StatusAccepted {
		r.t.Fatalf("POST %s: %d %v", path, status, answer)
	}
	return answer
}

// view is one device of GET /api/devices.
func (r *running) view(id string) deviceView {
	r.t.Helper()
	response, err := http.Get(r.base + "/api/devices")
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	var all []deviceView
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		r.t.Fatal(err)
	}
	for _, v := range all {
		if v.ID == id {
			return v
		}
	}
	r.t.Fatalf("%s is not among %v", id, all)
	return deviceView{}
}

// eventually waits for a fact.
func eventually(t *testing.T, fact string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("not within 30 s: %s", fact)
		}
	}
}

func TestDevicesConnectWithTheirWillAndReport(t *testing.T) {
	b := startBroker(t)
	start(t, property(t, b.url()))
	for _, id := range []string{"g1", "c1", "t1"} {
		eventually(t, id+" reports", func() bool { return len(b.on(id, wire.State)) > 0 })
		c := b.client(id).will
		if c.Username != id || string(c.Password) != "secret of "+id || c.CleanStart {
			t.Errorf("%s connected as %q with %q, clean start %v", id, c.Username, c.Password, c.CleanStart)
		}
		if c.WillTopic != wire.Topic("s1", id, wire.Status) || !c.WillRetain || c.WillQOS != 1 {
			t.Errorf("%s: will on %s, retain %v, QoS %d", id, c.WillTopic, c.WillRetain, c.WillQOS)
		}
		if s, err := wire.DecodeStatus(c.WillMessage); err != nil || s.Status != "offline" {
			t.Errorf("%s: will %s", id, c.WillMessage)
		}
		if s, err := wire.DecodeStatus(b.on(id, wire.Status)[0].Payload); err != nil || s.Status != "online" {
			t.Errorf("%s: first status %s", id, b.on(id, wire.Status)[0].Payload)
		}
	}
}

func TestRefusedDevicesTryAgainUntilTheyAreLetIn(t *testing.T) {
	b := startBroker(t)
	b.refuse = true
	r := start(t, property(t, b.url()))
	eventually(t, "devices are refused", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.refusals >= 3 })
	if v := r.view("g1"); v.Connected {
		t.Error("a refused device calls itself connected")
	}
	b.set(func(b *fakeBroker) { b.refuse = false })
	eventually(t, "devices are let in", func() bool { return r.view("g1").Connected && r.view("t1").Connected })
}

func TestCutDeviceSaysNoGoodbyeAndStaysAwayUntilRestored(t *testing.T) {
	b := startBroker(t)
	r := start(t, property(t, b.url()))
	eventually(t, "all are connected", func() bool { return r.view("g1").Connected && r.view("t1").Connected })
	r.accepted("/api/devices/g1/cut")
	eventually(t, "the gate is gone without a word", func() bool { return b.ended("g1 silent") })
	eventually(t, "the gate knows it", func() bool { v := r.view("g1"); return v.Cut && !v.Connected })
	if !r.view("t1").Connected {
		t.Error("the turnstile went with it")
	}
	r.accepted("/api/devices/g1/restore")
	eventually(t, "the gate is back", func() bool { v := r.view("g1"); return !v.Cut && v.Connected })

	r.accepted("/api/cut")
	eventually(t, "all are gone", func() bool { return b.client("g1") == nil && b.client("c1") == nil && b.client("t1") == nil })
	r.accepted("/api/restore")
	eventually(t, "all are back", func() bool { return b.client("g1") != nil && b.client("c1") != nil && b.client("t1") != nil })
}

func TestStopIsLikeAPowerCut(t *testing.T) {
	b := startBroker(t)
	r := start(t, property(t, b.url()))
	eventually(t, "all are connected", func() bool {
		return r.view("g1").Connected && r.view("c1").Connected && r.view("t1").Connected
	})
	r.stop()
	for _, id := range []string{"g1", "c1", "t1"} {
		eventually(t, id+" is gone without a word", func() bool { return b.ended(id + " silent") })
	}
}

func TestCommandThatComesBeforeTheSubscriptionIsAnsweredIsObeyed(t *testing.T) {
	b := startBroker(t)
	now := time.Now().UnixMilli()
	c := wire.CommandPayload{ID: "c-1", Seq: 1, Action: "open", Issued: now, TTL: 30_000}
	c.Signature = wire.Sign(key, "g1", c)
	b.greet = func(client *fakeClient) {
		if client.id != "g1" {
			return
		}
		client.say(wire.Topic("s1", "g1", wire.Time), []byte(fmt.Sprintf(`{"now":%d}`, now)))
		payload, err := json.Marshal(c)
		if err != nil {
			t.Error(err)
		}
		client.say(wire.Topic("s1", "g1", wire.Command), payload)
	}
	r := start(t, property(t, b.url()))
	eventually(t, "the gate answers", func() bool { return len(b.on("g1", wire.Answer)) > 0 })
	if a, err := wire.DecodeAnswer(b.on("g1", wire.Answer)[0].Payload); err != nil || a.Outcome != "done" || a.ID != "c-1" {
		t.Errorf("answer %+v, %v", a, err)
	}
	eventually(t, "the gate has closed again", func() bool { return len(b.on("g1", wire.State)) >= 5 })
	if v := r.view("g1"); v.LastCommand == nil || v.LastCommand.Action != "open" || v.LastCommand.Outcome != "done" {
		t.Errorf("last command = %+v", v.LastCommand)
	}
}

func TestCarLeavesPassagePictureAndBilling(t *testing.T) {
	b := startBroker(t)
	r := start(t, property(t, b.url()))
	eventually(t, "gate and camera are connected", func() bool { return r.view("g1").Connected && r.view("c1").Connected })
	ids := r.accepted("/api/devices/g1/car")
	eventually(t, "the car is billed", func() bool { return len(b.on("g1", wire.Billing)) > 0 })
	eventually(t, "the picture is there", func() bool { return len(b.on("c1", wire.Picture)) > 0 })
	if p := b.on("c1", wire.Picture)[0]; !strings.HasSuffix(p.Topic, ids["event"]) {
		t.Errorf("picture on %s, want event %s", p.Topic, ids["event"])
	}
	bill, err := wire.DecodeBilling(b.on("g1", wire.Billing)[0].Payload)
	if err != nil || bill.ID != ids["billing"] || bill.Event != ids["event"] {
		t.Errorf("billing %+v, %v; want %v", bill, err, ids)
	}
	eventually(t, "the billing event is acknowledged", func() bool {
		v := r.view("g1")
		return v.LastBilling != nil && v.LastBilling.Acknowledged && v.Waiting == 0
	})
	if again := r.accepted("/api/devices/g1/repeat-billing"); again["billing"] != ids["billing"] {
		t.Errorf("repeated %v", again)
	}
	eventually(t, "the same is sent again", func() bool { return len(b.on("g1", wire.Billing)) == 2 })
	if m := b.on("g1", wire.Billing); !bytes.Equal(m[0].Payload, m[1].Payload) {
		t.Errorf("%s, then %s", m[0].Payload, m[1].Payload)
	}
}

func TestUnacknowledgedBillingOutlivesCutLineAndRestart(t *testing.T) {
	b := startBroker(t)
	b.withhold = true
	file := property(t, b.url())
	r := start(t, file)
	ids := r.accepted("/api/devices/g1/car")
	eventually(t, "the billing event is sent", func() bool { return len(b.on("g1", wire.Billing)) == 1 })
	r.accepted("/api/devices/g1/cut")
	eventually(t, "the gate is gone", func() bool { return b.client("g1") == nil })
	r.accepted("/api/devices/g1/restore")
	eventually(t, "it is sent again", func() bool { return len(b.on("g1", wire.Billing)) == 2 })
	first, again := b.on("g1", wire.Billing)[0], b.on("g1", wire.Billing)[1]
	if !again.Duplicate || again.PacketID != first.PacketID || !bytes.Equal(again.Payload, first.Payload) {
		t.Errorf("the flow did not go on: duplicate %v, packet id %d after %d", again.Duplicate, again.PacketID, first.PacketID)
	}
	r.stop()
	b.set(func(b *fakeBroker) { b.withhold = false })
	r = start(t, file)
	eventually(t, "it is acknowledged after the restart", func() bool {
		v := r.view("g1")
		return v.LastBilling != nil && v.LastBilling.ID == ids["billing"] && v.LastBilling.Acknowledged
	})
	if v := r.view("g1"); v.Counters["in"] != 1 {
		t.Errorf("counters after the restart: %v", v.Counters)
	}
}

func TestPersonIsCounted(t *testing.T) {
	b := startBroker(t)
	r := start(t, property(t, b.url()))
	r.accepted("/api/devices/t1/person?direction=out")
	eventually(t, "the person is counted", func() bool { return r.view("t1").Counters["out"] == 1 })
}

func TestControlSaysWhatIsWrong(t *testing.T) {
	b := startBroker(t)
	r := start(t, property(t, b.url()))
	for path, want := range map[string]int{
		"/api/devices/x9/car":                     http.StatusNotFound,
		"/api/devices/t1/car":                     http.StatusBadRequest,
		"/api/devices/t1/person?direction=around": http.StatusBadRequest,
		"/api/devices/g1/repeat-billing":          http.StatusConflict,
	} {
		if status, answer := r.post(path); status != want || answer["error"] == "" {
			t.Errorf("POST %s: %d %v, want %d", path, status, answer, want)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.base+"/api/cut", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page got %d", response.StatusCode)
	}
}

func TestControlPageNeedsNothingFromElsewhere(t *testing.T) {
	b := startBroker(t)
	r := start(t, property(t, b.url()))
	for path, kind := range map[string]string{"/": "text/html", "/page.css": "text/css", "/page.js": "text/javascript"} {
		response, err := http.Get(r.base + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, response.StatusCode, response.Header.Get("Content-Type"))
		}
		if bytes.Contains(body, []byte("://")) || bytes.Contains(body, []byte(" style=")) {
			t.Errorf("%s asks for something from elsewhere, or has style inline", path)
		}
	}
}

func TestStartIsRefusedInOneClearLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "devices.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := property(t, "tcp://127.0.0.1:1")
	damaged := property(t, "tcp://127.0.0.1:1")
	if err := os.Mkdir(strings.TrimSuffix(damaged, ".json")+".memory", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(strings.TrimSuffix(damaged, ".json")+".memory", "g1.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"no file", []string{"--devices", "/nowhere/devices.json"}, []string{"/nowhere/devices.json", "server --demo", "--devices"}},
		{"not JSON", []string{"--devices", file("devices")}, []string{"devices.json", "server --demo"}},
		{"no device", []string{"--devices", file(`{"mqtt":"tcp://127.0.0.1:1"}`)}, []string{"names no device"}},
		{"bad id", []string{"--devices", file(`{"devices":[{"id":"a/b","site":"s","kind":"gate"}]}`), "--mqtt", "tcp://127.0.0.1:1"}, []string{"a/b"}},
		{"bad key", []string{"--devices", file(`{"devices":[{"id":"a","site":"s","kind":"gate","commandKey":"?"}]}`), "--mqtt", "tcp://127.0.0.1:1"}, []string{"commandKey", "32 bytes"}},
		{"no broker", []string{"--devices", file(`{"devices":[{"id":"a"}]}`)}, []string{"--mqtt"}},
		{"bad broker", []string{"--devices", good, "--mqtt", "localhost"}, []string{"mqtt", "localhost", "tcp://"}},
		{"port taken", []string{"--devices", good, "--control", taken.Addr().String()}, []string{taken.Addr().String(), "address already in use", "--control"}},
		{"damaged memory", []string{"--devices", damaged, "--control", "127.0.0.1:0"}, []string{"g1.json", "damaged"}},
		{"unknown flag", []string{"--loud"}, []string{"--loud"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, log bytes.Buffer
			if code := run(t.Context(), c.args, &out, &log); code != 1 || out.Len() > 0 {
				t.Errorf("exit code %d, output %q", code, &out)
			}
			if strings.Count(log.String(), "\n") != 1 {
				t.Errorf("not one line: %q", &log)
			}
			for _, part := range c.says {
				if !strings.Contains(log.String(), part) {
					t.Errorf("%q does not say %q", &log, part)
				}
			}
		})
	}
}
