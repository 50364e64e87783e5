package devices_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/devices"
)

// section is a part of docs/mqtt.md, up to the next heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/mqtt.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n### "+heading+"\n")
	if !found {
		t.Fatalf("docs/mqtt.md has no section %q", heading)
	}
	part, _, _ := strings.Cut(rest, "\n### ")
	return part
}

func TestTheDocumentedSettingsAreTheSettings(t *testing.T) {
	t.Parallel()
	documented := map[string]string{}
	quoted := regexp.MustCompile("`(.+?)`")
	for _, row := range regexp.MustCompile("(?m)^\\| (`.+?) \\| (.+?) \\| (.+?) \\|").FindAllStringSubmatch(section(t, "Configuration"), -1) {
		for _, name := range quoted.FindAllStringSubmatch(row[1], -1) {
			documented[name[1]] = row[2] + ": " + strings.ReplaceAll(row[3], "`", "")
		}
	}
	known := map[string]string{}
	for _, name := range devices.SettingNames() {
		limits, _ := devices.LimitsOf(name)
		values := strings.Join(limits.Options, ", ")
		if len(limits.Options) == 0 {
			values = fmt.Sprintf("%d to %d %s", limits.Min, limits.Max, limits.Unit)
		}
		var kinds []string
		for _, k := range devices.Kinds() {
			if slices.Contains(devices.SettingsFor(k), name) {
				kinds = append(kinds, string(k))
			}
		}
		if len(kinds) == len(devices.Kinds()) {
			kinds = []string{"all"}
		}
		known[name] = strings.Join(kinds, ", ") + ": " + values
	}
	for name, is := range known {
		if documented[name] != is {
			t.Errorf("%s is %q, and documented as %q", name, is, documented[name])
		}
		delete(documented, name)
	}
	if len(documented) > 0 {
		t.Errorf("documented, and no settings: %v", documented)
	}
}

func TestEveryActionOfAKindIsDocumented(t *testing.T) {
	t.Parallel()
	text := section(t, "What a device may be ordered to do")
	for _, name := range devices.Kinds() {
		kind, _ := devices.KindOf(name)
		for _, action := range kind.Actions() {
			if !regexp.MustCompile("(?m)^\\| [^|]*`" + string(action) + "`").MatchString(text) {
				t.Errorf("docs/mqtt.md has no row for %s of a %s", action, name)
			}
		}
	}
}
