package wire_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"gatehouse/devices/wire"
)

// decoders are all of them, with their types put aside.
var decoders = map[string]func([]byte) (any, error){
	"status":    func(b []byte) (any, error) { return wire.DecodeStatus(b) },
	"config":    func(b []byte) (any, error) { return wire.DecodeConfig(b) },
	"telemetry": func(b []byte) (any, error) { return wire.DecodeTelemetry(b) },
	"state":     func(b []byte) (any, error) { return wire.DecodeState(b) },
	"event":     func(b []byte) (any, error) { return wire.DecodeEvent(b) },
	"billing":   func(b []byte) (any, error) { return wire.DecodeBilling(b) },
	"time":      func(b []byte) (any, error) { return wire.DecodeTime(b) },
	"command":   func(b []byte) (any, error) { return wire.DecodeCommand(b) },
	"answer":    func(b []byte) (any, error) { return wire.DecodeAnswer(b) },
	"plate":     func(b []byte) (any, error) { return wire.DecodeEvent(b) },
}

var signature = strings.Repeat("0a", 32)

var good = map[string]string{
	"status":    `{"status":"offline","cause":"断电"}`,
	"state":     `{"at":1767225600000,"mode":"controlled","modes":{"in":"controlled","out":"locked_down"},"physical":"opening","tamper":true,"fault":"E7","counters":{"in":12,"out":9},"capabilities":["open","close"],"firmware":"1.4.2","command":"c-1","alarm":"forced_open","power":"battery","signal":-67,"heartbeat":30,"config":3,"settings":{"pulse":"500"}}`,
	"config":    `{"revision":3,"settings":{"form":"barrier","pulse":"500"}}`,
	"telemetry": `{"at":1767225600000,"voltage":23.9,"temperature":-41.5,"signal":-67}`,
	"event":     `{"id":"g1-000042","seq":42,"at":1767225600000,"type":"passage","command":"c-1","direction":"in","result":"granted","credential":"plate:粤B12345","picture":true,"camera":"c1"}`,
	"billing":   `{"id":"b-7","seq":7,"at":1767225600000,"amount":-1500,"currency":"CNY","for":"停车 2 小时","event":"g1-000042","corrects":"b-6"}`,
	"time":      `{"now":1767225600000}`,
	"command":   `{"id":"c-1","seq":3,"action":"pass","args":{"direction":"in"},"issued":1767225600000,"ttl":5000,"signature":"` + signature + `"}`,
	"answer":    `{"id":"c-1","outcome":"refused","reason":"blocked","at":1767225600000}`,
	"plate":     `{"id":"c1-7","seq":7,"at":1767225600000,"type":"plate","plate":"粤B·12345","confidence":97,"colour":"yellow_green","direction":"out","snapshot":"g1-000042"}`,
}

func TestGoodPayloadsComeBackWhole(t *testing.T) {
	t.Parallel()
	for name, payload := range good {
		v, err := decoders[name]([]byte(payload))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]any
		for text, into := range map[string]*map[string]any{payload: &want, string(again): &got} {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				t.Fatal(err)
			}
		}
		for k, v := range want {
			if !reflect.DeepEqual(got[k], v) {
				t.Errorf("%s: %s is %v, want %v", name, k, got[k], v)
			}
		}
	}
}

func TestUnknownFieldsAndALeadingNULAreTolerated(t *testing.T) {
	t.Parallel()
	for name, payload := range good {
		more := "\x00" + `{"vendor":{"a":[1,2,{}]},"AT":"x",` + payload[1:]
		v, err := decoders[name]([]byte(more))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want, _ := decoders[name]([]byte(payload)); !reflect.DeepEqual(v, want) {
			t.Errorf("%s: %+v, want %+v", name, v, want)
		}
	}
}

