package wire_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"gatehouse/devices/wire"
)

func TestEveryEventTypeIsOfAKindDecodedAndDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/mqtt.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, kind := range []string{"gate", "turnstile", "camera"} {
		for _, typ := range wire.EventTypes(kind) {
			if seen[kind+typ] {
				t.Errorf("a %s says %s twice", kind, typ)
			}
			seen[kind+typ] = true
			more := map[string]string{
				"passage": `,"result":"granted"`, "movement": `,"physical":"open"`, "fault": `,"reason":"E7"`, "plate": `,"plate":"A1","confidence":90`,
			}[typ]
			if _, err := wire.DecodeEvent([]byte(`{"id":"e1","seq":1,"at":1,"type":"` + typ + `"` + more + `}`)); err != nil {
				t.Errorf("%s: %v", typ, err)
			}
			if !strings.Contains(string(text), "`"+typ+"`") {
				t.Errorf("docs/mqtt.md does not know the event %s", typ)
			}
		}
	}
	for _, reason := range wire.DenyReasons() {
		if !strings.Contains(string(text), "`"+reason+"`") {
			t.Errorf("docs/mqtt.md does not know the reason %s", reason)
		}
	}
	for kind, typ := range map[string]string{"camera": "passage", "gate": "climb_over", "unknown": "fire"} {
		if slices.Contains(wire.EventTypes(kind), typ) {
			t.Errorf("a %s says %s", kind, typ)
		}
	}
}

func TestAFaultHasItsCode(t *testing.T) {
	t.Parallel()
	wantField(t, "event", `{"id":"e1","seq":1,"at":1,"type":"fault"}`, "reason")
}
