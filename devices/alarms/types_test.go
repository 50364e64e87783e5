package alarms_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/devices/alarms"
)

func TestTheDocumentedTableIsTheTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/mqtt.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "### What is an alarm")
	section, _, _ = strings.Cut(section, "\n## ")
	var documented []alarms.Kind
	for _, m := range regexp.MustCompile("(?m)^\\| `(.+?)` \\| (.+?) \\| (.+?) \\|").FindAllStringSubmatch(section, -1) {
		documented = append(documented, alarms.Kind{Type: alarms.Type(m[1]), Severity: alarms.Severity(m[2]), Stands: m[3] == "a condition"})
	}
	if !slices.Equal(documented, alarms.Types()) {
		t.Errorf("docs/mqtt.md has %v, the table %v", documented, alarms.Types())
	}
}

func TestEveryTypeHasOneOfTheSeveritiesTheGravestFirst(t *testing.T) {
	t.Parallel()
	last := 0
	for _, k := range alarms.Types() {
		at := slices.Index(alarms.Severities(), k.Severity)
		if at < last {
			t.Errorf("%s: %q is no severity, or stands too late", k.Type, k.Severity)
		}
		last = at
	}
}