func TestBadPayloadsNameTheField(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 201)
	for _, test := range []struct{ decoder, change, field string }{
		{"status", `"status":"away"`, "status"}, {"status", `"status":null`, "status"}, {"status", `"cause":7`, "cause"},
		{"status", `"cause":"` + long + `"`, "cause"}, {"status", `"cause":"a\u0000b"`, "cause"},
		{"state", `"at":-1`, "at"}, {"state", `"at":253402300800000`, "at"}, {"state", `"at":1.5`, "at"}, {"state", `"at":"1"`, "at"},
		{"state", `"mode":"party"`, "mode"}, {"state", `"physical":"ajar"`, "physical"}, {"state", `"tamper":"no"`, "tamper"},
		{"state", `"counters":{"in":-1}`, "counters"}, {"state", `"counters":{"in":"1"}`, "counters"}, {"state", `"counters":{"":1}`, "counters"},
		{"state", `"modes":{"up":"controlled"}`, "modes"}, {"state", `"modes":{"in":"ajar"}`, "modes"}, {"state", `"modes":["in"]`, "modes"},
		{"state", `"counters":[1]`, "counters"}, {"state", `"counters":{"in":9007199254740992}`, "counters"},
		{"state", `"capabilities":"open"`, "capabilities"}, {"state", `"capabilities":["open now"]`, "capabilities"},
		{"state", `"command":"a/b"`, "command"}, {"state", `"firmware":1`, "firmware"},
		{"state", `"alarm":"loud"`, "alarm"}, {"state", `"power":"coal"`, "power"}, {"state", `"signal":0`, "signal"}, {"state", `"signal":-151`, "signal"},
		{"state", `"heartbeat":61`, "heartbeat"}, {"state", `"heartbeat":0`, "heartbeat"}, {"state", `"config":-1`, "config"},
		{"state", `"settings":{"pulse":500}`, "settings"}, {"state", `"settings":{"a b":"x"}`, "settings"},
		{"config", `"revision":0`, "revision"}, {"config", `"settings":["x"]`, "settings"},
		{"telemetry", `"at":"x"`, "at"}, {"telemetry", `"voltage":1001`, "voltage"}, {"telemetry", `"temperature":"hot"`, "temperature"}, {"telemetry", `"signal":3`, "signal"},
		{"event", `"id":""`, "id"}, {"event", `"id":"a b"`, "id"}, {"event", `"id":"` + strings.Repeat("x", 65) + `"`, "id"},
		{"event", `"seq":-1`, "seq"}, {"event", `"type":"party"`, "type"}, {"event", `"direction":"up"`, "direction"},
		{"event", `"result":"maybe"`, "result"}, {"event", `"result":""`, "result"}, {"event", `"picture":1`, "picture"},
		{"event", `"camera":"#"`, "camera"}, {"event", `"trigger":"ghost"`, "trigger"}, {"event", `"type":"movement"`, "physical"},
		{"billing", `"amount":1.5`, "amount"}, {"billing", `"amount":"5"`, "amount"}, {"billing", `"amount":1e16`, "amount"},
		{"billing", `"amount":1000000000000001`, "amount"}, {"billing", `"amount":99999999999999999999`, "amount"},
		{"billing", `"currency":"cny"`, "currency"}, {"billing", `"currency":"RMB1"`, "currency"}, {"billing", `"currency":156`, "currency"},
		{"plate", `"plate":""`, "plate"}, {"plate", `"plate":"12345678901234567"`, "plate"}, {"plate", `"confidence":101`, "confidence"},
		{"plate", `"confidence":97.5`, "confidence"}, {"plate", `"colour":"red"`, "colour"}, {"plate", `"snapshot":"a/b"`, "snapshot"},
		{"billing", `"for":""`, "for"}, {"billing", `"event":"a/b"`, "event"}, {"billing", `"corrects":1`, "corrects"},
		{"time", `"now":0`, "now"}, {"time", `"now":true`, "now"},
		{"command", `"seq":0`, "seq"}, {"command", `"ttl":0`, "ttl"}, {"command", `"ttl":30001`, "ttl"}, {"command", `"args":["in"]`, "args"},
		{"command", `"args":{"a":1}`, "args"}, {"command", `"args":{"a b":"1"}`, "args"}, {"command", `"signature":"` + strings.ToUpper(signature) + `"`, "signature"},
		{"command", `"signature":"00"`, "signature"}, {"command", `"action":""`, "action"}, {"command", `"issued":0`, "issued"},
		{"answer", `"outcome":"perhaps"`, "outcome"}, {"answer", `"id":{}`, "id"}, {"answer", `"reason":["x"]`, "reason"},
	} {
		payload := strings.TrimSuffix(good[test.decoder], "}") + "," + test.change + "}" // the last one counts
		if test.change == `"type":"movement"` {
			payload = strings.Replace(payload, `"physical"`, `"p"`, 1)
		}
		wantField(t, test.decoder, payload, test.field)
	}
}

func wantField(t *testing.T, decoder, payload, field string) {
	t.Helper()
	v, err := decoders[decoder]([]byte(payload))
	var e *wire.FieldError
	if !errors.As(err, &e) || e.Field != field || e.Problem == "" {
		t.Errorf("%s of %s: %v, want a problem of %s", decoder, payload, err, field)
	}
	if !reflect.ValueOf(v).IsZero() {
		t.Errorf("%s of %s: %+v beside an error", decoder, payload, v)
	}
}

func TestMissingFieldsAreNamed(t *testing.T) {
	t.Parallel()
	for decoder, required := range map[string][]string{
		"status": {"status"}, "state": {"at", "capabilities"}, "event": {"type", "id", "seq", "at", "result"}, "plate": {"type", "id", "seq", "at", "plate", "confidence"},
		"billing": {"id", "seq", "at", "amount", "currency", "for"}, "time": {"now"},
		"command": {"id", "seq", "action", "issued", "ttl", "signature"}, "answer": {"id", "outcome", "at"},
		"config": {"revision"}, "telemetry": {"at"},
	} {
		for _, field := range required {
			var members map[string]any
			if err := json.Unmarshal([]byte(good[decoder]), &members); err != nil {
				t.Fatal(err)
			}
			delete(members, field)
			payload, err := json.Marshal(members)
			if err != nil {
				t.Fatal(err)
			}
			wantField(t, decoder, string(payload), field)
		}
	}
}

func TestWhatIsNoJSONObjectIsNamedPayload(t *testing.T) {
	t.Parallel()
	for decoder := range decoders {
		for _, payload := range []string{
			"", "\x00", "\x00\x00{}", "null", "[]", "1", `"x"`, "{", "{}{}", "{\"status\":\"\xff\"}",
			`{"x":"` + strings.Repeat("x", wire.MaxPayload) + `"}`,
		} {
			wantField(t, decoder, payload, "payload")
		}
	}
}

// FuzzDecode shows that no payload harms a decoder, and that whatever it accepts
// it accepts again, unchanged, after encoding.
func FuzzDecode(f *testing.F) {
	for name, payload := range good {
		f.Add(name, []byte(payload))
	}
	f.Add("state", []byte("\x00{\"at\":0,\"capabilities\":null}"))
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		decode, ok := decoders[name]
		if !ok {
			return
		}
		v, err := decode(payload)
		if err != nil {
			var e *wire.FieldError
			if !errors.As(err, &e) || e.Field == "" {
				t.Fatalf("an error without a field: %v", err)
			}
			return
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if len(again) > wire.MaxPayload { // escapes can make it longer
			return
		}
		w, err := decode(again)
		if err != nil {
			t.Fatalf("%s does not come back: %v", again, err)
		}
		if b, _ := json.Marshal(w); string(b) != string(again) {
			t.Fatalf("%s came back as %s", again, b)
		}
	})
}

// FuzzTopics shows that whatever Parse accepts is the topic it came from.
func FuzzTopics(f *testing.F) {
	f.Add(wire.Topic("s1", "d1", wire.State))
	f.Add(wire.PictureTopic("s1", "d1", "e1"))
	f.Fuzz(func(t *testing.T, topic string) {
		a, err := wire.Parse(topic)
		if err != nil {
			return
		}
		back := wire.Topic(a.Site, a.Device, a.Channel)
		if a.Channel == wire.Picture {
			back = wire.PictureTopic(a.Site, a.Device, a.Event)
		}
		if back != topic {
			t.Fatalf("%q parses to %+v", topic, a)
		}
	})
}
